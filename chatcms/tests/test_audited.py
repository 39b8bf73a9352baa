"""Carries out every route that changes something of a tenant or of the platform, and looks for its audit line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chatcms.core.api.routes import api_routes
from chatcms.tests.route_table import TABLE
from chatcms.tests.world import Headers, Things, member_headers, platform_things, staff_headers, things_of
from datasets.enums import DocumentState
from datasets.models import Document
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import AuditEvent, Tenant
from tenants.tests.factories import PASSWORD

CHANGING = sorted(
    name
    for name in TABLE
    if name.split()[0] in {"POST", "PUT", "PATCH", "DELETE"} and name.split()[1].startswith(("v1/tenant/", "v1/admin/"))
)
# They answer a question, though they take a body for it.
NO_CHANGE = {"POST v1/tenant/bots/<uuid:bot_id>/search", "POST v1/tenant/datasets/<uuid:dataset_id>/search"}
_EMAIL = "grace@initech.example"
_MODEL = {"name": "Mine", "provider_type": "openai", "api_key": "sk-1234567890"}
# What is sent, where an empty body changes nothing or is none.
BODIES: dict[str, Any] = {
    "PATCH v1/tenant/members/<uuid:member_id>": {"role": "editor"},
    "PATCH v1/tenant/qa/<uuid:pair_id>": {"answer": "At ten."},
    "POST v1/tenant/api-keys": {"name": "Website", "scopes": ["chat"]},
    "POST v1/tenant/bots": {"name": "Shop"},
    "POST v1/tenant/bots/<uuid:bot_id>/curated-answers": {"questions": ["When?"], "answer": "At nine."},
    "POST v1/tenant/budgets": {"period": "month", "amount": "50.00"},
    "POST v1/tenant/conversations/<uuid:conversation_id>/reply": {"content": "Hello."},
    "POST v1/tenant/datasets": {"name": "Handbook"},
    "POST v1/tenant/datasets/<uuid:dataset_id>/documents": {"name": "Hours", "text": "We open at nine."},
    "POST v1/tenant/datasets/<uuid:dataset_id>/qa": {"question": "When?", "answer": "At nine."},
    "POST v1/tenant/invitations": {"email": _EMAIL, "role": "editor"},
    "POST v1/tenant/providers": {**_MODEL, "is_default": False},
    "POST v1/tenant/webhooks": {"url": "https://example.com/hook", "events": ["feedback.given"]},
    "POST v1/admin/plans": {"code": "large", "name": "Large"},
    "POST v1/admin/providers": _MODEL,
    "POST v1/admin/tenants": {"name": "Initech", "slug": "initech"},
    "POST v1/admin/tenants/<uuid:tenant_id>/domains": {"domain": "chat.acme.example"},
    "POST v1/admin/tenants/<uuid:tenant_id>/owners": {"email": _EMAIL},
    "POST v1/admin/token": {"email": "staff@platform.example", "password": PASSWORD},
    "POST v1/admin/users": {"email": _EMAIL},
}
# What has to be done before, so that there is something to change; what it makes takes the place of the thing.
FIRST: dict[str, tuple[str, Any, str]] = {
    "DELETE v1/tenant/identity-secret": ("POST v1/tenant/identity-secret", {}, ""),
    "DELETE v1/tenant/providers/<uuid:provider_id>": (
        *("POST v1/tenant/providers", {**_MODEL, "is_default": False}),
        "provider_id",
    ),
    "DELETE v1/tenant/messages/<uuid:message_id>/dismissal": (
        *("PUT v1/tenant/messages/<uuid:message_id>/dismissal", {}, ""),
    ),
    "DELETE v1/tenant/bots/<uuid:bot_id>/draft": ("PATCH v1/tenant/bots/<uuid:bot_id>/draft", {"name": "New"}, ""),
    "POST v1/tenant/bots/<uuid:bot_id>/publish": ("PATCH v1/tenant/bots/<uuid:bot_id>/draft", {"name": "New"}, ""),
    "POST v1/tenant/bots/<uuid:bot_id>/restore": ("POST v1/tenant/bots/<uuid:bot_id>/archive", {}, ""),
    "POST v1/tenant/conversations/<uuid:conversation_id>/hand-back": (
        *("POST v1/tenant/conversations/<uuid:conversation_id>/take-over", {}, ""),
    ),
    "POST v1/tenant/conversations/<uuid:conversation_id>/reply": (
        *("POST v1/tenant/conversations/<uuid:conversation_id>/take-over", {}, ""),
    ),
    "POST v1/admin/tenants/<uuid:tenant_id>/keep": (*("DELETE v1/admin/tenants/<uuid:tenant_id>", {}, ""),),
    "POST v1/admin/tenants/<uuid:tenant_id>/resume": ("POST v1/admin/tenants/<uuid:tenant_id>/suspend", {}, ""),
    **{
        f"{which} v1/admin/providers/<uuid:provider_id>{more}": (
            *("POST v1/admin/providers", _MODEL),
            "provider_id",
        )
        for which, more in (("PATCH", ""), ("DELETE", ""), ("POST", "/test"))
    },
}
# Not asked for here: they need a document that was really read, a question that was answered, or a file.
ELSEWHERE = {
    "POST v1/tenant/messages/<uuid:message_id>/correct",
    "POST v1/tenant/datasets/<uuid:dataset_id>/qa/import",
    "POST v1/tenant/documents/<uuid:document_id>/chunks",
    "PATCH v1/tenant/chunks/<uuid:chunk_id>",
    "DELETE v1/tenant/chunks/<uuid:chunk_id>",
    "PUT v1/tenant/settings/logo",
    "DELETE v1/tenant/settings/logo",
}
QUERIES = {"DELETE v1/admin/tenants/<uuid:tenant_id>": "?confirm=acme"}
STATES = {"v1/tenant/documents/<uuid:document_id>/retry": DocumentState.FAILED}
PATHS = {f"{method.upper()} {route}": route for route in api_routes() for method in route.methods}
CASES = [name for name in CHANGING if name not in NO_CHANGE | ELSEWHERE]


def test_what_is_left_out_is_there() -> None:
    assert set(CHANGING) >= NO_CHANGE | ELSEWHERE | set(BODIES) | set(FIRST)


@pytest.mark.parametrize("name", CASES)
def test_every_change_leaves_a_line(client: Client, acme: Tenant, name: str) -> None:
    things = {**things_of(acme), **platform_things(acme)}
    headers = staff_headers() if "v1/admin/" in name else member_headers(acme, Role.OWNER)
    with tenant_scope(acme):
        Document.objects.update(state=STATES.get(name.split()[1], DocumentState.READY))
    if name in FIRST:
        before, body, made = FIRST[name]
        answer = _send(client, before, things, headers, body)
        assert answer.status_code < 300, answer.content
        things |= {made: answer.json()["id"]} if made else {}
    last = AuditEvent.objects.order_by("-id").first()
    answer = _send(client, name, things, headers, BODIES.get(name, {}))
    assert answer.status_code < 300, answer.content
    assert last is not None
    assert AuditEvent.objects.filter(pk__gt=last.pk).exists(), f"{name} left no line in the audit log"


def _send(client: Client, name: str, things: Things, headers: Headers, body: Any) -> Any:
    url, data = PATHS[name].url(things) + QUERIES.get(name, ""), json.dumps(body)
    return client.generic(name.split(maxsplit=1)[0], url, data=data, content_type="application/json", headers=headers)
