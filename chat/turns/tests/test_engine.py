"""Tests of the engine with the real adapter against the fake provider's HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from bots.enums import NoEvidence
from chat.turns.asks import Ask, BotSetup
from chat.turns.engine import answer
from chat.turns.engine.evidence import fixed_answer
from chat.turns.events import CitationMade, Delta, Ended, EngineEvent, Retrieved
from chat.turns.sources import FoundSources, Source
from chat.turns.tests.ports import NoPorts, Search, route_to
from chatcms.tests.waiting import until
from providers.base import Adapter
from providers.exceptions import ProviderAuthError, ProviderStreamInterrupted
from providers.messages import Message
from providers.registry import build_adapter
from providers.tests.fake_provider import FakeProvider
from providers.types import ModelInfo, ProviderConfig

SOURCES = tuple(Source(number, uuid.uuid4(), uuid.uuid4(), "rules.txt", f"Rule {number}") for number in (1, 2))


@pytest.fixture
async def adapter(fake: FakeProvider) -> AsyncIterator[Adapter]:
    config = ProviderConfig("openai_compatible", "sk-x", fake.openai_url, allow_private_hosts=frozenset({fake.host}))
    adapter = build_adapter(config)
    yield adapter
    await adapter.aclose()


def _ask(model: str = "fake", *, history: tuple[Message, ...] = (), **bot: object) -> Ask:
    setup = BotSetup(id=uuid.uuid4(), name="Guide", model=model, **bot)  # type: ignore[arg-type]
    return Ask(question="And for two?", bot=setup, model=ModelInfo(model), history=history)


def _finding(*found: bool) -> tuple[Search, list[tuple[str, ...]]]:
    asked: list[tuple[str, ...]] = []

    async def search(wordings: Sequence[str]) -> FoundSources:
        asked.append(tuple(wordings))
        good = found[len(asked) - 1]
        return FoundSources(SOURCES if good else (), good)

    return search, asked


async def _events(ask: Ask, adapter: Adapter, search: Search | None) -> list[EngineEvent]:
    return [event async for event in answer(ask, routes=[route_to(adapter, ask)], ports=NoPorts(search))]


def _text(events: list[EngineEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def test_an_answer_is_found_streamed_cited_and_ended(adapter: Adapter) -> None:
    events = await _events(_ask("cite"), adapter, _finding(True)[0])

    assert isinstance(events[0], Retrieved)
    assert events[0].sources == SOURCES
    assert events[0].prompt_tokens > 0
    assert _text(events) == "According to the documents [1] the answer has two parts [2]."
    assert [event.source.number for event in events if isinstance(event, CitationMade)] == [1, 2]
    assert isinstance(events[-1], Ended)
    assert events[-1].finish_reason == "stop"
    assert events[-1].usage is not None


async def test_a_strict_bot_says_its_own_sentence_when_the_model_finds_no_answer_in_the_passages(
    adapter: Adapter,
) -> None:
    ask = _ask("no-answer")
    events = await _events(ask, adapter, _finding(True)[0])

    assert _text(events) == fixed_answer(ask.bot)
    assert isinstance(events[-1], Ended)
    assert not events[-1].is_held


async def test_one_that_hands_over_does_so_for_the_model_that_finds_no_answer(adapter: Adapter) -> None:
    ask = _ask("no-answer", no_evidence=NoEvidence.HANDOFF)
    events = await _events(ask, adapter, _finding(True)[0])

    assert _text(events) == fixed_answer(ask.bot)
    assert isinstance(events[-1], Ended)
    assert (events[-1].answered_by, events[-1].is_held) == (NoEvidence.HANDOFF, False)
    assert events[-1].usage is not None
    assert events[-1].usage.input_tokens > 0


async def test_one_that_answers_anyway_lets_the_model_say_that_it_found_no_answer(adapter: Adapter) -> None:
    events = await _events(_ask("no-answer", no_evidence=NoEvidence.ANSWER_ANYWAY), adapter, _finding(True)[0])

    assert _text(events) == "The documents say nothing about it."
    assert isinstance(events[-1], Ended)
    assert not events[-1].is_held


async def test_the_mark_after_words_is_followed_by_the_bots_own_sentence(adapter: Adapter) -> None:
    ask = replace(_ask("echo", no_evidence_message="Not in my papers."), question="[0]")

    text = _text(await _events(ask, adapter, _finding(True)[0]))

    assert text.startswith("<passages")
    assert text.endswith("\n\nNot in my papers.")


async def test_without_passages_the_mark_is_text(adapter: Adapter) -> None:
    events = await _events(replace(_ask("echo"), question="[0] is first"), adapter, None)

    assert _text(events) == "[0] is first"
    assert isinstance(events[-1], Ended)
    assert events[-1].is_held


async def test_characters_that_are_cut_between_reads_arrive_whole(adapter: Adapter) -> None:
    assert _text(await _events(_ask("unicode"), adapter, None)) == "Grüße, мир — 日本語 👩‍👩‍👧 e\u0301 𝕏"


@pytest.mark.parametrize("manner", [NoEvidence.SAY_SO, NoEvidence.ASK_BACK, NoEvidence.HANDOFF])
async def test_without_evidence_a_fixed_sentence_answers_and_no_model_is_asked(
    adapter: Adapter, fake: FakeProvider, manner: NoEvidence
) -> None:
    ask = _ask(no_evidence=manner)

    events = await _events(ask, adapter, _finding(False)[0])

    assert events[0] == Retrieved((), has_evidence=False)
    assert _text(events) == fixed_answer(ask.bot)
    assert fake.stats()["requests"] == 0


async def test_the_bots_own_sentence_goes_before_ours(adapter: Adapter) -> None:
    ask = _ask(no_evidence=NoEvidence.HANDOFF, no_evidence_message="Call Ann.")

    assert _text(await _events(ask, adapter, _finding(False)[0])) == "Call Ann."


async def test_a_bot_that_answers_anyway_is_asked_without_passages(adapter: Adapter, fake: FakeProvider) -> None:
    events = await _events(_ask("cite", no_evidence=NoEvidence.ANSWER_ANYWAY), adapter, _finding(False)[0])

    assert not [event for event in events if isinstance(event, CitationMade)]
    assert "does not come from the documents" in fake.stats()["last_body"]["messages"][-1]["content"]


async def test_a_question_is_searched_with_the_one_before_first_and_alone(adapter: Adapter) -> None:
    search, asked = _finding(True)
    history = (Message.of("user", "What does a ticket cost?"), Message.of("assistant", "Five."))

    events = await _events(_ask(history=history), adapter, search)

    assert asked == [("What does a ticket cost?\nAnd for two?", "And for two?")]
    assert isinstance(events[0], Retrieved)
    assert events[0].has_evidence


async def test_a_bot_without_datasets_just_answers(adapter: Adapter) -> None:
    events = await _events(_ask(), adapter, None)

    assert isinstance(events[0], Retrieved)
    assert events[0].has_evidence is None
    assert _text(events)


async def test_a_refused_key_fails_before_the_first_word(adapter: Adapter) -> None:
    with pytest.raises(ProviderAuthError):
        await _events(_ask("fail-401"), adapter, None)


async def test_what_came_before_a_break_is_yielded(adapter: Adapter) -> None:
    events: list[EngineEvent] = []

    with pytest.raises(ProviderStreamInterrupted):
        ask = _ask("cut-5")
        async for event in answer(ask, routes=[route_to(adapter, ask)], ports=NoPorts()):
            events.append(event)

    assert len(_text(events).split()) == 5


async def test_closing_the_engine_closes_the_upstream(adapter: Adapter, fake: FakeProvider) -> None:
    ask = _ask("slow-50")
    events = answer(ask, routes=[route_to(adapter, ask)], ports=NoPorts())
    async for event in events:
        if isinstance(event, Delta):
            break
    await events.aclose()

    await until(lambda: fake.stats()["open"] == 0)
    assert fake.stats()["aborted"] == 1
