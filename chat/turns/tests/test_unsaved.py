"""An answer that ends while the database is away is kept, whatever becomes of its process, and saved once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone

from bots.selectors import bot_by_ref
from chat.enums import Channel, MessageStatus
from chat.models import Message, Usage
from chat.money.services.ledger import Reservation
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Question
from chat.turns.live.store import TurnKey
from chat.turns.services import abandonment, shelf
from chat.turns.services.abandonment import abandon
from chat.turns.services.settlement import Ending
from chat.turns.services.start import start_turn
from chat.turns.turn import TenantRef
from chatcms.core.db.tenantdb import watch
from chatcms.tests import live
from chatcms.tests.faulty import Line, line_to_the_database
from chatcms.tests.waiting import wait_until
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import Actor

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS: dict[str, Callable[[Line], None]] = {"refused": Line.cut, "stopped": Line.hang}


@pytest.fixture
def line(running_fake: FakeProvider) -> Iterator[tuple[Line, str]]:
    with line_to_the_database() as (line, url):
        extra = {"DATABASE_URL": url, "EGRESS_PRIVATE_HOSTS": running_fake.host}
        with live.web_server(extra=extra) as address:
            yield line, address


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_ends_while_the_database_is_away_is_saved_once_when_it_is_back(
    fault: str, line: tuple[Line, str], make_bot: MakeBot, acme: Tenant, api_key: str
) -> None:
    database, address = line
    make_bot("slow-200")
    asked = {"message": "Why?", "stream": True}
    headers = {"authorization": f"Bearer {api_key}"}
    heard = ""
    with httpx.stream("POST", f"{address}/v1/chat/bots/guide/messages", json=asked, headers=headers, timeout=60) as got:
        for text in got.iter_text():
            if not heard:
                FAULTS[fault](database)
            heard += text
    assert "answer_not_saved" in heard
    with tenant_scope(acme):
        assert Message.objects.get(role="assistant").status == MessageStatus.STREAMING
    database.mend()

    def saved() -> bool:
        with tenant_scope(acme):
            return Message.objects.get(role="assistant").status == MessageStatus.COMPLETE

    wait_until(saved, "that the answer is saved")
    with tenant_scope(acme):
        answer, usage = Message.objects.get(role="assistant"), Usage.objects.get()
    assert answer.content
    assert usage.completion_tokens == 8
    assert usage.cost is not None
    assert usage.cost > Decimal(0)


def test_an_answer_whose_process_is_killed_in_an_outage_is_saved_by_the_next_one(
    running_fake: FakeProvider, make_bot: MakeBot, acme: Tenant, api_key: str, tmp_path: Path
) -> None:
    make_bot("slow-200")
    asked, headers = {"message": "Why?", "stream": True}, {"authorization": f"Bearer {api_key}"}
    heard = ""
    with line_to_the_database() as (database, url):
        extra = {"DATABASE_URL": url, "EGRESS_PRIVATE_HOSTS": running_fake.host, "MEDIA_ROOT": str(tmp_path)}
        with live.web_server(extra=extra, log=tmp_path / "web.log") as address:
            at = f"{address}/v1/chat/bots/guide/messages"
            with httpx.stream("POST", at, json=asked, headers=headers, timeout=60) as got:
                for text in got.iter_text():
                    if not heard:
                        database.cut()
                    heard += text
            assert "answer_not_saved" in heard
            kept = list((tmp_path / shelf.FOLDER).iterdir())
            assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
            sealed = [path.read_bytes() for path in kept]
    answer = only_answer(acme)
    # As the worker does that finds no sign of life.
    with tenant_scope(acme):
        assert abandon(TurnKey(acme.id, answer.pk))
    with live.web_server(extra={"MEDIA_ROOT": str(tmp_path)}):
        wait_until(lambda: only_answer(acme).status == MessageStatus.COMPLETE, "that the answer is saved")
        wait_until(lambda: not any((tmp_path / shelf.FOLDER).iterdir()), "that its file is erased")
    said = only_answer(acme).content
    assert said
    assert said not in (tmp_path / "web.log").read_text()
    assert said.encode() not in b"".join(sealed)


def only_answer(tenant: Tenant) -> Message:
    with tenant_scope(tenant):
        return Message.objects.get(role="assistant")


class TestTheShelf:
    """What is written of an answer, and who may take it up."""

    @pytest.fixture(autouse=True)
    def folder(self, settings: Any, tmp_path: Path) -> Path:
        settings.MEDIA_ROOT = tmp_path
        return tmp_path / shelf.FOLDER

    @pytest.fixture
    def ending(self) -> Ending:
        values = {
            "answer": uuid4(), "attempt": 1, "content": "Because.", "usage": uuid4(), "bot": uuid4(), "curated": None,
            "cited": [uuid4()], "cost": Decimal("0.00007"), "day": date(2026, 11, 30), "has_evidence": None,
        }  # fmt: skip
        reservation = Reservation(Decimal("0.5"), (uuid4(),))
        return Ending(TenantRef(uuid4(), "t_acme"), uuid4(), values, reservation, hands_over=True)

    def test_what_was_put_there_is_read_as_it_was_once_its_process_is_gone(self, ending: Ending) -> None:
        shelved = shelf.put(ending)
        assert shelved is not None
        assert list(shelf.left_behind()) == []
        shelved.file.close()
        [(found, taken)] = shelf.left_behind()
        assert found == ending
        assert list(shelf.left_behind()) == []
        taken.drop()
        assert not any(taken.path.parent.iterdir())

    def test_it_is_sealed_and_for_nobody_else(self, ending: Ending) -> None:
        shelved = shelf.put(ending)
        assert shelved is not None
        assert b"Because" not in shelved.path.read_bytes()
        assert shelved.path.stat().st_mode & 0o777 == 0o600
        assert shelved.path.parent.stat().st_mode & 0o777 == 0o700
        shelved.drop()

    def test_what_cannot_be_read_keeps_nothing_else_waiting(self, ending: Ending, folder: Path) -> None:
        shelved = shelf.put(ending)
        assert shelved is not None
        shelved.file.close()
        (folder / f"0{shelf.SUFFIX}").write_bytes(b"no such thing")
        [(found, taken)] = shelf.left_behind()
        assert found == ending
        taken.drop()

    def test_a_full_disk_leaves_it_in_memory_and_says_nothing_of_its_text(
        self, ending: Ending, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder.write_text("in the way")
        assert shelf.put(ending) is None
        assert "waits in memory alone" in caplog.text
        assert "Because" not in caplog.text


def test_just_after_an_outage_nothing_is_given_up(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "last_outage", lambda: watch.Outage(began=900, ended=30))
    monkeypatch.setattr(abandonment, "_lost", lambda _: pytest.fail("answers were looked at"))
    assert abandonment.fail_abandoned(tenant=in_acme) == 0


def test_an_old_answer_that_a_process_still_gives_signs_of_life_for_is_left_alone(
    in_acme: Tenant, make_bot: MakeBot, by_owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bot()
    turn = start_turn(
        Question(by=by_owner, tenant=in_acme, bot=bot_by_ref("guide"), text="Why?", channel=Channel.API)
    ).turn
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    monkeypatch.setattr(abandonment, "is_made", lambda key: key.message_id == turn.message_id)
    assert abandonment.fail_abandoned(tenant=in_acme) == 0
    monkeypatch.setattr(abandonment, "is_made", lambda _key: False)
    assert abandonment.fail_abandoned(tenant=in_acme) == 1
