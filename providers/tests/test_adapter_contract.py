"""The contract of every adapter, the local one too; what only a network can do is asked of those that declare one."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatcms.tests.waiting import delay, settle, until
from providers import exceptions as errors
from providers.exceptions import ModelCannotError, ProviderError, ProviderStreamInterrupted, ProviderTimeout
from providers.messages import (
    FilePart,
    ImagePart,
    Message,
    OutputSchema,
    Part,
    PartDelta,
    PartStart,
    RefusalPart,
    Tally,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolNamed,
    ToolResultPart,
    Usage,
)
from providers.profiles import ModelProfile
from providers.registry import features_of
from providers.tests.adapter_kit import ALL, EMBEDDING, KEY, REMOTE, REMOTE_EMBEDDING, Heard, Subject, listen
from providers.tests.fake_provider import FakeProvider
from providers.tests.fake_wire import LEAKED_KEY
from providers.types import PromptPassage, Timeouts

BEFORE_FIRST_TOKEN: dict[str, type[ProviderError]] = {
    "fail-400": errors.ProviderBadRequest,
    "fail-401": errors.ProviderAuthError,
    "fail-403": errors.ProviderAuthError,
    "fail-404-model": errors.ProviderModelNotFound,
    "fail-429": errors.ProviderRateLimited,
    "fail-500": errors.ProviderUnavailable,
    "fail-503": errors.ProviderUnavailable,
    "fail-529": errors.ProviderUnavailable,
    "fail-context": errors.ProviderPromptTooLong,
    "quota": errors.ProviderQuotaExceeded,
    "cut-0": errors.ProviderUnavailable,
    "error-0": errors.ProviderUnavailable,
    "eof-0": errors.ProviderBadResponse,
    "junk": errors.ProviderBadResponse,
    "junk-0": errors.ProviderBadResponse,
    "huge": errors.ProviderBadResponse,
    "redirect": errors.ProviderMisconfigured,
}
RETRIED = {"fail-429", "fail-500", "fail-503", "fail-529", "cut-0", "error-0"}
AFTER_FIRST_TOKEN = ("cut-5", "eof-5", "junk-5", "error-5")
FIVE_TOKENS = "The quick brown fox jumps "


@pytest.fixture
async def subject(request: pytest.FixtureRequest, fake: FakeProvider, model_dir: Path) -> AsyncIterator[Subject]:
    subject = Subject(request.param, fake, model_dir)
    yield subject
    await subject.adapter().aclose()


def of(kinds: tuple[str, ...]) -> pytest.MarkDecorator:
    """Run a test with the adapters of these kinds."""
    return pytest.mark.parametrize("subject", kinds, indirect=True)


class TestEveryAdapter:
    pytestmark = of(ALL)

    async def test_streams_text_and_then_finishes_once(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(), subject.request())
        assert heard.finished.reason == "stop"
        assert len(heard.text) > 40
        assert all(event.text for event in heard.events if isinstance(event, PartDelta))

    async def test_says_how_many_tokens_were_used(self, subject: Subject) -> None:
        usage = (await listen(subject.adapter(), subject.request())).finished.usage
        assert usage is not None
        assert usage.input_tokens > 0
        assert usage.output_tokens > 0
        assert usage.estimated is not features_of(subject.kind).remote

    async def test_stops_at_the_greatest_number_of_tokens(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(), subject.request(max_tokens=3))
        assert heard.finished.reason == "length"
        assert len(heard.text.split()) == 3

    async def test_brings_every_character_through_whole(self, subject: Subject) -> None:
        text = "Grüße, мир — 日本語 👩‍👩‍👧 e\u0301 𝕏"
        passages = (PromptPassage(1, "Scripts", text, 0.9),)
        heard = await listen(subject.adapter(), subject.request("unicode", "мир", passages=passages))
        assert text in heard.text

    async def test_takes_a_broken_character_in_the_question(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(), subject.request("echo", "half a pair \ud83d"))
        assert heard.finished.reason == "stop"

    async def test_ends_when_its_reader_goes(self, subject: Subject) -> None:
        events = subject.adapter().stream_chat(subject.request("slow-20"))
        assert isinstance(await anext(events), PartStart | Tally)
        await events.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    async def test_can_be_cancelled_in_the_middle(self, subject: Subject) -> None:
        begun = asyncio.Event()

        async def read() -> None:
            async for _ in subject.adapter().stream_chat(subject.request("slow-20")):
                begun.set()
                await delay(0.01)

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_serves_many_at_once(self, subject: Subject) -> None:
        adapter = subject.adapter()
        heard = await asyncio.gather(*[listen(adapter, subject.request()) for _ in range(20)])
        assert len({each.text for each in heard}) == 1
        assert all(each.finished.reason == "stop" for each in heard)

    async def test_does_not_hold_up_the_event_loop(self, subject: Subject) -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await listen(subject.adapter(), subject.request())
        ticking.cancel()
        assert ticks > 3

    def test_serves_one_event_loop_after_another(self, subject: Subject) -> None:
        adapter = subject.adapter()
        texts = {asyncio.run(listen(adapter, subject.request())).text for _ in range(2)}
        assert len(texts) == 1

    async def test_lists_its_models_with_what_is_known_of_them(self, subject: Subject) -> None:
        models = await subject.adapter().list_models()
        assert subject.chat_model in {model.id for model in models}
        for model in models:
            known = subject.adapter().describe(model.id)
            assert replace(model, context_tokens=known.context_tokens) == known

    async def test_check_makes_a_call_and_says_that_it_went_well(self, subject: Subject) -> None:
        result = await subject.adapter().check(subject.chat_model)
        assert result.ok
        assert result.code is None
        assert result.detail.endswith(".")

    async def test_shows_its_key_to_nobody(self, subject: Subject) -> None:
        adapter = subject.adapter()
        await listen(adapter, subject.request())
        assert KEY not in repr(subject.config()) + str(subject.config()) + repr(adapter) + str(adapter)

    async def test_can_be_closed_twice_and_used_again(self, subject: Subject) -> None:
        adapter = subject.adapter()
        await adapter.aclose()
        await listen(adapter, subject.request())
        await adapter.aclose()
        await adapter.aclose()
        assert (await listen(adapter, subject.request())).finished.reason == "stop"


class TestEveryAdapterThatEmbeds:
    pytestmark = of(EMBEDDING)

    async def test_returns_a_vector_per_text_in_their_order(self, subject: Subject) -> None:
        adapter, model = subject.adapter(), subject.embedding_model
        texts = ["How do I return an item?", "", "\ud83d broken", "The weather is fine.", "How can I return an item?"]
        vectors = await adapter.embed(model=model, texts=texts, kind="passage")
        alone = [(await adapter.embed(model=model, texts=[text], kind="passage"))[0] for text in texts]
        assert vectors == alone
        assert len({len(vector) for vector in vectors}) == 1
        near, far = cosine(vectors[0], vectors[4]), cosine(vectors[0], vectors[3])
        assert near > far

    async def test_has_the_dimensions_that_it_declares(self, subject: Subject) -> None:
        info = subject.adapter().describe(subject.embedding_model)
        (vector,) = await subject.adapter().embed(model=info.id, texts=["Hello"], kind="query")
        assert info.kind == "embedding"
        assert info.dims in {len(vector), None}

    async def test_nothing_to_embed_is_no_vectors(self, subject: Subject) -> None:
        assert await subject.adapter().embed(model=subject.embedding_model, texts=[], kind="passage") == []

    async def test_embeds_for_many_at_once(self, subject: Subject) -> None:
        adapter = subject.adapter()
        calls = [adapter.embed(model=subject.embedding_model, texts=["Same"], kind="query") for _ in range(12)]
        results = await asyncio.gather(*calls)
        assert all(result == results[0] for result in results)

    def test_embeds_the_same_from_synchronous_code(self, subject: Subject) -> None:
        adapter, texts = subject.adapter(), ["One", "Two"]
        found = adapter.embed_sync(model=subject.embedding_model, texts=texts, kind="passage")
        again = adapter.embed_sync(model=subject.embedding_model, texts=texts, kind="passage")
        in_a_loop = asyncio.run(adapter.embed(model=subject.embedding_model, texts=texts, kind="passage"))
        assert found == again == in_a_loop

    async def test_check_tries_the_embedding_model(self, subject: Subject) -> None:
        assert (await subject.adapter().check(subject.embedding_model, kind="embedding")).ok


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class TestEveryRemoteAdapter:
    pytestmark = of(REMOTE)

    async def test_closes_the_upstream_when_its_readers_leave(self, subject: Subject) -> None:
        async with aclosing(subject.adapter().stream_chat(subject.request("slow-20"))) as events:
            assert isinstance(await anext(events), PartStart | Tally)
            assert subject.fake.stats()["open"] == 1
        await until(lambda: subject.fake.stats()["open"] == 0)
        assert subject.fake.stats()["aborted"] == 1

    @pytest.mark.parametrize("model", ["hang", "slow-20", "stall-5"])
    async def test_closes_the_upstream_when_it_is_cancelled(self, subject: Subject, model: str) -> None:
        task = asyncio.create_task(listen(subject.adapter(), subject.request(model)))
        await until(lambda: subject.fake.stats()["open"] == 1)
        await settle(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await until(lambda: subject.fake.stats()["open"] == 0)

    @pytest.mark.parametrize("model", sorted(BEFORE_FIRST_TOKEN))
    async def test_names_each_failure_before_the_first_token(self, subject: Subject, model: str) -> None:
        heard = await listen(subject.adapter(), subject.request(model))
        assert type(heard.error) is BEFORE_FIRST_TOKEN[model]
        assert heard.events == []
        assert subject.fake.stats()["requests"] == (2 if model in RETRIED else 1)

    @pytest.mark.parametrize("model", AFTER_FIRST_TOKEN)
    async def test_a_failure_after_the_first_token_keeps_the_part_and_is_never_tried_again(
        self, subject: Subject, model: str
    ) -> None:
        heard = await listen(subject.adapter(), subject.request(model))
        assert type(heard.error) is ProviderStreamInterrupted
        assert heard.text == FIVE_TOKENS
        assert subject.fake.stats()["requests"] == 1

    @pytest.mark.parametrize("model", ["fail-429-once", "fail-500-once", "cut-0-once", "error-0-once"])
    async def test_a_passing_failure_before_the_first_token_is_tried_once_more(
        self, subject: Subject, model: str
    ) -> None:
        heard = await listen(subject.adapter(), subject.request(model))
        assert heard.finished.reason == "stop"
        assert subject.fake.stats()["by_model"] == {model: 2}

    async def test_a_retriable_error_says_how_long_to_wait(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(), subject.request("fail-429"))
        assert isinstance(heard.error, ProviderError)
        assert heard.error.retriable
        assert heard.error.retry_after == 1

    @pytest.mark.parametrize("model", [*sorted(BEFORE_FIRST_TOKEN), *AFTER_FIRST_TOKEN])
    async def test_no_key_is_in_an_error_its_past_or_the_log(
        self, subject: Subject, model: str, caplog: pytest.LogCaptureFixture, all_logs: None
    ) -> None:
        heard = await listen(subject.adapter(), subject.request(model))
        assert isinstance(heard.error, ProviderError)
        told = "".join(traceback.format_exception(heard.error)) + caplog.text + everything_said_by(heard.error)
        assert LEAKED_KEY not in told
        assert KEY not in told

    @pytest.mark.parametrize(
        ("model", "timeouts", "stage", "text"),
        [
            ("hang", Timeouts(first_token=0.15), "first_token", ""),
            ("stall-0", Timeouts(first_token=0.15), "first_token", ""),
            ("stall-5", Timeouts(between_chunks=1.0), "between_chunks", FIVE_TOKENS),
            ("hang", Timeouts(total=0.15), "total", ""),
            ("stall-5", Timeouts(total=2.0), "total", FIVE_TOKENS),
        ],
    )
    async def test_waits_at_each_stage_no_longer_than_it_may(
        self, subject: Subject, model: str, timeouts: Timeouts, stage: str, text: str
    ) -> None:
        heard = await listen(subject.adapter(timeouts=timeouts), subject.request(model))
        assert isinstance(heard.error, ProviderTimeout)
        assert (heard.error.stage, heard.text) == (stage, text)
        await until(lambda: subject.fake.stats()["open"] == 0)

    async def test_an_answer_may_take_longer_than_its_gaps(self, subject: Subject) -> None:
        timeouts = Timeouts(first_token=30, between_chunks=1.0)
        heard = await listen(subject.adapter(timeouts=timeouts), subject.request("slow-150"))
        assert heard.finished.reason == "stop"

    async def test_reads_the_rarer_forms_of_events(self, subject: Subject) -> None:
        plain = await listen(subject.adapter(), subject.request("fake"))
        rare = await listen(subject.adapter(), subject.request("crlf"))
        assert rare.text == plain.text
        assert rare.finished == plain.finished

    async def test_an_answer_that_a_filter_ended_says_so(self, subject: Subject) -> None:
        assert (await listen(subject.adapter(), subject.request("filtered"))).finished.reason == "content_filter"

    async def test_a_stream_that_ends_without_its_last_mark_is_whole_if_it_gave_a_reason(
        self, subject: Subject
    ) -> None:
        assert (await listen(subject.adapter(), subject.request("no-done"))).finished.reason == "stop"

    @pytest.mark.parametrize("model", ["fail-401", "fail-404-model", "junk", "quota"])
    async def test_check_explains_a_failure_in_a_sentence(self, subject: Subject, model: str) -> None:
        result = await subject.adapter().check(model)
        assert not result.ok
        assert result.code == BEFORE_FIRST_TOKEN[model].code
        assert result.detail.endswith(".")
        assert LEAKED_KEY not in result.detail

    async def test_uses_one_connection_for_one_answer_after_another(self, subject: Subject) -> None:
        adapter = subject.adapter()
        before = subject.fake.stats()["connections"]
        for _ in range(5):
            await listen(adapter, subject.request())
            await listen(subject.adapter(), subject.request())
        asked_for_stats = 1
        assert subject.fake.stats()["connections"] - before - asked_for_stats == 1

    async def test_sends_the_messages_as_they_are(self, subject: Subject) -> None:
        await listen(subject.adapter(), subject.request("echo", "Line one\nline two “quoted”"))
        sent = subject.fake.stats()["last_body"]
        assert sent["messages"][-1] == {"role": "user", "content": "Line one\nline two “quoted”"}

    async def test_passages_are_not_sent(self, subject: Subject) -> None:
        await listen(subject.adapter(), subject.request())
        assert "passages" not in subject.fake.stats()["last_body"]

    async def test_carries_our_key_and_nothing_of_the_environment(
        self, subject: Subject, poisoned_environment: None
    ) -> None:
        heard = await listen(subject.adapter(), subject.request())
        assert heard.finished.reason == "stop"
        stats = subject.fake.stats()
        assert stats["last_authorization"] == subject.fake.sha256(KEY)
        assert "FROM-THE-ENVIRONMENT" not in str(stats)
        assert not {"openai-organization", "openai-project", "x-custom"} & set(stats["last_headers"])

    async def test_a_server_that_is_not_there_is_unavailable(self, subject: Subject) -> None:
        changes = {"base_url": "http://127.0.0.1:1", "allow_private_hosts": frozenset({"127.0.0.1:1"})}
        heard = await listen(subject.adapter(**changes), subject.request())
        assert type(heard.error) is errors.ProviderUnavailable

    async def test_a_name_that_does_not_exist_is_unavailable(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(base_url="https://no-such-host.invalid"), subject.request())
        assert type(heard.error) is errors.ProviderUnavailable
        assert "could not be found" in str(heard.error)

    async def test_a_server_that_never_greets_runs_into_the_connect_timeout(self, subject: Subject) -> None:
        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        host = f"127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        adapter = subject.adapter(
            base_url=f"https://{host}", allow_private_hosts=frozenset({host}), timeouts=Timeouts(connect=0.1)
        )
        heard = await listen(adapter, subject.request())
        silent.close()
        assert isinstance(heard.error, ProviderTimeout)
        assert heard.error.stage == "connect"

    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1:9", "https://10.0.0.1", "https://169.254.169.254", "ftp://x"]
    )
    def test_an_address_that_is_not_allowed_is_refused_before_any_call(self, subject: Subject, address: str) -> None:
        with pytest.raises(errors.EgressRefused):
            subject.adapter(base_url=address)

    async def test_a_public_name_with_a_private_address_is_refused(self, subject: Subject) -> None:
        host = f"localhost:{subject.fake.port}"
        adapter = subject.adapter(base_url=f"http://{host}", allow_private_hosts=frozenset({host, subject.fake.host}))
        assert (await listen(adapter, subject.request())).finished
        with pytest.raises(errors.EgressRefused):
            subject.adapter(base_url=f"http://{host}")

    @pytest.mark.parametrize("key", ["sk-a\r\nX-Evil: 1", "sk-ключ", " sk-a", "sk\0a"])
    def test_a_key_that_no_header_can_carry_is_refused(self, subject: Subject, key: str) -> None:
        with pytest.raises(errors.ProviderMisconfigured) as failure:
            subject.adapter(api_key=key)
        assert key not in str(failure.value)

    async def test_listing_models_names_its_failures_too(self, subject: Subject) -> None:
        changes = {"base_url": "http://127.0.0.1:1", "allow_private_hosts": frozenset({"127.0.0.1:1"})}
        with pytest.raises(errors.ProviderUnavailable) as failure:
            await subject.adapter(**changes).list_models()
        assert failure.value.__cause__ is failure.value.__context__ is None


class TestEveryRemoteAdapterThatEmbeds:
    pytestmark = of(REMOTE_EMBEDDING)

    async def test_embeds_in_batches_of_the_vendors_size(self, subject: Subject) -> None:
        adapter, model = subject.adapter(), subject.embedding_model
        size = adapter.describe(model).max_batch
        assert size is not None
        texts = [f"Text {i}" for i in range(size * 2 + 3)]
        vectors = await adapter.embed(model=model, texts=texts, kind="passage")
        assert subject.fake.stats()["batches"] == [size, size, 3]
        assert vectors[size + 1] == (await adapter.embed(model=model, texts=[texts[size + 1]], kind="passage"))[0]

    @pytest.mark.parametrize("model", ["fail-401", "fail-404-model", "fail-500", "quota", "junk", "fail-context"])
    async def test_names_each_failure_and_leaks_nothing(
        self, subject: Subject, model: str, caplog: pytest.LogCaptureFixture, all_logs: None
    ) -> None:
        with pytest.raises(BEFORE_FIRST_TOKEN[model]) as failure:
            await subject.adapter().embed(model=model, texts=["Hello"], kind="query")
        told = "".join(traceback.format_exception(failure.value)) + caplog.text + everything_said_by(failure.value)
        assert LEAKED_KEY not in told
        assert KEY not in told

    async def test_a_passing_failure_is_tried_once_more(self, subject: Subject) -> None:
        vectors = await subject.adapter().embed(model="fail-500-once", texts=["Hello"], kind="query")
        assert len(vectors) == 1
        assert subject.fake.stats()["requests"] == 2

    async def test_waits_no_longer_than_it_may(self, subject: Subject) -> None:
        adapter = subject.adapter(timeouts=Timeouts(first_token=0.15))
        with pytest.raises(ProviderTimeout):
            await adapter.embed(model="hang", texts=["Hello"], kind="query")


PICTURE = b"\x89PNG not really"
LOOKUP = Tool("lookup", "Looks the weather up.", {"type": "object", "properties": {"city": {"type": "string"}}})
ABLE = ModelProfile(tools=True, images=True, files=True, json=True, output_schema=True)
FORTY_TWO = "It is forty-two."
THOUGHT = "I ponder the question at length. "
PERSON = OutputSchema(
    "person",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "more": {"type": "object"}},
    },
)


@pytest.mark.parametrize("form", ["", "-whole"], ids=["streamed", "whole"])
class TestEveryRemoteAdapterAndTheParts:
    """Streamed, and from a server that sends one document though a stream was asked."""

    pytestmark = of(REMOTE)

    async def ask(self, subject: Subject, model: str, *parts: Part, **changes: Any) -> Heard:
        """Ask with a message of parts; what the model can do is said, as a provider's listing says it."""
        profile = replace(subject.adapter().describe(model).profile, tools=True, images=True, files=True)
        message = Message("user", parts or (TextPart("What do you see?"),))
        request = subject.request(model, **{"profile": profile} | changes)
        return await listen(subject.adapter(), replace(request, messages=(*request.messages[:1], message)))

    async def test_images_and_files_arrive_as_they_are(self, subject: Subject, form: str) -> None:
        images = (ImagePart("image/png", PICTURE), ImagePart(url="https://pictures.example/cat.png", detail="low"))
        files = (FilePart("a.pdf", "application/pdf", b"%PDF-1.7"), FilePart("b.txt", "text/plain", b"Plain words."))
        heard = await self.ask(subject, f"look{form}", TextPart("See:"), *images, *files)
        assert heard.finished.reason == "stop"
        assert heard.text.splitlines() == [
            f"image of type image/png: {PICTURE!r}",
            "image at https://pictures.example/cat.png",
            "file a.pdf of type application/pdf: b'%PDF-1.7'",
            "file b.txt of type text/plain: b'Plain words.'",
        ]

    async def test_a_call_of_a_tool_comes_whole_and_its_result_goes_back(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"tools{form}", tools=(LOOKUP,))
        assert heard.finished.reason == "tool_calls"
        words, call = heard.parts
        assert words == TextPart("Let me look. ")
        assert isinstance(call, ToolCallPart)
        assert (call.id, call.name, json.loads(call.arguments)) == ("call_0", "lookup", {"city": "Paris", "days": 3})

        turns = (Message("assistant", tuple(heard.parts)), Message("tool", (ToolResultPart(call.id, "Sunny."),)))
        request = subject.request(f"tools{form}", tools=(LOOKUP,), profile=ABLE)
        told = await listen(subject.adapter(), replace(request, messages=(*request.messages, *turns)))
        assert told.finished.reason == "stop"
        assert told.parts == [TextPart("The tool says: Sunny.")]

    async def test_several_calls_at_once_and_a_failed_one(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"two-tools{form}", tools=(LOOKUP, Tool("clock")), tool_choice="required")
        calls = [part for part in heard.parts if isinstance(part, ToolCallPart)]
        assert [(call.id, call.name) for call in calls] == [("call_0", "lookup"), ("call_1", "clock")]

        results = ToolResultPart("call_0", "Sunny."), ToolResultPart("call_1", "No clock here.", is_error=True)
        request = subject.request(f"two-tools{form}", tools=(LOOKUP,), profile=ABLE)
        turns = (Message("assistant", tuple(heard.parts)), Message("tool", results))
        told = await listen(subject.adapter(), replace(request, messages=(*request.messages, *turns)))
        assert told.text == "The tool says: Sunny.; Error: No clock here."

    async def test_the_choice_of_tools_is_kept(self, subject: Subject, form: str) -> None:
        tools = (LOOKUP, Tool("clock", "Tells the time."))
        named = await self.ask(subject, f"tools{form}", tools=tools, tool_choice=ToolNamed("clock"))
        assert [part.name for part in named.parts if isinstance(part, ToolCallPart)] == ["clock"]
        none = await self.ask(subject, f"tools{form}", tools=tools, tool_choice="none")
        assert none.parts == [TextPart(FORTY_TWO)]
        await self.ask(subject, f"tools{form}", tools=tools, parallel_tool_calls=False)
        sent = subject.fake.stats()["last_body"]
        assert sent.get("parallel_tool_calls") is False or sent["tool_choice"]["disable_parallel_tool_use"]

    async def test_a_schema_is_kept_to(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"json{form}", output=PERSON)
        assert json.loads(heard.text) == {"name": "forty-two", "age": 42, "more": {}}

    async def test_json_of_any_shape(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"json{form}", TextPart("As JSON, please."), output=OutputSchema())
        if subject.kind == "anthropic":
            assert isinstance(heard.error, ModelCannotError)
            assert "JSON mode" in heard.error.detail
        else:
            assert json.loads(heard.text) == {"answer": 42}

    async def test_thoughts_are_parts_of_their_own(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"think{form}")
        assert heard.finished.reason == "stop"
        thought, words = heard.parts
        assert isinstance(thought, ThinkingPart)
        assert (thought.text, words) == (THOUGHT, TextPart(FORTY_TWO))
        assert heard.text == FORTY_TWO

    async def test_an_answer_goes_back_with_its_thoughts_as_the_vendor_takes_them(
        self, subject: Subject, form: str
    ) -> None:
        heard = await self.ask(subject, f"think{form}")
        refused = (RefusalPart("I will not."), ThinkingPart("Another vendor's thought."))
        turns = Message("assistant", (*heard.parts, *refused)), Message.of("user", "And then?")
        request = subject.request(f"echo{form}", profile=ABLE)
        again = await listen(subject.adapter(), replace(request, messages=(*request.messages, *turns)))
        assert again.text == "And then?"

    async def test_a_refusal_is_told_in_its_own_words(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"refuse{form}")
        assert heard.parts == [RefusalPart("I cannot help with that.")]
        assert heard.text == "I cannot help with that."
        assert heard.finished.reason == ("content_filter" if subject.kind == "anthropic" else "stop")

    async def test_the_tokens_of_the_cache_and_of_thoughts_are_counted(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"think{form}")
        expected = Usage(2000, 5, cache_read_tokens=1024, cache_write_tokens=512, reasoning_tokens=3)
        assert heard.finished.usage == expected

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"messages": (Message("user", (ImagePart("image/png", PICTURE),)),)}, "reads no images"),
            ({"messages": (Message("user", (FilePart("a", "text/plain", b"a"),)),)}, "reads no files"),
            ({"tools": (LOOKUP,)}, "calls no tools"),
            ({"output": PERSON}, "keeps to no schema"),
            ({"output": OutputSchema()}, "has no JSON mode"),
        ],
    )
    async def test_more_than_a_model_can_do_is_refused_before_anything_is_sent(
        self, subject: Subject, form: str, changes: dict[str, Any], words: str
    ) -> None:
        request = replace(subject.request(f"fake{form}", profile=ModelProfile()), **changes)
        heard = await listen(subject.adapter(), request)
        assert isinstance(heard.error, ModelCannotError)
        assert words in heard.error.detail
        assert subject.fake.stats()["requests"] == 0

    async def test_what_the_vendor_refuses_is_named(self, subject: Subject, form: str) -> None:
        heard = await self.ask(subject, f"blind{form}", ImagePart("image/png", PICTURE))
        assert type(heard.error) is errors.ProviderBadRequest
        assert "messages" in str(subject.fake.stats()["last_body"])


@pytest.mark.parametrize("form", ["", "-whole"], ids=["streamed", "whole"])
class TestThoughtsInTheText:
    """Servers of OpenAI's format send the thoughts of some models as the model wrote them."""

    pytestmark = of(("openai", "openai_compatible"))

    @pytest.mark.parametrize("model", ["think-tags", "think-end"])
    async def test_a_thought_is_no_text(self, subject: Subject, form: str, model: str) -> None:
        heard = await listen(subject.adapter(), subject.request(f"{model}{form}"))
        assert heard.finished.reason == "stop"
        assert heard.parts == [ThinkingPart(THOUGHT), TextPart(FORTY_TWO)]

    async def test_a_model_that_is_known_to_think_shows_none_of_it(self, subject: Subject, form: str) -> None:
        if subject.kind == "openai_compatible":
            heard = await listen(subject.adapter(), subject.request(f"qwq-think-end{form}"))
            assert heard.text == FORTY_TWO


def everything_said_by(error: BaseException | None) -> str:
    """Every word in an error, its arguments, its members and its whole past."""
    said = ""
    while error is not None:
        said += f"{error!s} {error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__
    return said


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let every logger, the SDKs' too, say all it has to say."""
    names = ("openai", "anthropic", "httpx2", "httpcore2", "asyncio", "providers", "chatcms", "")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def poisoned_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set all that the SDKs would take from the environment, in new clients."""
    value = "sk-FROM-THE-ENVIRONMENT"
    for vendor in ("OPENAI", "ANTHROPIC"):
        for name in ("API_KEY", "ADMIN_KEY", "AUTH_TOKEN", "ORG_ID", "PROJECT_ID", "PROFILE", "WEBHOOK_SECRET"):
            monkeypatch.setenv(f"{vendor}_{name}", value)
        monkeypatch.setenv(f"{vendor}_BASE_URL", "http://127.0.0.1:1/FROM-THE-ENVIRONMENT")
        headers = f"X-Custom: {value}\nAuthorization: Bearer {value}\nX-Api-Key: {value}"
        monkeypatch.setenv(f"{vendor}_CUSTOM_HEADERS", headers)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
