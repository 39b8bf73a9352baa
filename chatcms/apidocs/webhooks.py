"""Puts what webhooks are sent into the OpenAPI document: one entry for each event, with its typed payload."""

from __future__ import annotations

from typing import Any

from drf_spectacular.plumbing import build_mocked_view
from drf_spectacular.utils import extend_schema

from bots.api import events as of_bots
from chat.conversations.api import webhooks as of_conversations
from chatcms.webhooks.api import events as of_webhooks
from chatcms.webhooks.api.events import Told
from datasets.api import events as of_datasets

Schema = dict[str, Any]

EVENTS: list[Told] = [*of_conversations.EVENTS, *of_datasets.EVENTS, *of_bots.EVENTS, *of_webhooks.EVENTS]
_SENT = """\
Signed as the Standard Webhooks specification says. Any status from 200 to 299 takes it; else it is sent again, up to
eight times over about twenty hours. It comes at least once: tell one that comes twice by `webhook-id`.
"""
_HEADERS = {
    "webhook-id": "The id of the event, the same whenever it is sent.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body` with the webhook's secret.",
}


def add_webhooks(result: Schema, generator: Any, **_: Any) -> Schema:
    """Write the webhooks and their components; a hook of drf-spectacular, before the one that names enumerations."""
    view = build_mocked_view("POST", "/", extend_schema(), generator.registry)
    entries = {one.kind.value: {"post": _operation(one, view.schema)} for one in EVENTS}
    result["webhooks"] = entries
    result["components"]["schemas"] |= generator.registry.build({})["schemas"]
    return result


def _operation(one: Told, view_schema: Any) -> Schema:
    component = view_schema.resolve_serializer(one.serializer, "response")
    headers = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in _HEADERS.items()
    ]
    return {
        "operationId": "webhook_" + one.kind.value.replace(".", "_"),
        "tags": ["webhooks"],
        "summary": one.summary,
        "description": f"{one.description}\n\n{_SENT}",
        "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": {"schema": component.ref}}},
        "responses": {"2XX": {"description": "The event is taken."}},
    }
