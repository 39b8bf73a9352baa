"""OpenAI's responses: items in and out, events in its order, conversations that go on; checked by its own types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter
from rest_framework.test import APIClient

from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chatcms.tests.contract import check, check_events
from datasets.models import Dataset
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/responses"
TOOL = {"type": "function", "name": "lookup", "parameters": {"type": "object", "properties": {}}}
QUESTION = "When may I return a purchase?"
_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def whole(client: APIClient, given: Any, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, {"model": "guide", "input": given, **more}, format="json")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    Response.model_validate(body, strict=False)
    check("OpenAIResponse", body)
    assert response["X-Conversation-Id"] == body["chatcms"]["conversation_id"]
    return body


def refused(client: APIClient, given: Any, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, {"model": "guide", "input": given, **more}, format="json")
    error: dict[str, Any] = response.json()["error"]
    return {"status": response.status_code, **error}


async def _read(client: APIClient, body: dict[str, Any]) -> bytes:
    headers = {"Authorization": client.defaults["HTTP_AUTHORIZATION"]}
    response: Any = await AsyncClient().post(PATH, json.dumps(body), content_type="application/json", headers=headers)
    assert response.streaming, response.content
    return b"".join([piece async for piece in response.streaming_content])


def streamed(client: APIClient, given: Any, **more: Any) -> list[dict[str, Any]]:
    data = async_to_sync(_read)(client, {"model": "guide", "input": given, "stream": True, **more})
    check_events("OpenAIResponseEvent", data)
    found = [json.loads(line[6:]) for line in data.decode().split("\n") if line.startswith("data: ")]
    for event in found:
        assert type(_EVENT.validate_python(event)).__name__ != "ResponseErrorEvent"
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def names(found: list[dict[str, Any]]) -> list[str]:
    """The events in their order, each run of the same as one."""
    kinds = [event["type"].removeprefix("response.") for event in found]
    return [kind for place, kind in enumerate(kinds) if not place or kinds[place - 1] != kind]


BEGUN = ["created", "in_progress", "output_item.added", "content_part.added"]
ENDED = ["content_part.done", "output_item.done"]


def test_an_answer_with_its_sources(client: APIClient, make_bot: MakeBot, handbook: Dataset) -> None:
    make_bot("cite", dataset=handbook)

    body = whole(client, QUESTION)
    found = streamed(client, [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}])

    (item,) = body["output"]
    (part,) = item["content"]
    assert (body["status"], item["status"], part["type"]) == ("completed", "completed", "output_text")
    (first, *_) = part["annotations"]
    assert part["text"][first["start_index"] : first["end_index"]] == "[1]"
    assert names(found) == [
        *BEGUN, "output_text.delta", "output_text.annotation.added", "output_text.done", *ENDED, "completed"
    ]  # fmt: skip
    text = "".join(event["delta"] for event in found if event["type"].endswith("text.delta"))
    assert text == part["text"]
    last = found[-1]["response"]
    assert last["output"][0]["content"] == item["content"]
    assert [event["annotation"] for event in found if event["type"].endswith("added") and "annotation" in event] == (
        part["annotations"]
    )
    assert found[0]["response"]["id"] == last["id"]
    assert last["usage"]["total_tokens"] == last["usage"]["input_tokens"] + last["usage"]["output_tokens"]
    assert {"cached_tokens", "cache_write_tokens"} == set(last["usage"]["input_tokens_details"])


def test_a_call_and_its_result_go_on_in_the_conversation(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("two-tools")

    first = whole(client, "Weather?", tools=[TOOL])
    calls = [item for item in first["output"] if item["type"] == "function_call"]
    results = [
        {"type": "function_call_output", "call_id": call["call_id"], "output": f"sun {place}"}
        for place, call in enumerate(calls)
    ]
    second = whole(client, results, tools=[TOOL], previous_response_id=first["id"])
    third = whole(client, "And now?", previous_response_id=second["id"])

    assert [item["type"] for item in first["output"]] == ["message", "function_call", "function_call"]
    assert second["output"][0]["content"][0]["text"] == "The tool says: sun 0; sun 1"
    assert second["previous_response_id"] == first["id"]
    assert {one["chatcms"]["conversation_id"] for one in (first, second, third)} == {
        first["chatcms"]["conversation_id"]
    }
    with tenant_scope(acme):
        kept = list(Message.objects.order_by("seq").values_list("role", "content"))
    assert [role for role, _ in kept] == ["user", "assistant"] * 3
    assert [words for role, words in kept if role == "user"] == ["Weather?", "", "And now?"]


def test_calls_are_streamed(client: APIClient, make_bot: MakeBot) -> None:
    make_bot("tools")

    found = streamed(client, "Weather?", tools=[TOOL], tool_choice={"type": "function", "name": "lookup"})

    call = ["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"]
    assert names(found) == [*BEGUN, "output_text.delta", "output_text.done", *ENDED, *call, "completed"]
    assert [event["output_index"] for event in found if event["type"].endswith("item.added")] == [0, 1]
    assert found[-1]["response"]["output"][1]["name"] == "lookup"


def test_input_that_is_told_whole_is_one_conversation_too(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("tools")
    given: list[Any] = [{"role": "user", "content": "Weather?"}]

    for step in range(3):
        answer = whole(client, given, tools=[TOOL], store=False)
        given += answer["output"]  # as the documentation has it
        if calls := [item for item in answer["output"] if item["type"] == "function_call"]:
            given += [{"type": "function_call_output", "call_id": calls[0]["call_id"], "output": "sun"}]
        else:
            given.append({"role": "user", "content": f"And {step}?"})

    with tenant_scope(acme):
        assert Conversation.objects.get().message_count == 6


def test_references_to_items_are_what_they_name(
    client: APIClient, make_bot: MakeBot, fake: FakeProvider, acme: Tenant
) -> None:
    make_bot("tools")
    first = whole(client, "Weather?", tools=[TOOL])
    references = [{"type": "item_reference", "id": item["id"]} for item in first["output"]]
    result = {"type": "function_call_output", "call_id": first["output"][1]["call_id"], "output": "sun"}

    whole(client, [{"role": "user", "content": "Weather?"}, *references, result], tools=[TOOL])

    _, answer, told = fake.stats()["last_body"]["messages"]
    assert (answer["content"], answer["tool_calls"][0]["id"]) == ("Let me look. ", result["call_id"])
    assert told["content"] == "sun"
    with tenant_scope(acme):
        assert Conversation.objects.get().message_count == 4
    assert refused(client, [{"type": "item_reference", "id": "msg_unknown"}])["status"] == 400


def test_a_response_is_shown_again(client: APIClient, make_bot: MakeBot, handbook: Dataset) -> None:
    make_bot("cite", dataset=handbook)
    body = whole(client, QUESTION)

    shown = client.get(f"{PATH}/{body['id']}").json()

    same = ("id", "status", "output", "model", "usage", "conversation")
    assert {name: shown[name] for name in same} == {name: body[name] for name in same}
    check("OpenAIResponse", shown)
    missing = client.get(f"{PATH}/resp_{'0' * 32}")
    assert (missing.status_code, missing.json()["error"]["type"]) == (404, "invalid_request_error")


@pytest.mark.parametrize("where", ["previous", "conversation", "object", "name"])
def test_what_was_said_need_not_be_sent_again(
    client: APIClient, make_bot: MakeBot, fake: FakeProvider, acme: Tenant, where: str
) -> None:
    make_bot("echo", system_prompt="Be kind.")
    more: dict[str, Any] = {"conversation": "mine"} if where == "name" else {}

    first = whole(client, "One", instructions="Be brief.", **more)
    goes_on: dict[str, Any] = {
        "previous": {"previous_response_id": first["id"]},
        "conversation": {"conversation": first["conversation"]["id"]},
        "object": {"conversation": first["conversation"]},
        "name": {"conversation": {"id": "mine"}},
    }[where]
    whole(client, "Two", **goes_on)

    sent = [(one["role"], one["content"]) for one in fake.stats()["last_body"]["messages"]]
    assert sent == [("system", "Be kind."), ("user", "One"), ("assistant", "One"), ("user", "Two")]
    with tenant_scope(acme):
        assert Conversation.objects.get().message_count == 4


def test_from_an_earlier_response_another_conversation_begins(
    client: APIClient, make_bot: MakeBot, fake: FakeProvider, acme: Tenant
) -> None:
    make_bot("echo")
    first = whole(client, "One")
    whole(client, "Two", previous_response_id=first["id"])

    whole(client, "Other", previous_response_id=first["id"])

    assert [one["content"] for one in fake.stats()["last_body"]["messages"]] == ["One", "One", "Other"]
    with tenant_scope(acme):
        assert list(Conversation.objects.order_by("id").values_list("message_count", flat=True)) == [4, 2]


def test_a_response_of_somebody_else_is_none(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    first = whole(client, "One")
    _, secret = factories.make_api_key(acme)
    other = APIClient(headers=factories.bearer(secret))

    for previous in (first["id"], "resp_" + "0" * 32, "resp_x", "x"):
        error = refused(other, "Two", previous_response_id=previous)
        assert (error["status"], error["code"]) == (400, "previous_response_not_found")
        assert (error["param"], error["type"]) == ("previous_response_id", "invalid_request_error")
        assert previous in error["message"]
    assert other.get(f"{PATH}/{first['id']}").status_code == 404


@pytest.mark.parametrize(
    ("given", "more", "param"),
    [
        (None, {}, "input"),
        ([], {}, "input"),
        ([{"type": "reasoning", "summary": []}], {}, "input"),
        ([{"role": "robot", "content": "x"}], {}, "input.0.role"),
        ([{"type": "computer_call"}], {}, "input"),
        ([{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}], {}, "input"),
        ([{"type": "function_call_output", "call_id": "a", "output": "x"}], {}, "input.0.call_id"),
        ("x", {"tools": [{"type": "web_search"}]}, "tools"),
        ("x", {"background": True}, "background"),
        ("x", {"prompt": {"id": "p"}}, "prompt"),
        ("x", {"text": {"format": {"type": "xml"}}}, "text.format"),
        ("x", {"max_output_tokens": 0}, "max_output_tokens"),
        ("x", {"conversation": 3}, "conversation"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    client: APIClient, make_bot: MakeBot, given: Any, more: dict[str, Any], param: str
) -> None:
    make_bot("echo")

    error = refused(client, given, **more)

    assert (error["status"], error["type"], error["param"]) == (400, "invalid_request_error", param)


def test_what_clients_send_by_default_is_let_through(client: APIClient, make_bot: MakeBot) -> None:
    make_bot("echo")
    harmless = {
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "low"},
        "truncation": "auto",
        "service_tier": "auto",
        "top_p": 0.5,
        "user": "ann",
        "metadata": {"a": "b"},
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "prompt_cache_key": "k",
        "zzz": 1,
    }

    body = whole(client, "Hello", **harmless)

    assert (body["user"], body["metadata"], body["top_p"]) == ("ann", {"a": "b"}, 0.5)


def test_an_answer_that_is_cut_is_incomplete(client: APIClient, make_bot: MakeBot) -> None:
    make_bot("fake")

    body = whole(client, "Hello", max_output_tokens=3)
    found = streamed(client, "Hello", max_output_tokens=3)

    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert names(found)[-1] == "incomplete"
    assert found[-1]["response"]["output"][0]["status"] == "incomplete"


def test_an_answer_that_breaks_off_has_failed(client: APIClient, make_bot: MakeBot) -> None:
    make_bot("cut-3")

    found = streamed(client, "Hello")

    assert names(found)[-2:] == ["output_item.done", "failed"]
    assert found[-1]["response"]["error"]["code"] == "server_error"
    assert refused(client, "Hello")["status"] == 502


def test_a_refusal_and_json(client: APIClient, make_bot: MakeBot) -> None:
    make_bot("refuse")
    make_bot("json", name="Former")
    form = {"type": "json_schema", "name": "x", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}

    body, found = whole(client, "Hello"), streamed(client, "Hello")
    answer = whole(client, "Hello", model="former", text={"format": form})

    assert body["output"][0]["content"] == [{"type": "refusal", "refusal": "I cannot help with that."}]
    assert found[-1]["response"]["output"][0]["content"] == body["output"][0]["content"]
    assert names(found)[-5:] == ["refusal.delta", "refusal.done", *ENDED, "completed"]
    assert json.loads(answer["output"][0]["content"][0]["text"]) == {"a": "forty-two"}
    assert answer["text"]["format"] == form
