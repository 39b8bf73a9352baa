"""Tests of what a provider's config may hold and how it is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from providers import config
from providers.connect import Access
from providers.exceptions import ProviderSettingsError
from providers.profiles import ModelProfile
from providers.timeouts import MOST, timeouts_of
from providers.types import ModelInfo, Timeouts

NO_SECONDS: tuple[Any, ...] = ("60", 1.5, True, [])
# Neither a list of models nor an address, though as false as none
NOTHING: tuple[Any, ...] = ({}, 0, False)


def test_a_config_is_stored_in_its_plain_form() -> None:
    given = {"base_url": " HTTPS://LLM.Example.com/v1/ ", "models": [" llama ", {"id": "e5", "dims": 384}]}
    assert config.checked(given, kind="openai_compatible") == {
        "base_url": "https://llm.example.com/v1",
        "models": ["llama", {"id": "e5", "dims": 384}],
    }


@pytest.mark.parametrize("kind", ["openai", "openai_compatible", "anthropic"])
@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("https://a.example/v1/chat/completions", "https://a.example/v1"),
        ("https://a.example/v1/chat/completions/", "https://a.example/v1"),
        (" HTTPS://A.example/v1/models ", "https://a.example/v1"),
        ("https://a.example/v1/embeddings", "https://a.example/v1"),
        ("https://a.example/v1/messages", "https://a.example/v1"),
        ("https://a.example/v1/messages/count_tokens", "https://a.example/v1"),
        ("https://a.example/v1/responses/", "https://a.example/v1"),
        ("https://a.example/v1/completions", "https://a.example/v1"),
        ("https://a.example/v1/chat", "https://a.example/v1"),
        ("https://a.example/Proxy/v1/Chat/Completions", "https://a.example/Proxy/v1"),
        ("https://a.example//v1//chat/completions//", "https://a.example/v1"),
        ("https://a.example/chat/completions", "https://a.example"),
        ("https://a.example/api/paas/v4/chat/completions", "https://a.example/api/paas/v4"),
        ("https://a.example/v1beta/openai/", "https://a.example/v1beta/openai"),
        ("https://a.example/", "https://a.example"),
        ("https://models/v1/models", "https://models/v1"),
        ("https://models", "https://models"),
        ("https://a.example/chat", "https://a.example/chat"),
        ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai/", "https://x.openai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai/v1/chat/completions", "https://x.openai.azure.com/openai/v1"),
        ("https://x.services.ai.azure.com/models", "https://x.services.ai.azure.com/openai/v1"),
        ("https://x.cognitiveservices.azure.com/", "https://x.cognitiveservices.azure.com/openai/v1"),
    ],
)
def test_an_address_is_stored_without_the_endpoint_that_was_pasted_with_it(kind: str, pasted: str, stored: str) -> None:
    assert config.checked({"base_url": pasted}, kind=kind) == {"base_url": stored}
    assert config.checked({"base_url": stored}, kind=kind) == {"base_url": stored}


@pytest.mark.parametrize(
    "pasted",
    [
        "https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
        "https://x.openai.azure.com/openai/deployments/gpt",
        "https://x.openai.azure.com/openai/v1/chat/completions?api-version=preview",
        "https://X.Services.AI.Azure.com/models/chat/completions?api-version=2024-05-01",
    ],
)
def test_azures_older_addresses_are_refused_with_what_to_send_instead(pasted: str) -> None:
    with pytest.raises(ProviderSettingsError, match=r"openai\.azure\.com/openai/v1, without a query") as caught:
        config.checked({"base_url": pasted}, kind="openai_compatible")
    assert caught.value.pointer == "/config/base_url"


def test_empty_settings_are_left_out() -> None:
    given: dict[str, object] = {"base_url": "", "models": [], "stream_options": None}
    assert config.checked(given, kind="openai") == {}


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ([], "/config"),
        ({"api_key": "sk-1"}, "/config/api_key"),
        ({"base_url": 7}, "/config/base_url"),
        ({"base_url": "llm.example.com"}, "/config/base_url"),
        ({"base_url": "ftp://llm.example.com"}, "/config/base_url"),
        ({"base_url": "https://"}, "/config/base_url"),
        ({"base_url": "https://[::1"}, "/config/base_url"),
        ({"base_url": "https://a.example:99999"}, "/config/base_url"),
        ({"base_url": "https://user:secret@a.example"}, "/config/base_url"),
        ({"base_url": "https://a.example/v1?key=secret"}, "/config/base_url"),
        ({"base_url": "https://a.example/v1\n"[:-1] + "\x00"}, "/config/base_url"),
        ({"base_url": "https://" + "a" * 600}, "/config/base_url"),
        ({"models": "gpt-4"}, "/config/models"),
        *[({"models": nothing}, "/config/models") for nothing in NOTHING],
        *[({"base_url": nothing}, "/config/base_url") for nothing in NOTHING],
        ({"models": ["m"] * 2}, "/config/models"),
        ({"models": [f"m{n}" for n in range(201)]}, "/config/models"),
        ({"models": ["a", " "]}, "/config/models/1"),
        ({"models": [{"dims": 3}]}, "/config/models/0/id"),
        ({"models": [{"id": "a", "colour": "red"}]}, "/config/models/0/colour"),
        ({"models": [{"id": "a", "dims": -1}]}, "/config/models/0/dims"),
        ({"models": [{"id": "a", "dims": True}]}, "/config/models/0/dims"),
        ({"models": [{"id": "a", "kind": "video"}]}, "/config/models/0/kind"),
        ({"models": [{"id": "a", "supports_vision": "yes"}]}, "/config/models/0/supports_vision"),
        ({"models": [{"id": "a", "input_price": "NaN"}]}, "/config/models/0/input_price"),
        ({"models": [{"id": "a", "input_price": -1}]}, "/config/models/0/input_price"),
        ({"models": [[]]}, "/config/models/0"),
        ({"stream_options": "no"}, "/config/stream_options"),
        ({"timeouts": 60}, "/config/timeouts"),
        ({"timeouts": True}, "/config/timeouts"),
        ({"timeouts": ""}, "/config/timeouts"),
        ({"timeouts": [60]}, "/config/timeouts"),
        ({"timeouts": {"first": 60}}, "/config/timeouts/first"),
        *(({"timeouts": {name: 0}}, f"/config/timeouts/{name}") for name in MOST),
        *(({"timeouts": {name: most + 1}}, f"/config/timeouts/{name}") for name, most in MOST.items()),
        *(({"timeouts": {name: wrong}}, f"/config/timeouts/{name}") for name in MOST for wrong in NO_SECONDS),
        ({"timeouts": {"first_word": 60, "total": 59}}, "/config/timeouts/total"),
    ],
)
def test_what_cannot_work_is_refused_with_a_pointer(given: Any, pointer: str) -> None:
    with pytest.raises(ProviderSettingsError) as caught:
        config.checked(given, kind="openai")
    assert caught.value.pointer == pointer
    assert caught.value.extra["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("given", [{"base_url": "https://a.example"}, {"timeouts": {"total": 60}}])
def test_the_builtin_provider_takes_no_address_and_is_never_waited_for(given: dict[str, Any]) -> None:
    with pytest.raises(ProviderSettingsError):
        config.checked(given, kind="local")


def test_timeouts_are_stored_as_sent_and_what_is_null_is_left_out() -> None:
    for given, stored in (
        ({"first_word": 1, "silence": 1, "total": 1}, {"first_word": 1, "silence": 1, "total": 1}),
        (dict(MOST), dict(MOST)),
        ({"first_word": None, "silence": 30}, {"silence": 30}),
    ):
        assert config.checked({"timeouts": given}, kind="openai") == {"timeouts": stored}
    for nothing in (None, {}, {"total": None}):
        assert config.checked({"timeouts": nothing}, kind="openai") == {}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, (30, 20, 180)),
        ({"first_word": 120}, (120, 20, 180)),
        ({"first_word": 600}, (600, 20, 620)),
        ({"silence": 600}, (30, 600, 630)),
        ({"first_word": 600, "silence": 600, "total": 700}, (600, 600, 700)),
        ({"total": 1800}, (30, 20, 1800)),
        ({"total": 10}, (30, 20, 10)),
        ({"total": 99_999, "first_word": "60", "silence": -1, "else": 5}, (30, 20, 180)),
        ("soon", (30, 20, 180)),
    ],
)
def test_a_provider_is_waited_for_as_its_config_says_and_else_as_the_environment_does(
    said: Any, seconds: tuple[int, int, int]
) -> None:
    found = Access.build("openai", {"timeouts": said}, api_key="k").config.timeouts
    assert (found.first_token, found.between_chunks, found.total) == seconds


def test_the_environments_timeouts_hold_where_a_config_says_nothing(settings: Settings) -> None:
    settings.PROVIDER_FIRST_TOKEN_SECONDS, settings.PROVIDER_SILENCE_SECONDS = 90, 45
    settings.PROVIDER_TOTAL_SECONDS = 100
    assert timeouts_of({}) == Timeouts(first_token=90, between_chunks=45, total=135)
    settings.PROVIDER_TOTAL_SECONDS = 400
    assert timeouts_of({"timeouts": {"silence": 5}}) == Timeouts(first_token=90, between_chunks=5, total=400)


def test_what_the_config_says_of_a_model_goes_before_what_the_adapter_knows() -> None:
    said = {"models": ["other", {"id": "m", "context_tokens": 9000, "input_price": "0.1", "reasons": True}]}
    info = config.with_overrides(ModelInfo("m", context_tokens=1, output_price=Decimal(2)), said)
    assert info == ModelInfo(
        "m",
        context_tokens=9000,
        input_price=Decimal("0.1"),
        output_price=Decimal(2),
        profile=ModelProfile(thinks=True, max_tokens_name="max_completion_tokens"),
    )


@pytest.mark.parametrize(
    "junk", [{"models": "gpt-4"}, {"models": [None, 7, {}, {"name": "x"}]}, {"models": {"id": "m"}}, {}]
)
def test_junk_that_plain_sql_wrote_lists_no_models(junk: dict[str, Any]) -> None:
    assert config.listed_models(junk) == []


def test_junk_facts_that_plain_sql_wrote_are_passed_over() -> None:
    junk = {"models": [{"id": "m", "context_tokens": "many", "input_price": "dear", "kind": ["chat"]}]}
    assert config.with_overrides(ModelInfo("m"), junk) == ModelInfo("m")


def test_an_address_is_where_a_key_goes_so_path_and_case_do_not_matter_but_host_and_scheme_do() -> None:
    origins = [
        config.origin_of({"base_url": url})
        for url in ("https://A.example/v1", "https://a.example", "http://a.example", "https://b.example")
    ]
    assert origins == ["https://a.example", "https://a.example", "http://a.example", "https://b.example"]
    assert config.origin_of({}) == config.origin_of({"base_url": None}) == ""
