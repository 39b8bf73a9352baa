"""A handler that does what the test says, and hints that are only counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from chatcms.core.db.tenantdb import state
from chatcms.jobs import hints, registry
from chatcms.jobs.enums import Queue

KIND = "test.work"
SHORT_KIND = "test.short"


@dataclass
class Recorder:
    """What the handler was asked to do, in which schema; `act` is what it does."""

    ran: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    given_up: list[tuple[uuid.UUID, str, str]] = field(default_factory=list)
    revived: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    act: Callable[[uuid.UUID], None] = lambda _target: None

    def run(self, target_id: uuid.UUID) -> None:
        self.ran.append((target_id, state.current().schema_name))
        self.act(target_id)

    def give_up(self, target_id: uuid.UUID, reason: str) -> None:
        self.given_up.append((target_id, state.current().schema_name, reason))

    def revive(self, target_id: uuid.UUID) -> None:
        self.revived.append((target_id, state.current().schema_name))

    @property
    def handler(self) -> registry.Handler:
        return registry.Handler(run=self.run, give_up=self.give_up, revive=self.revive)


@dataclass
class Broker:
    """Takes hints, or is away."""

    sent: list[str] = field(default_factory=list)
    away: bool = False

    def publish(self, queue: str) -> bool:
        if not self.away:
            self.sent.append(queue)
        return not self.away


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """The handler of jobs of the kind `KIND`."""
    recorder = Recorder()
    monkeypatch.setattr(registry, "_handlers", {})
    registry.register(KIND, recorder.handler)
    registry.register(SHORT_KIND, replace(recorder.handler, queue=Queue.SHORT))
    yield recorder


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Instead of Celery."""
    fake = Broker()
    monkeypatch.setattr(hints, "publish", fake.publish)
    return fake
