"""Tests of queries that are compiled once, and of those whose plan the session keeps."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots.models import Bot
from bots.selectors import bot_by_ref, bots_usable
from bots.services import create_bot
from chatcms.core.db.compiled import CompiledQuery
from tenants.context import tenant_scope
from tenants.exceptions import CredentialError
from tenants.models import ApiKey, Tenant
from tenants.services import api_keys
from tenants.types import Actor


def _values(instance: models.Model) -> dict[str, object]:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def test_a_compiled_query_finds_what_djangos_own_finds(in_acme: Tenant, by_owner: Actor) -> None:
    made = create_bot(by=by_owner, name="Guide", suggested_questions=["Why?"], temperature=0.3)

    own = bots_usable().select_related("tenant_ai_provider").get(pk=made.pk)
    compiled = bot_by_ref(made.slug)

    assert _values(compiled) == _values(own)
    assert compiled.dataset_ids == own.dataset_ids
    assert compiled.tenant_ai_provider == own.tenant_ai_provider


def test_related_rows_come_with_the_same_statement(acme: Tenant, api_key: str) -> None:
    query = CompiledQuery(lambda prefix: ApiKey.objects.filter(prefix=prefix).select_related("tenant"), prefix="any")

    with CaptureQueriesContext(connection) as queries:
        key = query.one(prefix=ApiKey.objects.get().prefix)
        assert key is not None
        assert key.tenant == acme

    assert len(queries) == 2  # one of them is the test's own


def test_a_compiled_query_finds_each_tenants_own_rows(acme: Tenant, globex: Tenant, by_owner: Actor) -> None:
    for tenant, prompt in ((acme, "for acme"), (globex, "for globex")):
        with tenant_scope(tenant):
            create_bot(by=by_owner, name="Guide", system_prompt=prompt)

    found = []
    for tenant in (acme, globex, acme):
        with tenant_scope(tenant):
            found.append(bot_by_ref("guide").system_prompt)

    assert found == ["for acme", "for globex", "for acme"]


def test_a_value_that_is_no_parameter_is_refused(db: None) -> None:
    query = CompiledQuery(lambda number: Bot.objects.all(), number=7)

    with pytest.raises(ValueError, match="number"):
        query.one(number=7)


def test_nothing_found_is_none(in_acme: Tenant) -> None:
    query = CompiledQuery(lambda bot_id: Bot.objects.filter(pk=bot_id), bot_id=uuid.UUID(int=1))

    assert query.one(bot_id=uuid.uuid4()) is None


def test_a_key_that_expires_or_is_revoked_stops_working_although_its_query_was_compiled(
    acme: Tenant, api_key: str
) -> None:
    api_keys.authenticate(api_key)
    key = ApiKey.objects.get()
    key.expires_at = timezone.now()
    key.save()
    assert not key.is_live
    with pytest.raises(CredentialError):
        api_keys.authenticate(api_key)


def test_a_kept_plan_reads_the_tenant_in_force(acme: Tenant, globex: Tenant, by_owner: Actor) -> None:
    for tenant, name in ((acme, "Of acme"), (globex, "Of globex")):
        with tenant_scope(tenant):
            create_bot(by=by_owner, name=name)

    found = []
    for tenant in (acme, globex, acme, globex):
        with tenant_scope(tenant), connection.cursor() as cursor:
            found.append(cursor.fetch_prepared("SELECT name FROM bots WHERE name LIKE %s", ["Of %"]))

    assert found == [[("Of acme",)], [("Of globex",)]] * 2


@pytest.mark.django_db(transaction=True)
def test_a_kept_plan_leaves_no_setting_in_the_session(acme: Tenant) -> None:
    with tenant_scope(acme), connection.cursor() as cursor:
        cursor.fetch_prepared("SELECT count(*) FROM bots", [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path'), current_setting('plan_cache_mode')")
        assert cursor.fetchone() == ("public", "auto")


@pytest.mark.django_db(transaction=True)
def test_a_query_compiled_in_one_thread_runs_in_another(acme: Tenant, by_owner: Actor) -> None:
    with tenant_scope(acme):
        create_bot(by=by_owner, name="Guide")
        bot_by_ref("guide")
    found: list[str] = []

    def ask() -> None:
        with tenant_scope(acme):
            found.append(bot_by_ref("guide").name)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert found == ["Guide"]
