"""A question that came in is one value, and one response serves it."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponseBase

from bots.selectors import bot_by_ref
from chat.enums import Channel, MessageStatus
from chat.inbox.services.takeover import take_over
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Entered, Known, Left, Question, Started
from chat.turns.live.committer import committer
from chat.turns.services.idempotency import asked_once
from chat.turns.services.left_questions import start_or_leave
from chat.turns.services.start import start_turn
from chat.turns.serving.events import DocumentFace, EventsFace
from chat.turns.serving.faces import Face
from chat.turns.serving.response import TurnResponse
from chat.turns.tests.ports import route_to
from chatcms.core.exceptions import IdempotencyKeyReusedError
from chatcms.tests.waiting import until
from providers.base import Adapter
from providers.exceptions import ProviderUnavailable
from providers.messages import StreamEvent
from providers.types import ChatRequest
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.services.idempotency import Asked
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

KEY = Asked("0" * 64, "f" * 64, None)


@pytest.fixture
def question(acme: Tenant, make_bot: MakeBot) -> Question:
    """A question to a bot that repeats it."""
    make_bot("echo")
    with tenant_scope(acme):
        bot = bot_by_ref("guide")
    return Question(by=SYSTEM, tenant=acme, bot=bot, text="Why?", channel=Channel.API)


def served(entered: Entered, face: Face | None = None) -> HttpResponseBase:
    """The response, made on an event loop."""
    made: HttpResponseBase = async_to_sync(TurnResponse(entered, face or DocumentFace(by=SYSTEM)).made)()
    return made


def document_of(response: HttpResponseBase) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(cast(Any, response).content)
    return document


def test_a_started_turn_is_answered(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        started = start_turn(question)

    document = document_of(served(started))

    assert document["message_id"] == str(started.turn.message_id)
    assert "Why?" in document["answer"]


def test_a_known_answer_is_given_once_more(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        started = start_turn(question)
    first = document_of(served(started))
    with tenant_scope(acme):
        answer = Message.objects.select_related("conversation").get(pk=started.turn.message_id)

    again = document_of(served(Known(answer, SYSTEM, acme)))

    assert again["answer"] == first["answer"]
    assert "Idempotency-Replayed" not in TurnResponse(Known(answer, SYSTEM, acme), DocumentFace(by=SYSTEM)).headers


def test_a_question_in_a_persons_conversation_is_left_for_them(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        start_turn(question)
        conversation = Conversation.objects.get()
        take_over(by=SYSTEM, conversation=conversation, name="Ann")
        left = start_or_leave(replace(question, conversation_id=conversation.pk))

    assert isinstance(left, Left)
    response = served(left)
    assert response.status_code == 202
    assert document_of(response)["person"] == {"name": "Ann"}
    events = cast(Any, served(left, EventsFace(by=SYSTEM))).content
    assert [line for line in events.decode().split("\n") if line.startswith("event")] == [
        "event: conversation",
        "event: person",
    ]


def test_a_question_with_a_key_is_begun_once(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        with asked_once(KEY, by=SYSTEM, tenant=acme) as once:
            assert once.known is None
            started = once.noted(start_turn(question))
        served(started)
        with asked_once(KEY, by=SYSTEM, tenant=acme) as once:
            known = once.known

    assert isinstance(known, Known)
    assert known.answer.pk == started.turn.message_id
    assert TurnResponse(known, DocumentFace(by=SYSTEM)).headers["Idempotency-Replayed"] == "true"


def test_a_key_of_another_question_is_refused(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        with asked_once(KEY, by=SYSTEM, tenant=acme) as once:
            once.noted(start_turn(question))
        with (
            pytest.raises(IdempotencyKeyReusedError),
            asked_once(replace(KEY, fingerprint="0" * 64), by=SYSTEM, tenant=acme),
        ):
            pass


def test_a_key_whose_question_could_not_be_begun_stays_free(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        with pytest.raises(LookupError), asked_once(KEY, by=SYSTEM, tenant=acme) as once:
            once.noted(start_turn(question))
            raise LookupError
        with asked_once(KEY, by=SYSTEM, tenant=acme) as once:
            assert once.known is None
        assert not Message.objects.exists()


def test_a_turn_that_nobody_waits_for_is_ended(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        started = start_turn(question)

    async def abandoned() -> None:
        TurnResponse(started, DocumentFace(by=SYSTEM)).abandon()
        await until(lambda: committer().find(started.turn.message_id) is None)

    async_to_sync(abandoned)()

    with tenant_scope(acme):
        assert Message.objects.get(pk=started.turn.message_id).status == MessageStatus.STOPPED


class Witness:
    """An adapter that sees by which functions of ours it is called, and answers nothing."""

    def __init__(self) -> None:
        self.callers: list[str] = []

    async def stream_chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Look at the stack, and fail."""
        frames = [frame for frame in inspect.stack()[1:] if frame.frame.f_globals["__name__"].startswith("chat.")]
        self.callers = [frame.function for frame in frames]
        nothing: tuple[StreamEvent, ...] = ()
        for event in nothing:
            yield event
        raise ProviderUnavailable


def test_from_the_event_loop_to_the_adapter_it_is_four_calls(question: Question, acme: Tenant) -> None:
    with tenant_scope(acme):
        turn = start_turn(question).turn
    witness = Witness()
    routes = (route_to(cast(Adapter, witness), turn.ask),)

    served(Started(replace(turn, routes=routes)))

    assert witness.callers == ["_asked", "answer", "run_turn", "_work"]
