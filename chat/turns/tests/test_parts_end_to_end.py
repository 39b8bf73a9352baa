"""Through the chat API, from both wire formats: words, images, tools, JSON, thoughts, refusals, cached usage.

Streamed and whole from the vendor, streamed and whole to the client, and resumed after every single event.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse, StreamingHttpResponse

from bots.models import Bot
from bots.services import create_bot
from chat.enums import Channel
from chat.models import Message, Usage
from chat.turns.asks import NO_WANTS, Wants
from chat.turns.entrance import Known, Question
from chat.turns.live.position import START, Position
from chat.turns.services.resumption import reading
from chat.turns.services.run import begin
from chat.turns.services.start import start_turn
from chat.turns.serving.events import DocumentFace, EventsFace
from chat.turns.turn import Turn
from providers.messages import FilePart, ImagePart, OutputSchema, Tool
from providers.services import create_provider
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
PRICES = {
    "input_price": "2",
    "output_price": "10",
    "cache_read_price": "0.2",
    "cache_write_price": "2.5",
    "reasoning_price": "20",
}
ABLE = dict.fromkeys(
    ("supports_vision", "supports_files", "supports_tools", "supports_json", "supports_output_schema"), True
)
LOOKUP = Tool("lookup", "Looks the weather up.")
PERSON = OutputSchema("person", {"type": "object", "properties": {"name": {"type": "string"}}})
CALL = {"type": "tool_call", "id": "call_0", "name": "lookup"}


@dataclass(frozen=True)
class Case:
    """A script of the fake model, what is asked of it, and what has to come of it."""

    model: str
    text: str
    wants: Wants = NO_WANTS
    part: dict[str, Any] | None = None
    finish: str = "stop"


CASES = [
    Case("cached", "It is forty-two."),
    Case("think", "It is forty-two."),
    Case(
        "look",
        "image of type image/png: b'png'\nfile a.pdf of type application/pdf: b'%PDF'\n",
        Wants(parts=(ImagePart("image/png", b"png"), FilePart("a.pdf", "application/pdf", b"%PDF"))),
    ),
    Case("tools", "Let me look. ", Wants(tools=(LOOKUP,)), CALL, "tool_calls"),
    Case("json", '{"name":"forty-two"}', Wants(output=PERSON)),
    Case("refuse", "I cannot help with that.", part={"type": "refusal", "text": "I cannot help with that."}),
]
Events = list[tuple[str, dict[str, Any], str]]


@pytest.fixture(params=["openai_compatible", "anthropic"])
def bot_for(request: pytest.FixtureRequest, acme: Tenant, fake: FakeProvider) -> Callable[[str], Bot]:
    """Make a bot of acme whose provider speaks one of the wire formats."""

    def make(model: str) -> Bot:
        address = fake.anthropic_url if request.param == "anthropic" else fake.openai_url
        models = [{"id": model, **PRICES, **ABLE}]
        with tenant_scope(acme):
            provider = create_provider(
                by=SYSTEM,
                name="Fake",
                provider_type=request.param,
                api_key="sk-of-acme",
                config={"base_url": address, "models": models},
            )
            return create_bot(by=SYSTEM, name="Guide", model=model, tenant_ai_provider_id=provider.pk)

    return make


def started(acme: Tenant, bot: Bot, case: Case) -> Turn:
    with tenant_scope(acme):
        return start_turn(
            Question(by=SYSTEM, tenant=acme, bot=bot, text="As JSON, please.", channel=Channel.API, wants=case.wants)
        ).turn


def events_of(data: bytes) -> Events:
    """The events of a stream: name, data, id."""
    found = []
    for block in data.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"]), lines["id"]))
    return found


async def streamed(response: Any) -> Events:
    assert isinstance(response, StreamingHttpResponse), response.content
    return events_of(b"".join([piece async for piece in response]))


def asked_whole(turn: Turn) -> HttpResponse:
    async def answered() -> Any:
        return await DocumentFace(by=SYSTEM).answered(begin(turn))

    response: HttpResponse = async_to_sync(answered)()
    return response


def text_of(events: Events) -> str:
    return "".join(data["text"] for name, data, _ in events if name == "delta")


def without_arguments(part: dict[str, Any]) -> dict[str, Any]:
    """A part as it is compared: the arguments of a call are JSON that each vendor writes in its own way."""
    if "arguments" in part:
        assert json.loads(part["arguments"]) == {"city": "Paris", "days": 3}
    return {name: value for name, value in part.items() if name not in {"index", "arguments"}}


@pytest.mark.parametrize("form", ["", "-whole"], ids=["streamed", "whole"])
@pytest.mark.parametrize("case", CASES, ids=[case.model for case in CASES])
class TestEveryWireFormat:
    def test_an_answer_is_streamed_kept_and_resumed_after_every_event(
        self, acme: Tenant, bot_for: Callable[[str], Bot], case: Case, form: str
    ) -> None:
        turn = started(acme, bot_for(case.model + form), case)

        async def told() -> tuple[Events, list[Events]]:
            events = await streamed(await EventsFace(by=SYSTEM).answered(begin(turn)))
            with tenant_scope(acme):
                message = await Message.objects.select_related("conversation").aget(pk=turn.message_id)
            resumed = []
            for _, _, at in [("", {}, ""), *events]:
                after = Position.parse(at) if at else START
                rest = EventsFace(by=SYSTEM, after=after, first_word_seconds=0.0)
                resumed.append(await streamed(await rest.answered(reading(Known(message, SYSTEM, acme)))))
            return events, resumed

        events, resumed = async_to_sync(told)()
        assert text_of(events) == case.text
        parts = [without_arguments(data) for name, data, _ in events if name == "part"]
        assert parts == ([case.part] if case.part else [])
        assert events[-1][0] == "done"
        assert events[-1][1]["finish_reason"] in {case.finish, "content_filter" if case.part else ""}
        assert all(at.count(".") == 3 for _, _, at in events) is (case.part is None)

        for had, rest in enumerate(resumed):
            before = events[:had]
            assert "reset" not in {name for name, _, _ in rest}
            assert text_of(before) + text_of(rest) == case.text
            others = [(name, data) for name, data, _ in [*before, *rest] if name != "delta"]
            assert others == [(name, data) for name, data, _ in events if name != "delta"]

    def test_an_answer_is_one_document(
        self, acme: Tenant, bot_for: Callable[[str], Bot], case: Case, form: str
    ) -> None:
        turn = started(acme, bot_for(case.model + form), case)

        response = asked_whole(turn)

        document = json.loads(response.content)
        assert document["answer"] == case.text
        parts = [without_arguments(part) for part in document.get("parts", []) if part["type"] != "text"]
        assert parts == ([case.part] if case.part else [])
        assert ("parts" in document) is (case.part is not None)


@pytest.mark.parametrize("form", ["", "-whole"], ids=["streamed", "whole"])
def test_cached_tokens_are_told_kept_and_booked_as_the_vendor_bills_them(
    acme: Tenant, bot_for: Callable[[str], Bot], form: str
) -> None:
    turn = started(acme, bot_for(f"cached{form}"), CASES[0])

    response = asked_whole(turn)

    usage = json.loads(response.content)["usage"]
    assert (usage["cache_read_tokens"], usage["cache_write_tokens"], usage["reasoning_tokens"]) == (1024, 512, 1)
    bill = 464 * 2 + 1024 * Decimal("0.2") + 512 * Decimal("2.5") + 1 * 10 + 1 * 20
    assert Decimal(usage["cost"]) * 1_000_000 == bill
    with tenant_scope(acme):
        row = Usage.objects.get()
    assert (row.prompt_tokens, row.cache_read_tokens, row.cache_write_tokens) == (2000, 1024, 512)
    assert row.cost == Decimal(usage["cost"])
