"""Tests of entering and leaving tenants."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection, transaction

from chatcms.core.db.tenantdb import state
from tenants import context
from tenants.models import Tenant


def test_a_scope_is_left_as_it_was_entered_even_by_an_error(acme: Tenant, globex: Tenant) -> None:
    with context.tenant_scope(acme):
        with pytest.raises(ZeroDivisionError), context.tenant_scope(globex):
            raise ZeroDivisionError
        assert context.current_tenant_id() == acme.id
        with context.public_scope():
            assert state.current() == state.PUBLIC
        assert context.current_tenant_id() == acme.id
    assert state.current() == state.PUBLIC


def test_without_a_tenant_there_is_no_id_of_one() -> None:
    with pytest.raises(context.NoTenantInForceError):
        context.current_tenant_id()


def test_a_scope_of_a_schema_is_no_tenant() -> None:
    with context.schema_scope("somewhere"), pytest.raises(context.NoTenantInForceError):
        context.current_tenant_id()


@pytest.mark.django_db(transaction=True)
def test_a_visit_from_async_code_is_inside_and_gives_its_connection_back(acme: Tenant) -> None:
    def look() -> tuple[object, object]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            return context.current_tenant_id(), cursor.fetchone()

    def is_open() -> bool:
        return connection.connection is not None

    async def visit() -> tuple[object, bool]:
        seen = await context.in_tenant(acme, look)
        return seen, await context.in_tenant(acme, is_open)

    seen, kept = asyncio.run(visit())
    assert seen == (acme.id, (f"{acme.schema_name}, public",))
    assert not kept


@pytest.mark.django_db(transaction=True)
def test_a_visit_that_fails_gives_its_connection_back_too(acme: Tenant) -> None:
    closed: list[bool] = []

    def fail() -> None:
        connection.ensure_connection()
        raise ZeroDivisionError

    async def visit() -> None:
        with pytest.raises(ZeroDivisionError):
            await context.in_tenant(acme, fail)
        closed.append(await context.in_tenant(acme, lambda: connection.connection is None))

    asyncio.run(visit())
    assert closed == [True]


def test_visits_at_once_do_not_mix(acme: Tenant, globex: Tenant) -> None:
    async def visits() -> list[object]:
        tenants = [acme, globex] * 10
        return await asyncio.gather(*(context.in_tenant(tenant, context.current_tenant_id) for tenant in tenants))

    assert asyncio.run(visits()) == [acme.id, globex.id] * 10


def test_a_connection_inside_a_transaction_is_kept(acme: Tenant) -> None:
    with transaction.atomic():
        connection.ensure_connection()
        context.release_connection()
        assert connection.connection is not None
