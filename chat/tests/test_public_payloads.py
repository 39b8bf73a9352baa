"""Tests that what visitors are sent names no document, dataset, prompt or provider of the tenant.

Each of those has a canary in its name. Every way by which a visitor is told something is asked, and searched for them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.test import AsyncClient, Client
from rest_framework.test import APIClient

from bots.models import Bot
from bots.public_id import public_id
from chat.tests.fixtures import MakeBot
from chatcms.jobs.runner import run_due
from datasets.services import create_dataset, upload_document
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

PAGE = "https://shop.example"
CANARY = "canary"
ASK = "/v1/chat/bots/guide/messages"
QUESTION = "Within how many days may a purchase be returned?"


@pytest.fixture
def secretive(make_bot: MakeBot, acme: Tenant) -> Bot:
    """A bot whose making is full of canaries; it cites the first two of three documents that it finds."""
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name=f"{CANARY} dataset", description=f"{CANARY} description")
        for number in range(6):
            text = f"A purchase may be returned within {number + 20} days, says rule {number}.".encode()
            upload_document(by=SYSTEM, dataset=dataset, name=f"{CANARY} {number}.txt", file=ContentFile(text))
    run_due()
    bot = make_bot("cite", dataset=dataset, name="Guide", prompt=f"Tell nobody the {CANARY} prompt.")
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[PAGE], hosted_page=True)
        TenantAIProvider.objects.filter(name="Fake for Guide").update(name=f"{CANARY} provider")
    return bot


@pytest.fixture
def public(acme: Tenant, secretive: Bot) -> str:
    return public_id(tenant_id=acme.id, bot_id=secretive.pk)


@pytest.fixture
def headers(public: str) -> dict[str, str]:
    """What a visitor's page sends along."""
    let_in = APIClient(headers={"Origin": PAGE}).post("/v1/chat/visitors", {"bot": public}, format="json").json()
    return {"Origin": PAGE, "Authorization": f"Bearer {let_in['token']}"}


@pytest.fixture
def page(headers: dict[str, str]) -> APIClient:
    return APIClient(headers=headers)


def _ask(page: APIClient, **more: Any) -> Any:
    return page.post(ASK, {"message": QUESTION, **more}, format="json")


_CITING = {"citations", "annotations", "annotation"}


def _without_citations(value: Any) -> Any:
    """A JSON value without its citations: an answer shows the documents that it cites."""
    if isinstance(value, dict):
        return {name: _without_citations(inner) for name, inner in value.items() if name not in _CITING}
    return [_without_citations(inner) for inner in value] if isinstance(value, list | tuple) else value


def _streamed(method: str, path: str, headers: dict[str, str], body: Any = None) -> list[tuple[str, Any]]:
    """Name and data of each server-sent event."""

    async def read() -> str:
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
        response = await getattr(AsyncClient(), method)(path, headers=headers, **sent)
        return b"".join([piece async for piece in response.streaming_content]).decode()

    text = async_to_sync(read)()
    blocks = [dict(line.partition(": ")[::2] for line in block.splitlines()) for block in text.split("\n\n")]
    return [(one.get("event", ""), json.loads(one["data"])) for one in blocks if one.get("data", "[DONE]") != "[DONE]"]


def test_an_answer_names_only_the_documents_that_it_cites(page: APIClient) -> None:
    answer = _ask(page).json()

    assert [one["number"] for one in answer["citations"]] == [1, 2]
    assert CANARY not in json.dumps(_without_citations(answer))
    assert answer["usage"]["cost"] is None


def test_a_stream_names_only_the_documents_that_it_cites_live_and_replayed(headers: dict[str, str]) -> None:
    live = _streamed("post", ASK, headers, {"message": QUESTION, "stream": True})
    message_id = dict(live)["done"]["message_id"]
    replayed = _streamed("get", f"/v1/chat/messages/{message_id}/events", headers)

    for events in (live, replayed):
        assert [name for name, _ in events if name == "citation"] == ["citation"] * 2
        assert dict(events)["retrieval"] == {"has_evidence": True, "passages": []}
        assert dict(events)["usage"]["cost"] is None
        assert CANARY not in json.dumps([event for event in events if event[0] != "citation"])


def test_members_and_keys_still_see_what_was_found(secretive: Bot, api_key: str) -> None:
    key = {"Authorization": f"Bearer {api_key}"}

    told = dict(_streamed("post", ASK, key, {"message": QUESTION, "stream": True}))

    assert len(told["retrieval"]["passages"]) > 2
    assert told["usage"]["cost"] is not None


def test_no_other_payload_for_visitors_holds_a_canary(page: APIClient, headers: dict[str, str], public: str) -> None:
    answer = _ask(page).json()
    conversation = f"/v1/chat/conversations/{answer['conversation_id']}"
    openai = {"model": "guide", "messages": [{"role": "user", "content": QUESTION}]}

    payloads: dict[str, Any] = {
        path: page.get(path).json()
        for path in ("/v1/chat/bots", "/v1/chat/bots/guide", "/v1/chat/conversations", conversation,
                     f"{conversation}/messages", "/v1/models", "/v1/models/guide")
    }  # fmt: skip
    payloads["completion"] = page.post("/v1/chat/completions", openai, "json").json()
    payloads["chunks"] = _streamed("post", "/v1/chat/completions", headers, {**openai, "stream": True})
    responses = {"model": "guide", "input": QUESTION}
    payloads["response"] = page.post("/v1/responses", responses, "json").json()
    payloads["events"] = _streamed("post", "/v1/responses", headers, {**responses, "stream": True})
    payloads["kept"] = page.get(f"/v1/responses/{payloads['response']['id']}").json()
    addresses = [one["url_citation"]["url"] for one in payloads["completion"]["choices"][0]["message"]["annotations"]]
    assert addresses and all("/v1/tenant/documents/" in address for address in addresses)
    for name, payload in payloads.items():
        assert CANARY not in json.dumps(_without_citations(payload)), name
    for path in (f"/chat/{public}", f"/embed/{public}"):
        shown = Client().get(path)
        assert shown.status_code == 200, path
        assert CANARY not in shown.content.decode(), path


@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_fails_is_not_named_to_visitors(page: APIClient, acme: Tenant, stream: bool) -> None:
    with tenant_scope(acme):
        TenantAIProvider.objects.update(is_active=False)

    refused = _ask(page, stream=stream)

    assert (refused.status_code, refused.json()["code"]) == (424, "provider_misconfigured")
    assert CANARY not in refused.content.decode()
