"""Rules over the whole product, checked on its source, its models and its routes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Field, Model
from django.test import Client
from rest_framework.settings import api_settings

from chatcms.config.environment import BASE_DIR
from chatcms.core.api.routes import Route, api_routes
from chatcms.tests import guards, route_table
from chatcms.tests.source import parse, product, suite
from tenants.context import schema_scope
from tenants.models import Tenant
from tenants.permissions import Capability
from tenants.services.schema_changes import SchemaChanges, labels_of

# An upper app may point at lower ones; a tenant's table never at one of public, nor the other way round.
ORDER = ["exports", "chat", "bots", "datasets", "providers", "catalog", "jobs", "tenants"]
OPEN_ROUTES = {name.split()[1] for name, need in route_table.TABLE.items() if need == route_table.OPEN}
ANY_CALLER = {name.split()[1] for name, need in route_table.TABLE.items() if need == route_table.ANY}
TABLES = {
    "tenants": "tenants",
    "domains": "tenants",
    "users": "tenants",
    "memberships": "tenants",
    "invitations": "tenants",
    "api_keys": "tenants",
    "plans": "tenants",
    "audit_log": "tenants",
    "jobs": "jobs",
    "global_ai_providers": "catalog",
    "tenant_ai_providers": "providers",
    "bots": "bots",
    "datasets": "datasets",
    "documents": "datasets",
    "chunks": "datasets",
    "conversations": "chat",
    "messages": "chat",
}

# --- the source ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", guards.RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule: guards.Rule) -> None:
    broken = [f"{source.place(node)}: {what}" for source in product() for node, what in rule(source)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize("rule", guards.TEST_RULES, ids=lambda rule: rule.__name__)
def test_no_test_breaks_the_rule(rule: guards.Rule) -> None:
    broken = [f"{source.place(node)}: {what}" for source in suite() for node, what in rule(source)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


BREAKING: list[tuple[guards.Rule, str]] = [
    (guards.too_long, "a = 1\n" * 401),
    (guards.too_long, "def work():\n" + "    a = 1\n" * 60),
    (guards.too_long, "class A:\n    async def work(self):\n" + "        a = 1\n" * 60),
    (guards.threads_that_no_tenant_follows_into, "import asyncio\nasyncio.to_thread(work)"),
    (guards.threads_that_no_tenant_follows_into, "from asyncio import to_thread"),
    (guards.threads_that_no_tenant_follows_into, "loop.run_in_executor(None, work)"),
    (guards.threads_that_no_tenant_follows_into, "sync_to_async(work, thread_sensitive=False)"),
    (guards.threads_that_no_tenant_follows_into, "from concurrent.futures import ThreadPoolExecutor"),
    (guards.addresses_read_elsewhere, "request.META['REMOTE_ADDR']"),
    (guards.addresses_read_elsewhere, "request.META.get('HTTP_X_FORWARDED_FOR')"),
    (guards.addresses_read_elsewhere, "request.headers['X-Forwarded-For']"),
    (guards.addresses_read_elsewhere, "headers[b'x-real-ip']"),
    (guards.addresses_read_elsewhere, "settings.SECURE_PROXY_SSL_HEADER"),
    (guards.tenants_entered_elsewhere, "connection.set_tenant(tenant)"),
    (guards.tenants_entered_elsewhere, "connection.set_schema('x')"),
    (guards.tenants_entered_elsewhere, "name = connection.schema_name"),
    (guards.tenants_entered_elsewhere, "with tenant:\n    pass"),
    (guards.tenants_entered_elsewhere, "with self.tenant:\n    pass"),
    (guards.tenants_entered_elsewhere, "state.activate(state.PUBLIC)"),
    (guards.tenants_entered_elsewhere, "from django_tenants.utils import schema_context"),
    (guards.loops_over_tenants, "for one in Tenant.objects.provisioned().iterator():\n    work(one)"),
    (guards.loops_over_tenants, "for tenant in chosen:\n    work(tenant)"),
    (guards.loops_over_tenants, "for row in rows:\n    with tenant_scope(row):\n        work()"),
    (guards.loops_over_tenants, "[await in_tenant(row, work) for row in rows]"),
    (guards.periodic_tasks_made_otherwise, "@shared_task(name='a')\ndef a():\n    pass"),
    (guards.periodic_tasks_made_otherwise, "@app.task\ndef a():\n    pass"),
    (guards.raw_sessions, "connection.connection.cursor()"),
    (guards.raw_sessions, "import psycopg"),
    (guards.raw_sessions, "from psycopg_pool import ConnectionPool"),
    (guards.raw_sessions, "cursor.execute('SET search_path = x')"),
    (guards.raw_sessions, "cursor.execute('set hnsw.ef_search = 40')"),
    (guards.ways_out, "import requests"),
    (guards.ways_out, "httpx2.AsyncClient()"),
    (guards.ways_out, "import httpx2"),
    (guards.ways_out, "from urllib.request import urlopen"),
    (guards.ways_out, "from http import client"),
    (guards.ways_out_without_a_purpose, "EgressPolicy()"),
    (guards.ways_out_without_a_purpose, "EgressPolicy(purpose)"),
    (guards.ways_out_without_a_purpose, "egress.EgressPolicy.of(egress.Purpose.PROVIDER)"),
    (guards.ways_out_without_a_purpose, "EgressPolicy(allow_private_hosts=frozenset())"),
    (guards.ways_out_without_a_purpose, "hosts = settings.EGRESS_PRIVATE_HOSTS"),
    (guards.http_in_business_code, "from django.http import HttpRequest"),
    (guards.http_in_business_code, "from rest_framework.response import Response"),
    (guards.broad_excepts, "try:\n    work()\nexcept Exception:\n    pass"),
    (guards.broad_excepts, "try:\n    work()\nexcept (OSError, BaseException):\n    pass"),
    (guards.broad_excepts, "try:\n    work()\nexcept:\n    pass"),
    (guards.lax_serializers, "from rest_framework import serializers, status"),
    (guards.lax_serializers, "from rest_framework.serializers import CharField"),
    (guards.waits_for_a_time, "time.sleep(0.5)"),
    (guards.waits_for_a_time, "await asyncio.sleep(seconds)"),
    (guards.waits_for_a_time, "page.wait_for_timeout(50)"),
    (guards.judged_by_the_clock, "assert time.monotonic() - began < 6"),
    (guards.judged_by_the_clock, "seconds = time.perf_counter() - began"),
    (guards.judged_by_the_clock, "best = min(timeit.repeat(work, number=1))"),
]


def test_a_refusal_that_a_page_shows_untranslated_is_found() -> None:
    shown = parse(
        "bots.views.look", "try:\n    work()\nexcept AppError as error:\n    form.add_error(None, error.detail)"
    )
    said = parse(
        "bots.views.look", "try:\n    work()\nexcept AppError as error:\n    form.add_error(None, _(error.detail))"
    )
    assert list(guards.refusals_in_english_only(shown))
    assert not list(guards.refusals_in_english_only(said))


@pytest.mark.parametrize(
    ("rule", "text"), BREAKING, ids=[f"{rule.__name__}-{n}" for n, (rule, _) in enumerate(BREAKING)]
)
def test_the_rule_finds_what_breaks_it(rule: guards.Rule, text: str) -> None:
    assert list(rule(parse("bots.services", text)))


ALLOWED = [
    "a = 1\n" * 400,
    "def work():\n" + "    a = 1\n" * 59,
    "cursor.execute('SET LOCAL hnsw.ef_search = 40')",
    "from urllib.parse import urlsplit",
    "with tenant_scope(tenant):\n    pass",
    "await in_tenant(tenant, work)",
    "try:\n    work()\nexcept Exception:  # edge: a task\n    pass",
    "try:\n    work()\nexcept BaseException:\n    clean()\n    raise",
    "from psycopg import sql",
    "await asyncio.sleep(0)",
    "for_each_tenant(work, task='a')",
    "names = [tenant.slug for tenant in broken]",
    "@periodic_task('a')\ndef a():\n    pass",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_no_rule_finds_what_is_allowed(text: str) -> None:
    assert not [what for rule in (*guards.RULES, *guards.TEST_RULES) for _, what in rule(parse("bots.services", text))]


def test_the_import_contracts_are_kept() -> None:
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_an_unlisted_module_breaks_the_contracts() -> None:
    text = Path(BASE_DIR / ".importlinter").read_text(encoding="utf-8")
    layered = [block for block in text.split("[importlinter:contract:") if "containers =" in block]
    assert len(layered) == 19
    assert all("exhaustive = True" in block for block in layered)


# --- apps, models, tables --------------------------------------------------------------------------------


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in ORDER and not model._meta.auto_created]


def test_an_app_is_shared_or_a_tenants_and_never_both() -> None:
    assert not set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    assert set(settings.INSTALLED_APPS) == set(settings.SHARED_APPS) | set(settings.TENANT_APPS)


def test_public_holds_no_tenants_table_and_a_tenant_no_shared_one(acme: Tenant) -> None:
    tenant_labels = labels_of(settings.TENANT_APPS)
    owned = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in tenant_labels
    }
    shared = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in tenant_labels
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', %s)", [acme.schema_name]
        )
        found = cursor.fetchall()
    assert not {name for schema, name in found if schema == "public"} & owned
    assert not {name for schema, name in found if schema == acme.schema_name} & shared
    assert {name for schema, name in found if schema == acme.schema_name} >= owned


@pytest.mark.parametrize(("table", "label"), TABLES.items())
def test_the_tables_have_the_names_that_others_rely_on(table: str, label: str) -> None:
    owners = {model._meta.app_label for model in apps.get_models() if model._meta.db_table == table}
    assert owners == {label}


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_every_model_names_its_table(model: type[Model]) -> None:
    assert model._meta.db_table != f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_foreign_keys_follow_the_order_of_imports_and_stay_in_their_schema(model: type[Model]) -> None:
    shared = labels_of(settings.SHARED_APPS)
    label = model._meta.app_label
    for field in model._meta.get_fields():
        target: Any = field.related_model if isinstance(field, Field) and field.is_relation else None
        if target is None or target._meta.app_label not in ORDER:
            continue
        other = target._meta.app_label
        assert ORDER.index(label) <= ORDER.index(other), f"{label}.{field.name} points up at {other}"
        assert (label in shared) == (other in shared), f"{label}.{field.name} leaves its schema"


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_keys_are_uuids_or_point_at_one(model: type[Model]) -> None:
    """Integers would run out of step when tenants are moved between servers."""
    if model._meta.db_table in {"analytics_days", "analytics_documents", "chunk_terms", "chunk_vectors"}:
        return
    key: Any = model._meta.pk
    while key.is_relation:
        key = key.target_field
    assert key.get_internal_type() in {"UUIDField", "CharField", "TextField"}


def test_the_migrations_of_tenants_can_be_replayed(db: None) -> None:
    assert SchemaChanges().all


def test_no_constraint_of_a_tenant_points_out_of_its_schema(acme: Tenant) -> None:
    with schema_scope(acme.schema_name), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_class mine ON mine.oid = conrelid "
            "JOIN pg_class other ON other.oid = confrelid "
            "WHERE contype = 'f' AND mine.relnamespace <> other.relnamespace"
        )
        assert cursor.fetchall() == []


# --- routes ----------------------------------------------------------------------------------------------

ROUTES = api_routes()
SHUT = [route for route in ROUTES if route.path not in OPEN_ROUTES]
_VALUES = dict.fromkeys({name for route in ROUTES for name in route.parameters}, "01a00000-0000-7000-8000-000000000000")


def test_the_routes_that_are_open_to_everybody_are_these_and_no_others() -> None:
    assert {route.path for route in ROUTES if route.is_open} == OPEN_ROUTES


@pytest.mark.parametrize("route", SHUT, ids=str)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
def test_without_a_credential_every_other_route_is_shut(client: Client, db: None, route: Route, method: str) -> None:
    response = client.generic(method.upper(), "/" + route.url(_VALUES).lstrip("/"))
    assert response.status_code == 401


@pytest.mark.parametrize("route", [route for route in SHUT if route.path not in ANY_CALLER], ids=str)
def test_a_view_declares_a_capability_for_each_method_and_no_other(route: Route) -> None:
    view: Any = route.view
    assert {method.upper() for method in route.methods} == set(view.capabilities)
    assert all(isinstance(capability, Capability) for capability in view.capabilities.values())
    assert view.permission_classes == api_settings.DEFAULT_PERMISSION_CLASSES
    assert view.authentication_classes == api_settings.DEFAULT_AUTHENTICATION_CLASSES


def test_no_address_of_the_api_ends_with_a_slash() -> None:
    assert not [route.path for route in ROUTES if route.path.endswith("/")]
