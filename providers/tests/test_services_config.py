"""Tests of what a provider's config may hold and how it is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers import config
from providers.exceptions import ProviderSettingsError
from providers.profiles import ModelProfile
from providers.types import ModelInfo


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
    ],
)
def test_what_cannot_work_is_refused_with_a_pointer(given: Any, pointer: str) -> None:
    with pytest.raises(ProviderSettingsError) as caught:
        config.checked(given, kind="openai")
    assert caught.value.pointer == pointer
    assert caught.value.extra["errors"][0]["pointer"] == pointer


def test_the_builtin_provider_takes_no_address() -> None:
    with pytest.raises(ProviderSettingsError):
        config.checked({"base_url": "https://a.example"}, kind="local")


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
