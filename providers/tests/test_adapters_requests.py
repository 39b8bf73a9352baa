"""What each vendor is sent: its own names, its own roles, and only settings that the model takes."""

from __future__ import annotations

from typing import Any

import pytest

from providers.adapters.anthropic.decoder import AnthropicDecoder
from providers.adapters.openai.models import CATALOGUE
from providers.exceptions import ProviderBadRequest, ProviderMisconfigured
from providers.messages import Message, PartEnd, TextPart, ThinkingPart, Usage
from providers.registry import build_adapter
from providers.tests.adapter_kit import REMOTE, Subject, listen, of
from providers.types import ChatRequest, ProviderConfig


async def sent(subject: Subject, model: str, **changes: Any) -> dict[str, Any]:
    """The body that the vendor received."""
    heard = await listen(subject.adapter(**changes.pop("config", {})), subject.request(model, **changes))
    assert heard.finished
    body: dict[str, Any] = subject.fake.stats()["last_body"]
    return body


@of("openai")
@pytest.mark.parametrize(
    ("model", "temperature"),
    [
        ("gpt-4o-mini", 0.7),
        ("gpt-4o-2024-08-06", 0.7),
        ("gpt-3.5-turbo", 0.7),
        ("ft:gpt-4o-mini:us:x:1", 0.7),
        ("o3-mini", None),
        ("gpt-5", None),
        ("gpt-5.4-mini-2026-03-17", None),
        ("gpt-7-unheard-of", None),
    ],
)
async def test_openai_is_sent_a_temperature_only_for_a_model_that_takes_one(
    subject: Subject, model: str, temperature: float | None
) -> None:
    assert (await sent(subject, model, temperature=0.7)).get("temperature") == temperature


@of("openai")
async def test_openai_is_sent_its_own_names(subject: Subject) -> None:
    body = await sent(subject, "gpt-4o-mini", max_tokens=100, stop=("END",))
    assert body["max_completion_tokens"] == 100
    assert body["stop"] == ["END"]
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "max_tokens" not in body


@of("openai", "anthropic")
async def test_a_model_that_thinks_is_given_room_for_it_beside_the_answer(subject: Subject) -> None:
    model, name = {"openai": ("gpt-5", "max_completion_tokens"), "anthropic": ("claude-opus-5", "max_tokens")}[
        subject.kind
    ]
    assert (await sent(subject, model, max_tokens=100))[name] > 4000


@of("openai_compatible")
async def test_a_compatible_server_is_sent_the_names_that_all_know(subject: Subject) -> None:
    body = await sent(subject, "llama", temperature=1.5, max_tokens=64)
    assert (body["temperature"], body["max_tokens"]) == (1.5, 64)
    assert "max_completion_tokens" not in body


@of("openai_compatible")
async def test_a_server_that_rejects_stream_options_is_not_sent_them_and_usage_is_an_estimate(
    subject: Subject,
) -> None:
    changes = {"extra": {"stream_options": False}}
    assert "stream_options" not in await sent(subject, "llama", config=changes)
    usage = (await listen(subject.adapter(**changes), subject.request("llama"))).finished.usage
    assert usage is not None
    assert usage.estimated


@of("openai_compatible")
async def test_a_server_without_a_key_gets_a_harmless_word_and_never_the_environments(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-FROM-THE-ENVIRONMENT")
    await sent(subject, "llama", config={"api_key": ""})
    assert subject.fake.stats()["last_authorization"] == subject.fake.sha256("no-key")


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_vendor_without_a_key_is_misconfigured_whatever_the_environment_holds(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{kind.upper()}_API_KEY", "sk-FROM-THE-ENVIRONMENT")
    with pytest.raises(ProviderMisconfigured, match="no key"):
        build_adapter(ProviderConfig(kind=kind))


def test_a_compatible_server_without_an_address_is_misconfigured() -> None:
    with pytest.raises(ProviderMisconfigured, match="no address"):
        build_adapter(ProviderConfig(kind="openai_compatible"))


def test_an_unknown_kind_is_misconfigured() -> None:
    with pytest.raises(ProviderMisconfigured, match="'teapot'"):
        build_adapter(ProviderConfig(kind="teapot"))


@of("anthropic")
async def test_anthropic_is_sent_the_system_prompt_apart_and_one_turn_after_the_other(subject: Subject) -> None:
    messages = (
        Message.of("system", "Be brief."),
        Message.of("assistant", "Welcome!"),
        Message.of("user", "One."),
        Message.of("user", "Two."),
        Message.of("assistant", ""),
        Message.of("system", "Be kind."),
        Message.of("user", "Three."),
    )
    await listen(subject.adapter(), ChatRequest("claude-sonnet-4-5", messages))
    body = subject.fake.stats()["last_body"]
    assert body["system"] == "Be brief.\n\nBe kind."
    assert body["messages"] == [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Welcome!"},
        {"role": "user", "content": "One.\n\nTwo.\n\nThree."},
    ]
    assert body["max_tokens"] > 0


@of("anthropic")
@pytest.mark.parametrize(
    ("model", "asked", "temperature", "version"),
    [
        ("claude-sonnet-4-5", 0.3, 0.3, "2023-06-01"),
        ("claude-sonnet-4-5-20250929", 1.7, 1.0, "2023-06-01"),
        ("claude-sonnet-4-5", None, None, "2026-10-21"),
        ("claude-opus-4-8", 0.3, None, "2026-10-21"),
        ("claude-opus-9", 0.3, None, "2026-10-21"),
    ],
)
async def test_anthropic_is_sent_a_temperature_only_under_the_version_and_for_the_models_that_know_it(
    subject: Subject, model: str, asked: float | None, temperature: float | None, version: str
) -> None:
    assert (await sent(subject, model, temperature=asked)).get("temperature") == temperature
    assert subject.fake.stats()["last_headers"]["anthropic-version"] == version


@of("anthropic")
async def test_anthropic_is_sent_its_own_stop_sequences(subject: Subject) -> None:
    assert (await sent(subject, "claude-sonnet-4-5", stop=("END",)))["stop_sequences"] == ["END"]


@of("anthropic")
async def test_anthropic_says_that_it_has_no_embeddings(subject: Subject) -> None:
    with pytest.raises(ProviderBadRequest, match="no embeddings"):
        await subject.adapter().embed(model="claude-sonnet-4-5", texts=["Hello"], kind="query")
    assert subject.fake.stats()["requests"] == 0


@of(*REMOTE)
@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_an_address_works_as_people_type_it(subject: Subject, ending: str) -> None:
    adapter = subject.adapter(base_url=f" {subject.fake.url}{ending} ")
    assert (await listen(adapter, subject.request())).finished
    assert await adapter.list_models()


def test_prices_are_known_per_million_tokens_and_the_longest_name_wins() -> None:
    adapter = build_adapter(ProviderConfig(kind="openai", api_key="sk-x"))
    assert adapter.describe("gpt-4o-mini-2024-07-18").input_price == CATALOGUE["gpt-4o-mini"].input_price
    assert adapter.describe("gpt-4o-2024-08-06").input_price == CATALOGUE["gpt-4o"].input_price
    assert adapter.describe("gpt-4o-2024-08-06").id == "gpt-4o-2024-08-06"
    assert adapter.describe("text-embedding-3-large").dims == 3072
    assert adapter.describe("gpt-4other").input_price is None


def test_anthropics_cached_prompt_tokens_count_and_its_thoughts_are_not_shown() -> None:
    decoder = AnthropicDecoder()
    events = [
        b'{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":40,'
        b'"cache_creation_input_tokens":7,"output_tokens":1}}}',
        b'{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm"}}',
        b'{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}',
        b'{"type":"message_delta","delta":{"stop_reason":"model_context_window_exceeded"},"usage":{"output_tokens":9}}',
        b'{"type":"something_new"}',
        b'{"type":"message_stop"}',
    ]
    for event in events:
        decoder.decode(event)
    decoder.finish()
    ended = [event.part for event in decoder.take() if isinstance(event, PartEnd)]
    assert ended == [ThinkingPart("Hm"), TextPart("Hi")]
    assert decoder.usage == Usage(50, 9, cache_read_tokens=40, cache_write_tokens=7)
    assert (decoder.reason, decoder.done) == ("length", True)
