"""Tests that one tenant never reads another's rows: each shown to leak on stock parts and not on ours."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import aiohttp
import pytest
from django.core.cache import caches
from django.db import connection
from django_tenants.models import TenantMixin
from django_tenants.signals import post_schema_sync
from pytest_django import DjangoDbBlocker

from chatcms.core.db.cachekeys import NoTenantError
from chatcms.core.db.tenantdb import state
from chatcms.tests import live
from chatcms.tests.waiting import PATIENCE_SECONDS
from tenants.context import tenant_scope
from tenants.exceptions import SchemaOccupiedError
from tenants.models import Tenant
from tenants.services import provisioning
from tenants.tests import schemas
from tenants.types import SYSTEM

SCHEMAS = [f"leak_{number}" for number in range(4)]
AT_ONCE = 40
STOCK = "chatcms.tests.leakproject.asgi_stock:application"
OURS = "chatcms.tests.leakproject.asgi_ours:application"


@dataclass(frozen=True)
class Answers:
    """How the answers of many requests divide."""

    own: int
    foreign: int
    none: int


@pytest.fixture(scope="module")
def marked(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Four schemas, each with a row that says whose it is."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for schema in SCHEMAS:
            cursor.execute(
                f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.leak_marker (owner text PRIMARY KEY);"
                f"INSERT INTO {schema}.leak_marker VALUES ('{schema}')"
            )
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(";".join(f"DROP SCHEMA {schema} CASCADE" for schema in SCHEMAS))
        connection.close()


def settings_of(project: str) -> dict[str, str]:
    """What the server must know before it reads any setting."""
    return {"DJANGO_SETTINGS_MODULE": f"chatcms.tests.leakproject.settings_{project}"}


@pytest.fixture(scope="module")
def stock(marked: None) -> Iterator[str]:
    """The address of the project on django-tenants' parts."""
    with live.web_server(application=STOCK, extra=settings_of("stock")) as address:
        yield address


@pytest.fixture(scope="module")
def ours(marked: None) -> Iterator[str]:
    """The address of the project on ours."""
    with live.web_server(application=OURS, extra=settings_of("ours")) as address:
        yield address


async def _ask(address: str, ways: list[str], times: int) -> Answers:
    """Send `times` requests over all ways and schemas, many at once."""
    gate = asyncio.Semaphore(AT_ONCE)
    divided: Counter[str] = Counter()

    async def one(session: aiohttp.ClientSession, way: str, schema: str) -> None:
        async with gate, session.get(f"{address}/{way}/{schema}") as response:
            if response.status != 200:
                divided["none"] += 1
                return
            if response.content_type == "text/plain":
                owners = set((await response.text()).split())
            else:
                owners = {(await response.json())["owner"]}
        kind = "own" if owners == {schema} else "none" if owners == {""} else "foreign"
        divided[kind] += 1

    async with aiohttp.ClientSession() as session:
        turns = itertools.islice(itertools.cycle(itertools.product(ways, SCHEMAS)), times)
        await asyncio.gather(*(one(session, way, schema) for way, schema in turns))
    return Answers(divided["own"], divided["foreign"], divided["none"])


WAYS = ["sync", "async", "visit", "stream", "thread", "thread-inside"]


async def test_mixed_requests_read_foreign_rows_on_the_stock_backend(stock: str) -> None:
    answers = await _ask(stock, WAYS, 400)
    assert answers.foreign > 0


async def test_mixed_requests_read_their_own_rows_on_ours(ours: str) -> None:
    ways = [*WAYS, *(f"v1/{way}" for way in WAYS)]
    answers = await _ask(ours, ways, 2000)
    assert answers == Answers(own=2000, foreign=0, none=0)


async def test_a_thread_that_no_context_follows_into_reads_nothing_on_ours(ours: str) -> None:
    answers = await _ask(ours, ["thread-inside", "executor"], 400)
    assert answers == Answers(own=200, foreign=0, none=200)


async def test_a_value_cached_by_async_code_is_read_by_others_on_stock_keys(stock: str) -> None:
    _forget_cached()
    answers = await _ask(stock, ["cache"], 40)
    assert answers.foreign == 30


async def test_a_value_cached_by_async_code_stays_with_its_tenant_on_ours(ours: str) -> None:
    _forget_cached()
    answers = await _ask(ours, ["cache"], 40)
    assert answers == Answers(own=40, foreign=0, none=0)


async def test_work_that_outlives_its_request_runs_in_public_on_stock(stock: str) -> None:
    read = await _leave_behind(stock)
    assert all("does not exist" in text for text in read.values())


async def test_work_that_outlives_its_request_stays_with_its_tenant_on_ours(ours: str) -> None:
    assert await _leave_behind(ours) == {schema: schema for schema in SCHEMAS}


async def _leave_behind(address: str) -> dict[str, str]:
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(_get(session, f"{address}/outlive/{schema}") for schema in SCHEMAS))
        read: dict[str, str] = {}
        while len(read) < len(SCHEMAS):
            for schema in SCHEMAS:
                if owner := await _get(session, f"{address}/left-behind/{schema}"):
                    read[schema] = owner
    return read


async def _get(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        return str((await response.json())["owner"])


def _forget_cached() -> None:
    redis = caches["global"]._cache.get_client(None)  # type: ignore[attr-defined]  # the keys are of both projects
    redis.delete("public::1:leak", *(f"t:{schema}::1:leak" for schema in SCHEMAS))


def _two_threads(block: Callable[[str, threading.Barrier, dict[str, str]], None]) -> dict[str, str]:
    """Run the block in two threads at once and return in which schema each one ends."""
    ends: dict[str, str] = {}
    both = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    threads = [threading.Thread(target=block, args=(name, both, ends)) for name in ("t_a", "t_b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_the_stock_context_manager_mixes_two_threads_up(db: None) -> None:
    def block(name: str, both: threading.Barrier, ends: dict[str, str]) -> None:
        state.activate(state.ActiveTenant(name))
        inner = Tenant(schema_name=f"{name}_inner")
        # In turn: a enters, b enters, a leaves, b leaves.
        for turn in ("t_a", "t_b"):
            if turn == name:
                TenantMixin.__enter__(inner)
            both.wait()
        for turn in ("t_a", "t_b"):
            if turn == name:
                TenantMixin.__exit__(inner, None, None, None)
            both.wait()
        ends[name] = state.current().schema_name
        connection.close()

    assert _two_threads(block) == {"t_a": "t_b", "t_b": "t_a"}


def test_our_scope_leaves_each_thread_where_it_was(db: None) -> None:
    def block(name: str, both: threading.Barrier, ends: dict[str, str]) -> None:
        state.activate(state.ActiveTenant(name))
        with tenant_scope(Tenant(schema_name=f"{name}_inner")):
            both.wait()
            assert state.current().schema_name == f"{name}_inner"
        both.wait()
        ends[name] = state.current().schema_name

    assert _two_threads(block) == {"t_a": "t_a", "t_b": "t_b"}


def test_our_tenant_refuses_to_be_a_context_manager(db: None) -> None:
    with pytest.raises(RuntimeError, match="tenant_scope"), Tenant(schema_name="t_a"):
        pass


def _fail(**_: object) -> None:
    raise OSError("the receiver failed")


def test_saving_a_stock_tenant_drops_a_schema_that_was_there_before(db: None) -> None:
    schemas.occupy("t_dear")
    tenant = Tenant(slug="dear", name="Dear", schema_name="t_dear")
    tenant.auto_create_schema = True
    post_schema_sync.connect(_fail)
    try:
        with pytest.raises(OSError, match="receiver failed"):
            TenantMixin.save(tenant)
    finally:
        post_schema_sync.disconnect(_fail)
    assert not schemas.schema_exists("t_dear")


def test_making_our_tenant_leaves_a_schema_that_was_there_before(db: None) -> None:
    schemas.occupy("t_dear")
    tenant = Tenant.objects.create(slug="dear", name="Dear", schema_name="t_dear")
    with pytest.raises(SchemaOccupiedError):
        provisioning.resume(tenant, by=SYSTEM)
    assert schemas.what_is_dear_in("t_dear") == 42


def test_a_cache_key_without_a_tenant_is_refused(db: None) -> None:
    with pytest.raises(NoTenantError):
        caches["default"].get("leak")


def test_a_cache_key_in_async_code_names_the_tenant(acme: Tenant) -> None:
    async def key() -> str:
        return str(caches["default"].make_key("leak"))

    with tenant_scope(acme):
        assert asyncio.run(key()) == f"t:{acme.schema_name}::1:leak"
