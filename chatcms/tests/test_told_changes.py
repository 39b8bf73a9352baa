"""A line about a change says what was and what is, on every route; of secrets only that they changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client

from chatcms.tests import guards
from chatcms.tests.route_table import TABLE
from chatcms.tests.source import parse
from chatcms.tests.test_audited import FIRST, PATHS
from chatcms.tests.world import member_headers, platform_things, staff_headers, things_of
from datasets.enums import DocumentState
from datasets.models import Document
from tenants import audit
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import AuditEvent, Domain, Tenant
from tenants.tests import factories

# What is sent, and what the line says of it.
BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "v1/tenant/api-keys/<uuid:key_id>": ({"name": "Shop"}, {"name": ["Test key", "Shop"]}),
    "v1/tenant/settings": ({"name": "Acme Ltd"}, {"name": ["Acme", "Acme Ltd"]}),
    "v1/tenant/members/<uuid:member_id>": ({"role": "editor"}, {"role": ["viewer", "editor"]}),
    "v1/tenant/providers/<uuid:provider_id>": ({"name": "Mine"}, {"name": [..., "Mine"]}),
    "v1/tenant/datasets/<uuid:dataset_id>": ({"name": "Files"}, {"name": ["Papers", "Files"]}),
    "v1/tenant/qa/<uuid:pair_id>": ({"answer": "At ten."}, {"answer": ["9 characters", "7 characters"]}),
    "v1/tenant/documents/<uuid:document_id>": ({"name": "b.txt"}, {"name": ["a.txt", "b.txt"]}),
    "v1/tenant/bots/<uuid:bot_id>": ({"provider_id": None}, {"provider_id": [..., None]}),
    "v1/tenant/bots/<uuid:bot_id>/draft": ({"name": "New"}, {"name": ["Bot of acme", "New"]}),
    "v1/tenant/curated-answers/<uuid:curated_answer_id>": ({"answer": "Ten."}, {"answer": [..., "4 characters"]}),
    "v1/tenant/budgets/<uuid:budget_id>": ({"amount": "7.00"}, {"amount": [..., ...]}),
    "v1/tenant/webhooks/<uuid:webhook_id>": ({"is_active": False}, {"is_active": [True, False]}),
    "v1/admin/tenants/<uuid:tenant_id>": ({"name": "Acme Ltd"}, {"name": ["Acme", "Acme Ltd"]}),
    "v1/admin/tenants/<uuid:tenant_id>/domains/<uuid:domain_id>": ({"is_primary": True}, {"is_primary": [False, True]}),
    "v1/admin/plans/<uuid:plan_id>": ({"max_bots": 3}, {"max_bots": [None, 3]}),
    "v1/admin/users/<uuid:user_id>": ({"name": "Sam"}, {"name": ["", "Sam"]}),
    "v1/admin/providers/<uuid:provider_id>": ({"api_key": "sk-0987654321"}, {"api_key": [None, audit.CHANGED]}),
}
# An edit of a chunk needs a document that was really read: see datasets/tests/test_chunks.py.
ELSEWHERE = {"v1/tenant/chunks/<uuid:chunk_id>"}


def test_every_route_that_changes_a_thing_is_here() -> None:
    changing = {
        name.removeprefix("PATCH ") for name in TABLE if name.startswith(("PATCH v1/tenant/", "PATCH v1/admin/"))
    }
    assert changing == set(BODIES) | ELSEWHERE


@pytest.mark.parametrize("route", BODIES)
def test_the_line_says_what_was_and_what_is(client: Client, acme: Tenant, route: str) -> None:
    name, (body, wanted) = f"PATCH {route}", BODIES[route]
    things = {**things_of(acme), **platform_things(acme)}
    headers = staff_headers() if "v1/admin/" in name else member_headers(acme, Role.OWNER)
    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.READY)
    Domain.objects.update(is_primary=False)
    if name in FIRST:
        before, first, made = FIRST[name]
        things[made] = _send(client, before, things, headers, first).json()["id"]
    last = AuditEvent.objects.latest("id")
    answer = _send(client, name, things, headers, body)
    assert answer.status_code == 200, answer.content
    told = AuditEvent.objects.filter(pk__gt=last.pk).earliest("id").detail["changes"]
    for field, values in wanted.items():
        assert len(told[field]) == 2
        assert [now for now, then in zip(told[field], values, strict=True) if then is not ... and now != then] == []
    assert "sk-0987654321" not in json.dumps(told)
    assert "tenant_ai_provider_id" not in json.dumps(told)


def _send(client: Client, name: str, things: dict[str, str], headers: dict[str, str], body: Any) -> Any:
    method, url = name.split(maxsplit=1)[0], PATHS[name].url(things)
    return client.generic(method, url, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    "text",
    [
        'def f(): audit.record("thing.update", by=by, changed=["name"])',
        'def f(): audit.record("thing.rename", by=by)',
        'def f(new):\n    action = "thing.create" if new else "thing.change"\n    audit.record(action, by=by)',
        'def f(new):\n    verb = "create" if new else "update"\n    audit.record(f"thing.{verb}", by=by)',
    ],
)
def test_the_rule_finds_a_change_without_values(text: str) -> None:
    assert list(guards.changes_without_values(parse("tenants.services.x", text)))
    assert not list(guards.changes_without_values(parse("x", text.replace("by=by", "by=by, changes=told"))))


# --- what staff see of it --------------------------------------------------------------------------------------


def test_the_admin_knows_no_table_of_a_tenant() -> None:
    shared = {app.rpartition(".")[2] for app in settings.SHARED_APPS}
    inside = {app.rpartition(".")[2] for app in settings.TENANT_APPS} - shared
    models = {model for label in inside for model in apps.get_app_config(label).get_models()}
    assert models
    assert not models & set(admin.site._registry)


def test_staff_who_look_at_a_tenants_line_see_no_content_and_are_seen(client: Client, acme: Tenant) -> None:
    things = things_of(acme)
    body = {"system_prompt": "Our secret recipe."}
    _send(client, "PATCH v1/tenant/bots/<uuid:bot_id>", things, member_headers(acme, Role.OWNER), body)
    line = AuditEvent.objects.get(action="bot.update")
    assert line.detail["changes"]["system_prompt"][1] == "Our secret recipe."
    client.force_login(factories.make_user("clerk@platform.example", is_staff=True, is_superuser=True))
    for _ in range(2):
        page = client.get(f"/admin/tenants/auditevent/{line.pk}/change/")
        assert page.status_code == 200
        assert "system_prompt" in page.content.decode()
        assert "secret recipe" not in page.content.decode()
    (seen,) = AuditEvent.objects.filter(action="audit.read")
    assert (seen.tenant_id, seen.actor_type, seen.target_id) == (acme.pk, "staff", str(line.pk))
