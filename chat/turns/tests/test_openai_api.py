"""Tests of OpenAI's protocol in process: what is honoured, what is refused, and how errors look."""

from __future__ import annotations

import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from chat.models import Conversation
from chat.tests.fixtures import MakeBot
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Plan, Tenant
from tenants.tests import factories

PATH = "/v1/chat/completions"
TOOL = {"type": "function", "function": {"name": "f"}}
CALLED = {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f"}}]}
HELLO = {"model": "guide", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def _post(client: APIClient, **more: object) -> Any:
    return client.post(PATH, {**HELLO, **more}, format="json")


def test_a_completion_has_the_shape_of_openais(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")

    body = _post(client).json()

    assert body["id"].startswith("chatcmpl-")
    assert body["object"] == "chat.completion"
    assert abs(body["created"] - time.time()) < 3600
    assert body["model"] == "guide"
    (choice,) = body["choices"]
    assert (choice["index"], choice["finish_reason"], choice["logprobs"]) == (0, "stop", None)
    assert choice["message"] == {"role": "assistant", "content": "Hello", "refusal": None, "annotations": []}
    assert {"prompt_tokens", "completion_tokens", "total_tokens"} < set(body["usage"])
    assert body["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0
    with tenant_scope(acme):
        assert str(Conversation.objects.get(channel="openai").pk) == body["chatcms"]["conversation_id"]


def test_system_messages_history_and_parts_reach_the_model(
    client: APIClient, make_bot: MakeBot, fake: FakeProvider
) -> None:
    make_bot("echo", system_prompt="Be kind.")
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Uno"},
        {"role": "developer", "content": "In Latin."},
        {"role": "user", "content": [{"type": "text", "text": "Tw"}, {"type": "text", "text": "o"}]},
    ]

    _post(client, messages=messages)

    sent = fake.stats()["last_body"]["messages"]
    assert sent[0] == {"role": "system", "content": "Be kind.\n\nBe brief.\n\nIn Latin."}
    assert [(one["role"], one["content"]) for one in sent[1:]] == [
        ("user", "One"),
        ("assistant", "Uno"),
        ("user", "Two"),
    ]


def test_settings_of_the_call_are_honoured(client: APIClient, make_bot: MakeBot, fake: FakeProvider) -> None:
    make_bot(temperature=0.7)

    body = _post(client, temperature=0, max_completion_tokens=3, stop="END").json()

    sent = fake.stats()["last_body"]
    assert (sent["temperature"], sent["max_tokens"], sent["stop"]) == (0, 3, ["END"])
    assert body["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]}, "content"),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]}, "content"),
        ({"modalities": ["text", "audio"]}, "modalities"),
    ],
)
def test_what_a_bot_does_not_do_is_refused_by_name(
    client: APIClient, make_bot: MakeBot, more: dict[str, object], param: str
) -> None:
    make_bot()

    response = _post(client, **more)

    error = response.json()["error"]
    assert (response.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert error["code"] == "unsupported_parameter"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": {"role": "user", "content": "x"}}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "tool", "content": "x"}]}, "messages.1.tool_call_id"),
        ({"messages": [CALLED]}, "messages"),
        ({"messages": [CALLED, {"role": "user", "content": "x"}]}, "messages.1"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": "perhaps"}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages.0.content"),
        ({"temperature": 3}, "temperature"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_a_malformed_request_names_its_field(
    client: APIClient, make_bot: MakeBot, more: dict[str, object], param: str
) -> None:
    make_bot()

    response = _post(client, **more)

    error = response.json()["error"]
    assert (response.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)


def test_settings_that_change_nothing_a_bot_does_are_let_through(client: APIClient, make_bot: MakeBot) -> None:
    make_bot()

    harmless: dict[str, Any] = {
        "n": 1,
        "tools": [],
        "response_format": {"type": "text"},
        "top_p": 0.5,
        "user": "u",
        "seed": 1,
        "logprobs": True,
        "top_logprobs": 2,
        "store": True,
        "metadata": {"a": "b"},
        "service_tier": "auto",
        "reasoning_effort": "low",
        "logit_bias": {},
        "frequency_penalty": 0,
        "parallel_tool_calls": True,
    }
    response = _post(client, **harmless)

    assert response.status_code == 200


def test_an_unknown_model_is_openais_404(client: APIClient, db: None) -> None:
    response = _post(client)

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")


@pytest.mark.parametrize("path", [PATH, "/v1/models"])
def test_a_wrong_key_is_openais_401(path: str, db: None) -> None:
    wrong = APIClient(headers=factories.bearer("sk-wrong"))
    for client in (APIClient(), wrong):
        response = client.post(path, HELLO, format="json") if path == PATH else client.get(path)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(("model", "status"), [("fail-401", 424), ("fail-429", 429), ("fail-500", 502)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_fails_before_the_first_word_has_its_status_streamed_or_not(
    client: APIClient, make_bot: MakeBot, model: str, status: int, stream: bool
) -> None:
    make_bot(model)

    response = _post(client, stream=stream)

    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    assert "SECRET" not in response.content.decode()


def test_a_used_up_plan_is_openais_insufficient_quota(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot()
    acme.plan = Plan.objects.create(code="none", name="None", max_monthly_messages=0)
    acme.save()

    response = _post(client)

    assert (response.status_code, response.json()["error"]["type"]) == (429, "insufficient_quota")
    assert response["x-should-retry"] == "false"


def test_the_bots_are_the_models(client: APIClient, make_bot: MakeBot) -> None:
    make_bot()

    listed, one = client.get("/v1/models").json(), client.get("/v1/models/guide").json()

    assert listed == {"object": "list", "data": [one]}
    assert (one["id"], one["object"], one["owned_by"]) == ("guide", "model", "acme")
    assert isinstance(one["created"], int)
    assert client.get("/v1/models/nobody").json()["error"]["code"] == "model_not_found"
