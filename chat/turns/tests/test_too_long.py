"""A model that refuses a prompt as too long is asked once more with a shorter one, and what it reads is remembered."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from asgiref.sync import async_to_sync

from bots.models import Bot
from chat.models import Message as SavedMessage
from chat.tests.fixtures import MakeBot
from chat.turns.asks import Ask, BotSetup, ModelRoute
from chat.turns.engine import answer
from chat.turns.engine import prompt as prompts
from chat.turns.events import (
    CitationMade,
    ConversationStarted,
    Delta,
    Ended,
    EngineEvent,
    LimitLearned,
    Rerouted,
    Restarted,
    Retrieved,
    TurnEvent,
)
from chat.turns.live.position import START, Rest
from chat.turns.services.dry_run import Answer, ask_of, collect
from chat.turns.sources import FoundSources, Source
from chat.turns.tests.ports import NoPorts, route_to
from datasets.models import Dataset
from providers.base import Adapter
from providers.connect import Access
from providers.exceptions import ProviderPromptTooLong
from providers.messages import Message
from providers.models import TenantAIProvider
from providers.registry import build_adapter
from providers.selectors import model_info
from providers.tests.fake_provider import FakeProvider
from providers.types import ModelInfo, ProviderConfig
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories

PASSAGE = "Returns of goods that were bought in a shop take thirty days, and the receipt is needed. " * 12
SOURCES = tuple(
    Source(number, uuid.uuid4(), uuid.uuid4(), f"rules-{number}.txt", f"{number}. {PASSAGE}") for number in range(1, 17)
)
HISTORY = tuple(Message.of(role, f"{role} said: {PASSAGE}") for _ in range(10) for role in ("user", "assistant"))


@pytest.fixture
async def adapter(fake: FakeProvider) -> AsyncIterator[Adapter]:
    adapter = build_adapter(config_of(fake))
    yield adapter
    await adapter.aclose()


def config_of(fake: FakeProvider) -> ProviderConfig:
    return ProviderConfig("openai_compatible", "sk-x", fake.openai_url, allow_private_hosts=frozenset({fake.host}))


def make_ask(model: str, *, context: int | None = None, history: tuple[Message, ...] = (), **bot: Any) -> Ask:
    setup = BotSetup(id=uuid.uuid4(), name="Guide", model=model, fence="5f1e0c7a", **bot)
    return Ask(question="How long?", bot=setup, model=ModelInfo(model, context_tokens=context), history=history)


def finding(*sources: Source) -> Callable[[Sequence[str]], Awaitable[FoundSources]]:
    async def search(_texts: Sequence[str]) -> FoundSources:
        return FoundSources(sources, has_evidence=True)

    return search


async def events_of(
    ask: Ask, adapter: Adapter, *sources: Source, fallbacks: Sequence[ModelRoute] = ()
) -> list[EngineEvent]:
    ports = NoPorts(finding(*sources) if sources else None)
    routes = [route_to(adapter, ask), *fallbacks]
    return [event async for event in answer(ask, routes=routes, ports=ports)]


def only(events: list[EngineEvent], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


# --- the engine ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1200, 2000, 3000])
@pytest.mark.parametrize("context", [None, 8192, 128_000])
@pytest.mark.parametrize("max_tokens", [None, 300, 100_000])
async def test_the_prompt_is_cut_to_the_limit_that_the_provider_names(
    adapter: Adapter, fake: FakeProvider, limit: int, context: int | None, max_tokens: int | None
) -> None:
    ask = make_ask(f"reads-{limit}", context=context, history=HISTORY, max_tokens=max_tokens)
    events = await events_of(ask, adapter, *SOURCES)

    first, second = only(events, Retrieved)
    assert len(second.sources) < len(first.sources)
    assert second.prompt_tokens < min(limit, first.prompt_tokens)
    assert only(events, LimitLearned) == [LimitLearned(limit, is_named=True)]
    assert isinstance(events[-1], Ended)
    assert fake.stats()["by_path"]["/v1/chat/completions"] == 2


@pytest.mark.parametrize(("context", "cut_to"), [(None, 4096), (6000, 3000)])
async def test_without_a_limit_half_of_the_context_is_tried(adapter: Adapter, context: int | None, cut_to: int) -> None:
    events = await events_of(make_ask("reads-3000-quietly", context=context), adapter, *SOURCES)

    assert only(events, LimitLearned) == [LimitLearned(cut_to, is_named=False)]
    assert isinstance(events[-1], Ended)


async def test_where_half_of_the_context_is_more_than_was_sent_half_of_that_is_tried(adapter: Adapter) -> None:
    events = await events_of(make_ask("reads-4096-quietly", context=200_000), adapter, *SOURCES)

    (learned,) = only(events, LimitLearned)
    assert learned.tokens < 4096
    assert not learned.is_named
    assert isinstance(events[-1], Ended)


async def test_what_is_cited_is_what_the_second_prompt_holds(adapter: Adapter) -> None:
    events = await events_of(make_ask("reads-1200"), adapter, *SOURCES)

    told = only(events, Retrieved)[-1].sources
    cited = [event.source for event in only(events, CitationMade)]
    assert cited
    assert all(source in told for source in cited)
    at = [type(event) for event in events]
    assert at.index(LimitLearned) > max(index for index, kind in enumerate(at) if kind is Retrieved)
    assert at.index(LimitLearned) < at.index(Delta)


async def test_a_prompt_that_fits_is_sent_once_and_told_once(adapter: Adapter, fake: FakeProvider) -> None:
    events = await events_of(make_ask("reads-6000"), adapter, *SOURCES[:4])

    assert len(only(events, Retrieved)) == 1
    assert not only(events, LimitLearned)
    assert fake.stats()["by_path"]["/v1/chat/completions"] == 1


@pytest.mark.parametrize("model", ["fail-context", "reads-20", "reads-20-quietly"])
async def test_it_is_asked_once_more_and_no_more(adapter: Adapter, fake: FakeProvider, model: str) -> None:
    with pytest.raises(ProviderPromptTooLong):
        await events_of(make_ask(model), adapter, *SOURCES)
    assert fake.stats()["by_path"]["/v1/chat/completions"] <= 2


async def test_what_cannot_be_made_shorter_is_not_sent_again(adapter: Adapter, fake: FakeProvider) -> None:
    with pytest.raises(ProviderPromptTooLong):
        await events_of(replace(make_ask("reads-100-quietly"), question=PASSAGE), adapter)
    assert fake.stats()["by_path"]["/v1/chat/completions"] == 1


async def test_an_answer_that_is_allowed_too_long_is_shortened_too(adapter: Adapter, fake: FakeProvider) -> None:
    events = await events_of(make_ask("reads-2000", max_tokens=1900), adapter, *SOURCES[:2])

    assert only(events, LimitLearned) == [LimitLearned(2000, is_named=True)]
    assert isinstance(events[-1], Ended)


async def test_the_next_model_is_asked_when_the_shorter_prompt_is_refused_too(
    adapter: Adapter, fake: FakeProvider
) -> None:
    route = ModelRoute("Other", ModelInfo("reads-1200"), Access(config_of(fake)))
    events = await events_of(make_ask("fail-context"), adapter, *SOURCES, fallbacks=(route,))

    kinds = [type(event) for event in events]
    assert kinds.index(Rerouted) < kinds.index(LimitLearned)
    assert only(events, LimitLearned) == [LimitLearned(1200, is_named=True)]
    told = only(events, Retrieved)[-1]
    assert told.prompt_tokens < 1200
    assert isinstance(events[-1], Ended)


async def test_a_fallback_that_reads_less_tells_of_its_own_prompt(adapter: Adapter, fake: FakeProvider) -> None:
    route = ModelRoute("Other", ModelInfo("cite", context_tokens=1500), Access(config_of(fake)))
    events = await events_of(make_ask("fail-500"), adapter, *SOURCES, fallbacks=(route,))

    first, second = only(events, Retrieved)
    assert len(second.sources) < len(first.sources)
    assert all(event.source in second.sources for event in only(events, CitationMade))


@pytest.mark.parametrize("max_tokens", [None, 1, 500, 5000, 1_000_000])
@pytest.mark.parametrize("context", [None, 512, 4096, 200_000])
def test_an_answer_is_never_allowed_more_than_the_context_has_room_for(
    context: int | None, max_tokens: int | None
) -> None:
    ask = make_ask("m", context=context, history=HISTORY, max_tokens=max_tokens)
    prompt = prompts.build(ask, SOURCES, has_evidence=True)
    allowed = prompts.answer_tokens(ask, prompt)

    if max_tokens is None or context is None:
        assert allowed == max_tokens
    else:
        assert allowed is not None
        assert min(max_tokens, context // 2) <= allowed <= min(max_tokens, context)


# --- what readers are told -----------------------------------------------------------------------------------


def told(*events: TurnEvent, after: Any = START) -> list[TurnEvent]:
    rest = Rest(after)
    return [given for event in events for given, _position in rest.take(event)]


STARTED = ConversationStarted(uuid.uuid4(), uuid.uuid4(), uuid.uuid4())
MANY, FEW = Retrieved(SOURCES, has_evidence=True), Retrieved(SOURCES[:2], has_evidence=True)


def test_a_reader_is_told_to_begin_anew_before_the_passages_that_count() -> None:
    assert told(STARTED, MANY, FEW, Delta("One.")) == [STARTED, MANY, Restarted(), FEW, Delta("One.")]


def positions(*events: TurnEvent) -> list[Any]:
    rest = Rest()
    return [position for event in events for _given, position in rest.take(event)]


def test_who_comes_back_has_the_passages_that_count_wherever_they_left() -> None:
    events = (STARTED, MANY, FEW, Delta("One. "), Delta("Two."))
    whole = told(*events)
    for seen, position in enumerate(positions(*events), 1):
        had, rest = whole[:seen], told(*events, after=position)
        together = [*had, *rest]
        assert [event for event in together if isinstance(event, Retrieved)][-1] == FEW, position
        since = together[max((i for i, event in enumerate(together) if event == Restarted()), default=0) :]
        assert "".join(event.text for event in since if isinstance(event, Delta)) == "One. Two.", position


def test_after_a_thought_that_was_taken_back_the_passages_are_no_news() -> None:
    assert told(STARTED, MANY, Restarted(), MANY, Delta("One.")) == [STARTED, MANY, Delta("One.")]


# --- what is remembered --------------------------------------------------------------------------------------


def ask(tenant: Tenant, bot: Bot) -> Answer:
    async def asked() -> Answer:
        return await collect(ask_of(bot, "How long may purchases of a shop be returned?", HISTORY))

    with tenant_scope(tenant):
        return async_to_sync(asked)()


def requests(fake: FakeProvider) -> int:
    return int(fake.stats()["by_path"]["/v1/chat/completions"])


@pytest.mark.django_db(transaction=True)
class TestRemembering:
    @pytest.mark.parametrize("model", ["reads-900", "reads-900-quietly"])
    def test_the_next_question_fits_at_once(
        self, acme: Tenant, make_bot: MakeBot, library: Dataset, fake: FakeProvider, model: str
    ) -> None:
        bot = make_bot(model, dataset=library)
        assert ask(acme, bot).text
        assert requests(fake) == 2

        assert ask(acme, read_again(acme, bot)).text
        assert requests(fake) == 3
        with tenant_scope(acme):
            known = model_info(TenantAIProvider.objects.get(bots=bot), model)
        assert known.context_tokens is not None
        assert known.context_tokens == 900 or (model.endswith("quietly") and known.context_tokens < 4096)

    def test_a_turn_over_http_tells_the_passages_that_count_and_remembers(
        self, acme: Tenant, make_bot: MakeBot, library: Dataset, fake: FakeProvider, server: str, api_key: str
    ) -> None:
        bot = make_bot("reads-800", dataset=library, system_prompt="Be kind. " * 100, passages=12)
        names, documents = [], []
        for _ in range(2):
            got = streamed(server, bot.slug, api_key)
            names.append([name for name, _data in got])
            documents.append([data for name, data in got if name == "retrieval"][-1]["passages"])
            (done,) = [data for name, data in got if name == "done"]
            with tenant_scope(acme):
                saved = SavedMessage.objects.get(pk=done["message_id"])
            assert {one["document_id"] for one in saved.citations} <= {one["document_id"] for one in documents[-1]}
        assert names[0][:4] == ["conversation", "retrieval", "reset", "retrieval"]
        assert names[1][:3] == ["conversation", "retrieval", "delta"]
        assert requests(fake) == 3


def read_again(acme: Tenant, bot: Bot) -> Bot:
    with tenant_scope(acme):
        return Bot.objects.get(pk=bot.pk)


def streamed(server: str, slug: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    url, body = f"{server}/v1/chat/bots/{slug}/messages", {"message": "May purchases be returned?", "stream": True}
    answered = httpx.post(url, json=body, headers=factories.bearer(key), timeout=60)
    assert answered.status_code == 200
    blocks = (block.split("\n") for block in answered.text.split("\n\n") if block.startswith("event: "))
    return [(lines[0][7:], orjson.loads(lines[-1][6:])) for lines in blocks]
