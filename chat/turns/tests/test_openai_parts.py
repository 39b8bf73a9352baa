"""What OpenAI's clients send and get besides words: tools, pictures, JSON, refusals, sources; whole and streamed."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from chat.models import Message
from chat.tests.fixtures import MakeBot
from datasets.models import Dataset, Document
from providers.services import create_provider
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/chat/completions"
ABILITIES = ("supports_vision", "supports_files", "supports_tools", "supports_json", "supports_output_schema")
TOOL = {"type": "function", "function": {"name": "lookup", "parameters": {"type": "object", "properties": {}}}}
ARGUMENTS = {"city": "Paris", "days": 3}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
ASKED = {"role": "user", "content": "What is the weather?"}
CALL = {"id": "call_0", "type": "function", "function": {"name": "lookup", "arguments": "{}"}}
MakeAble = Callable[..., Bot]


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture(params=["openai_compatible", "anthropic"])
def make_able(request: pytest.FixtureRequest, acme: Tenant, fake: FakeProvider) -> MakeAble:
    """Make a bot whose model can do all that there is, behind either wire format."""

    def make(model: str, *, able: bool = True, **more: Any) -> Bot:
        address = fake.anthropic_url if request.param == "anthropic" else fake.openai_url
        config = {"base_url": address, "models": [{"id": model, **dict.fromkeys(ABILITIES, able)}]}
        with tenant_scope(acme):
            provider = create_provider(
                by=SYSTEM, name="Fake", provider_type=request.param, api_key="sk-of-acme", config=config
            )
            return create_bot(by=SYSTEM, name="Guide", model=model, tenant_ai_provider_id=provider.pk, **more)

    return make


def whole(client: APIClient, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, {"model": "guide", "messages": [ASKED], **more}, format="json")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


async def _read(client: APIClient, body: dict[str, Any]) -> bytes:
    headers = {"Authorization": client.defaults["HTTP_AUTHORIZATION"]}
    response: Any = await AsyncClient().post(PATH, json.dumps(body), content_type="application/json", headers=headers)
    assert response.streaming, response.content
    return b"".join([piece async for piece in response.streaming_content])


def chunks(client: APIClient, **more: Any) -> list[dict[str, Any]]:
    """The chunks of a stream, without its end."""
    body = {"model": "guide", "messages": [ASKED], **more, "stream": True}
    data = async_to_sync(_read)(client, body).decode()
    lines = [line[6:] for line in data.split("\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def deltas(found: list[dict[str, Any]], name: str) -> list[Any]:
    return [value for chunk in found for one in chunk["choices"] if (value := one["delta"].get(name))]


def test_a_call_of_a_tool_is_returned_whole_and_streamed(client: APIClient, make_able: MakeAble) -> None:
    make_able("two-tools")

    choice = whole(client, tools=[TOOL])["choices"][0]
    found = chunks(client, tools=[TOOL])

    assert choice["finish_reason"] == found[-1]["choices"][0]["finish_reason"] == "tool_calls"
    calls = choice["message"]["tool_calls"]
    assert [(one["id"], one["function"]["name"]) for one in calls] == [("call_0", "lookup"), ("call_1", "lookup")]
    assert [json.loads(one["function"]["arguments"]) for one in calls] == [ARGUMENTS, ARGUMENTS]
    streamed = [call for each in deltas(found, "tool_calls") for call in each]
    assert [one.pop("index") for one in streamed] == [0, 1]
    assert [{**one, "function": one["function"]["name"]} for one in streamed] == [
        {**one, "function": "lookup"} for one in calls
    ]


def test_results_of_tools_reach_the_model_after_the_question(client: APIClient, make_able: MakeAble) -> None:
    make_able("tools")
    answered = whole(client, tools=[TOOL])["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": answered["tool_calls"][0]["id"], "content": "sunny"}

    told = whole(client, messages=[ASKED, answered, result], tools=[TOOL])["choices"][0]

    assert (told["message"]["content"], told["finish_reason"]) == ("The tool says: sunny", "stop")


def test_the_older_names_of_tools_are_answered_by_themselves(client: APIClient, make_able: MakeAble) -> None:
    make_able("tools")
    asked = {"functions": [TOOL["function"]], "function_call": "auto"}

    choice = whole(client, **asked)["choices"][0]
    found = chunks(client, **asked)
    called = {"role": "assistant", "content": None, "function_call": choice["message"]["function_call"]}
    result = {"role": "function", "name": "lookup", "content": "sunny"}
    told = whole(client, messages=[ASKED, called, result], **asked)["choices"][0]["message"]

    assert choice["finish_reason"] == found[-1]["choices"][0]["finish_reason"] == "function_call"
    assert [one["name"] for one in deltas(found, "function_call")] == ["lookup"]
    assert told["content"] == "The tool says: sunny"


def test_the_choice_among_tools_reaches_the_model(client: APIClient, make_able: MakeAble) -> None:
    make_able("tools")
    other = {"type": "function", "function": {"name": "other"}}
    named = {"type": "function", "function": {"name": "other"}}
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named]}}

    for choice, called in [("required", "lookup"), (named, "other"), (allowed, "other")]:
        message = whole(client, tools=[TOOL, other], tool_choice=choice)["choices"][0]["message"]
        assert message["tool_calls"][0]["function"]["name"] == called
    assert "tool_calls" not in whole(client, tools=[TOOL], tool_choice="none")["choices"][0]["message"]


@pytest.mark.parametrize("more", [{"tools": [TOOL], "tool_choice": "none"}, {"tools": []}, {"functions": []}])
def test_tools_that_are_not_to_be_called_need_no_model_that_knows_them(
    client: APIClient, make_able: MakeAble, fake: FakeProvider, more: dict[str, Any]
) -> None:
    make_able("echo", able=False)

    whole(client, **more)

    assert "tools" not in fake.stats()["last_body"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"tools": [TOOL]}, "tools"),
        ({"messages": [ASKED, {"role": "assistant", "tool_calls": [CALL]}, {
            "role": "tool", "tool_call_id": "call_0", "content": "x"}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "JSON"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}}, "schema"),
        ({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}]}]}, "images"),
    ],
)  # fmt: skip
def test_what_the_model_cannot_do_is_refused_before_anything_is_saved(
    client: APIClient, make_able: MakeAble, acme: Tenant, more: dict[str, Any], word: str
) -> None:
    make_able("echo", able=False)

    for stream in (False, True):
        response = client.post(PATH, {"model": "guide", "messages": [ASKED], "stream": stream, **more}, format="json")
        error = response.json()["error"]
        assert (response.status_code, error["type"], error["code"]) == (400, "invalid_request_error", "model_cannot")
        assert word in error["message"]
    with tenant_scope(acme):
        assert not Message.objects.exists()


def test_json_has_its_schema_and_its_brackets(client: APIClient, make_able: MakeAble, handbook: Dataset) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA, "strict": True}}
    make_able("json", dataset_ids=[handbook.pk])

    asked = [{"role": "user", "content": "How long does a repair take?"}]
    choice = whole(client, messages=asked, response_format=form)["choices"][0]
    streamed = "".join(deltas(chunks(client, messages=asked, response_format=form), "content"))

    assert json.loads(choice["message"]["content"]) == json.loads(streamed) == {"name": "forty-two"}
    assert choice["message"]["annotations"], "an answer that cites nothing shows what it was made from"


def test_what_a_bot_says_instead_of_json_is_a_refusal(
    client: APIClient, make_able: MakeAble, handbook: Dataset
) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    make_able("json", dataset_ids=[handbook.pk], no_evidence="say_so", no_evidence_message="Not in here.")
    asked = [{"role": "user", "content": "xyzzy plugh quux"}]

    message = whole(client, messages=asked, response_format=form)["choices"][0]["message"]
    found = chunks(client, messages=asked, response_format=form)

    assert (message["content"], message["refusal"]) == (None, "Not in here.")
    assert (deltas(found, "content"), deltas(found, "refusal")) == ([], ["Not in here."])


def test_a_refusal_is_one(client: APIClient, make_able: MakeAble) -> None:
    make_able("refuse")

    message = whole(client)["choices"][0]["message"]
    again = whole(client, messages=[ASKED, message, {"role": "user", "content": "Why?"}])

    assert (message["content"], message["refusal"]) == (None, "I cannot help with that.")
    assert deltas(chunks(client), "refusal") == ["I cannot help with that."]
    assert again["choices"][0]["message"]["refusal"]


@pytest.fixture
def pictures(settings: Any) -> Iterator[str]:
    """A server of pictures that documents may be fetched from; what is asked for at /away is elsewhere."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 404 if self.path == "/gone" else 200)
            body = PNG if self.path == "/a.png" else b"<html>"
            self.send_header("Location", "/a.png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.FETCH_PRIVATE_HOSTS = frozenset({f"127.0.0.1:{server.server_port}"})
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _shown(url: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [
        {"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]}]  # fmt: skip


@pytest.mark.parametrize("path", ["/a.png", "/away"])
def test_pictures_reach_the_model_as_bytes(client: APIClient, make_able: MakeAble, pictures: str, path: str) -> None:
    make_able("look")
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()

    for url in (data, pictures + path):
        seen = whole(client, messages=_shown(url))["choices"][0]["message"]["content"]
        assert seen == f"image of type image/png: {PNG!r}\n"
    only = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": data}}]}]
    assert "image/png" in whole(client, messages=only)["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:1/a.png", "https://127.0.0.1/a.png", "https://169.254.169.254/latest", "https://[::1]/a"),
        *("http://localhost/a", "https://user:pass@pictures.example/a", "https://2130706433/", "{pictures}/page"),
        *("{pictures}/gone", "data:image/png;base64,@@@", "data:text/html;base64,PGh0bWw+", "ftp://x/y", "", "x"),
    ],
)
def test_a_picture_that_may_not_be_fetched_or_is_none_is_refused(
    client: APIClient, make_able: MakeAble, pictures: str, url: str
) -> None:
    make_able("look")

    body = {"model": "guide", "messages": _shown(url.format(pictures=pictures))}
    response = client.post(PATH, body, format="json")

    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")


def test_sources_are_annotations_whole_and_streamed(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant
) -> None:
    make_bot("cite", dataset=handbook)
    asked = [{"role": "user", "content": "When may I return a purchase?"}]

    body = whole(client, messages=asked)
    found = chunks(client, messages=asked)

    message = body["choices"][0]["message"]
    (first, *_) = [one["url_citation"] for one in message["annotations"]]
    assert message["content"][first["start_index"] : first["end_index"]] == "[1]"
    assert first["title"] == "rules.txt"
    assert first["url"].endswith(f"/v1/tenant/documents/{body['chatcms']['citations'][0]['document_id']}/download")
    assert deltas(found, "annotations") == [message["annotations"]]
    with tenant_scope(acme):
        Document.objects.update(source_url="https://shop.example/rules")
    (first, *_) = whole(client, messages=asked)["choices"][0]["message"]["annotations"]
    assert first["url_citation"]["url"] == "https://shop.example/rules"


def test_what_an_answer_was_made_from_is_annotated_at_its_end(
    client: APIClient, make_bot: MakeBot, handbook: Dataset
) -> None:
    make_bot("fake", dataset=handbook)

    body = whole(client, messages=[{"role": "user", "content": "When may I return a purchase?"}])

    message = body["choices"][0]["message"]
    assert message["annotations"]
    assert {one["url_citation"]["start_index"] for one in message["annotations"]} == {len(message["content"])}
    assert len(body["chatcms"]["consulted"]) == len(message["annotations"])


def sent(fake: FakeProvider) -> list[tuple[str, str]]:
    return [(one["role"], one["content"]) for one in fake.stats()["last_body"]["messages"]]


def test_whoever_has_the_last_word(client: APIClient, make_bot: MakeBot, fake: FakeProvider) -> None:
    make_bot("fake", system_prompt="Be kind.")
    answer, rule = {"role": "assistant", "content": "It is"}, {"role": "developer", "content": "Be brief."}

    whole(client, messages=[ASKED, answer])
    assert sent(fake)[1:3] == [("user", ASKED["content"]), ("assistant", "It is")]
    assert sent(fake)[-1][0] == "user"
    whole(client, messages=[ASKED, rule])
    assert sent(fake) == [("system", "Be kind.\n\nBe brief."), ("user", ASKED["content"])]
    whole(client, messages=[rule])
    assert sent(fake) == [("system", "Be kind."), ("user", "Be brief.")]
    whole(client, messages=[answer])
    assert sent(fake)[-1] == ("user", "It is")


@pytest.mark.parametrize("count", [201, 1001, 2500])
def test_of_many_messages_the_oldest_are_left_out(
    client: APIClient, make_bot: MakeBot, fake: FakeProvider, count: int
) -> None:
    make_bot("fake")
    rule = {"role": "system", "content": "Be brief."}
    turn = [{"role": "user", "content": "One"}, {"role": "assistant", "content": None, "tool_calls": None}]

    whole(client, messages=[rule, *(turn * count)[: count - 1], ASKED])

    messages = sent(fake)
    assert messages[0] == ("system", "Be brief.")
    assert messages[-1] == ("user", ASKED["content"])
    assert messages[1][0] == "user"


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "One", "name": "ann"},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": ""}]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "assistant", "content": None, "refusal": "No.", "audio": None, "function_call": None},
        {"role": "assistant", "content": "Yes.", "annotations": [], "tool_calls": []},
        {"role": "function", "name": "f", "content": "42"},
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    ],
)
def test_what_clients_keep_in_their_history_is_taken(
    client: APIClient, make_bot: MakeBot, message: dict[str, Any]
) -> None:
    make_bot("fake")

    assert whole(client, messages=[ASKED, message, ASKED])["choices"][0]["message"]["content"]
