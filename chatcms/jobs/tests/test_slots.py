"""The slots of a worker: bounded, one kept for newcomers, and free again however the process that had it ended."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context

import pytest

from chatcms.jobs import runner, services, slots
from chatcms.jobs.slots import Slot, Slots

_FORK = get_context("fork")


def hold(shared: Slots, queue: str, taken: object) -> None:
    with shared.taken(queue) as slot:
        taken.send(slot)  # type: ignore[attr-defined]
        signal.pause()


class Holder:
    """A process of the worker that has a slot, as long as it lives."""

    def __init__(self, shared: Slots, queue: str) -> None:
        here, there = _FORK.Pipe()
        self.process = _FORK.Process(target=hold, args=(shared, queue, there), daemon=True)
        self.process.start()
        self.slot: Slot | None = here.recv()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(stack: ExitStack, usual: dict[str, int]) -> Slots:
    shared = Slots(usual)
    stack.callback(shared.close)
    return shared


def held(stack: ExitStack, shared: Slots, queue: str) -> Holder:
    holder = Holder(shared, queue)
    stack.callback(holder.kill)
    return holder


def test_the_last_slot_is_for_newcomers_and_then_there_is_none(stack: ExitStack) -> None:
    shared = opened(stack, {"default": 2, "short": 1})
    assert [held(stack, shared, "default").slot for _ in range(4)] == [Slot(), Slot(), Slot(for_newcomers=True), None]


def test_each_queue_has_its_own(stack: ExitStack) -> None:
    shared = opened(stack, {"default": 1, "short": 1})
    assert [held(stack, shared, queue).slot for queue in ("default", "short")] == [Slot(), Slot()]
    assert held(stack, shared, "default").slot == Slot(for_newcomers=True)
    assert held(stack, shared, "short").slot == Slot(for_newcomers=True)


def test_a_killed_process_gives_its_slot_back(stack: ExitStack) -> None:
    shared = opened(stack, {"default": 1})
    killed = held(stack, shared, "default")
    held(stack, shared, "default")
    killed.kill()
    with shared.taken("default") as slot:
        assert slot == Slot()


def test_without_a_slot_nothing_is_claimed(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = opened(stack, {"default": 0})
    held(stack, shared, "default")
    monkeypatch.setattr(slots, "_slots", shared)
    monkeypatch.setattr(services, "claim_next", lambda **_: pytest.fail("a job was claimed"))
    assert not runner.run_next(queue="default")
