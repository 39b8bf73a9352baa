"""A provider that misbehaves in every way: another is asked before the first word, nothing is hidden after it.

In all of it no key is in any answer or in the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from bots.models import Bot
from chat.models import Message, Usage
from chat.tests.fixtures import MakeBot
from chatcms.tests import live
from providers.models import TenantAIProvider
from providers.services import create_provider
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = ("sk-of-acme", "sk-of-the-other")
# What the provider does before its first word, with the status and code that a caller gets when nobody else is asked.
BEFORE = {
    "fail-400": (424, "provider_bad_request"),
    "fail-401": (424, "provider_auth"),
    "fail-403": (424, "provider_auth"),
    "fail-404-model": (424, "provider_model_not_found"),
    "fail-429": (429, "provider_rate_limited"),
    "fail-500": (502, "provider_unavailable"),
    "fail-503": (502, "provider_unavailable"),
    "fail-context": (424, "provider_prompt_too_long"),
    "quota": (424, "provider_quota_exceeded"),
    "hang": (504, "provider_timeout"),
    "stall-0": (504, "provider_timeout"),
    "cut-0": (502, "provider_unavailable"),
    "eof-0": (502, "provider_bad_response"),
    "junk-0": (502, "provider_bad_response"),
    "error-0": (502, "provider_unavailable"),
    "junk": (502, "provider_bad_response"),
    "redirect": (424, "provider_misconfigured"),
}
AFTER = {
    "stall-3": "provider_timeout",
    "cut-3": "provider_stream_interrupted",
    "eof-3": "provider_stream_interrupted",
    "junk-3": "provider_stream_interrupted",
    "error-3": "provider_stream_interrupted",
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "server.log"


@pytest.fixture(scope="module")
def server(django_db_setup: None, running_fake: FakeProvider, log: Path) -> Iterator[str]:
    extra = {
        "EGRESS_PRIVATE_HOSTS": running_fake.host,
        "PROVIDER_FIRST_TOKEN_SECONDS": "1",
        "PROVIDER_SILENCE_SECONDS": "1",
    }
    with live.web_server(extra=extra, log=log) as address:
        yield address


@pytest.fixture(autouse=True)
def nothing_gives_a_key_away(server: str, log: Path) -> Iterator[None]:
    """After each test: the log holds no key and nothing unforeseen."""
    yield
    written = log.read_text()
    assert not [secret for secret in SECRETS if secret in written]
    assert "Traceback" not in written


@pytest.fixture
def with_fallback(make_bot: MakeBot, acme: Tenant, fake: FakeProvider) -> Any:
    """Make a bot whose model follows a script, and which falls back to another provider's model."""

    def make(script: str, *fallbacks: str) -> Bot:
        bot = make_bot(script)
        with tenant_scope(acme):
            other = create_provider(
                by=SYSTEM,
                name="The other",
                provider_type="anthropic",
                api_key="sk-of-the-other",
                config={"base_url": fake.anthropic_url},
            )
            named = [{"provider_id": str(other.pk), "model": model} for model in fallbacks]
            Bot.objects.filter(pk=bot.pk).update(fallbacks=named)
        return bot

    return make


def _ask(server: str, key: str, *, stream: bool, bot: str = "guide") -> httpx.Response:
    return httpx.post(
        f"{server}/v1/chat/bots/{bot}/messages",
        json={"message": "Why?", "stream": stream},
        headers={"authorization": f"Bearer {key}"},
        timeout=60,
    )


def _events(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(r"event: (\w+)\nid: \S+\ndata: (.*)", answer.content.decode())
    return [(name, orjson.loads(data)) for name, data in found]


def _saved(tenant: Tenant) -> Message:
    with tenant_scope(tenant):
        return Message.objects.get(role="assistant")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("script", BEFORE)
def test_what_fails_before_the_first_word_has_its_status_and_code(
    server: str, api_key: str, make_bot: MakeBot, acme: Tenant, script: str, stream: bool
) -> None:
    make_bot(script)

    answer = _ask(server, api_key, stream=stream)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == BEFORE[script]
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [secret for secret in SECRETS if secret in answer.text]
    saved = _saved(acme)
    assert (saved.status, saved.error_code, saved.content) == ("failed", problem["code"], "")


@pytest.mark.parametrize("script", BEFORE)
def test_before_the_first_word_another_model_is_asked(
    server: str, api_key: str, with_fallback: Any, acme: Tenant, script: str
) -> None:
    with_fallback(script, "fail-503", "claude-fake")

    answer = _ask(server, api_key, stream=True)

    assert answer.status_code == 200
    done = _events(answer)[-1][1]
    assert (done["model"], done["finish_reason"]) == ("claude-fake", "stop")
    saved = _saved(acme)
    assert (saved.status, saved.model, saved.provider_name) == ("complete", "claude-fake", "The other")
    with tenant_scope(acme):
        assert Usage.objects.get().model == "claude-fake"


@pytest.mark.parametrize("script", AFTER)
def test_what_fails_after_the_first_word_says_so_and_keeps_the_part(
    server: str, api_key: str, with_fallback: Any, acme: Tenant, script: str
) -> None:
    with_fallback(script, "claude-fake")

    answer = _ask(server, api_key, stream=True)

    events = _events(answer)
    text = "".join(data["text"] for name, data in events if name == "delta")
    name, problem = events[-1]
    assert answer.status_code == 200
    assert (name, problem["code"], problem["incomplete"]) == ("error", AFTER[script], True)
    assert len(text.split()) == 3
    assert not [secret for secret in SECRETS if secret in answer.text]
    saved = _saved(acme)
    assert (saved.status, saved.error_code, saved.content) == ("failed", AFTER[script], text)
    with tenant_scope(acme):
        assert Usage.objects.get().estimated


@pytest.mark.parametrize("script", AFTER)
def test_a_whole_answer_that_broke_off_is_an_error_and_not_a_part(
    server: str, api_key: str, with_fallback: Any, script: str
) -> None:
    with_fallback(script, "claude-fake")

    answer = _ask(server, api_key, stream=False)

    assert answer.status_code >= 500
    assert (answer.json()["code"], answer.json()["incomplete"]) == (AFTER[script], True)


def test_when_all_models_fail_the_first_ones_failure_is_told(server: str, api_key: str, with_fallback: Any) -> None:
    with_fallback("fail-401", "fail-503", "hang")

    answer = _ask(server, api_key, stream=False)

    assert (answer.status_code, answer.json()["code"]) == (424, "provider_auth")


def test_a_model_whose_provider_is_switched_off_is_passed_over(
    server: str, api_key: str, with_fallback: Any, acme: Tenant
) -> None:
    bot = with_fallback("fake", "claude-fake")
    with tenant_scope(acme):
        TenantAIProvider.objects.filter(bots=bot).update(is_active=False)

    answer = _ask(server, api_key, stream=False)

    assert (answer.status_code, answer.json()["model"]) == (200, "claude-fake")


def test_openais_route_falls_back_and_fails_in_openais_words(
    server: str, api_key: str, with_fallback: Any, make_bot: MakeBot
) -> None:
    with_fallback("fail-500", "claude-fake")
    make_bot("fail-429", name="Alone")
    url, headers = f"{server}/v1/chat/completions", {"authorization": f"Bearer {api_key}"}
    messages = [{"role": "user", "content": "Why?"}]

    answered = httpx.post(url, json={"model": "guide", "messages": messages}, headers=headers, timeout=60)
    refused = httpx.post(
        url, json={"model": "alone", "messages": messages, "stream": True}, headers=headers, timeout=60
    )

    assert answered.status_code == 200
    assert answered.json()["choices"][0]["finish_reason"] == "stop"
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit_exceeded")
