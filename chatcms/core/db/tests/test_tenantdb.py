"""Tests of the database backend: the tenant's path goes with each statement and stays with no session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.postgresql_backend.base import DatabaseWrapper as StockWrapper
from psycopg.sql import SQL, Identifier

from chatcms.core.db.tenantdb import state
from chatcms.core.db.tenantdb.base import DatabaseWrapper as OurWrapper
from chatcms.core.db.tenantdb.recording import recorded

A, B = "path_a", "path_b"


@contextmanager
def within(schema: str, *, include_public: bool = True) -> Iterator[None]:
    token = state.activate(state.ActiveTenant(schema, include_public=include_public))
    try:
        yield
    finally:
        state.restore(token)


@pytest.fixture
def two_schemas(transactional_db: None) -> Iterator[None]:
    """Two committed schemas, each with a table `whose` of one row."""
    with connection.cursor() as cursor:
        for schema in (A, B):
            cursor.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.whose AS SELECT '{schema}' AS owner")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {A} CASCADE; DROP SCHEMA {B} CASCADE")


def owner() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner FROM whose")
        return str(cursor.fetchone()[0])


def session_path(wrapper: Any = connection) -> str:
    """The path that the session has when no statement brings one."""
    wrapper.ensure_connection()
    row = wrapper.connection.execute("SHOW search_path").fetchone()
    return str(row[0])


def test_a_statement_finds_the_tables_of_the_tenant_in_force(two_schemas: None) -> None:
    for schema in (A, B, A):
        with within(schema):
            assert owner() == schema


def test_without_a_tenant_no_tenants_table_is_found(two_schemas: None) -> None:
    with within(A):
        owner()
    with pytest.raises(ProgrammingError, match="does not exist"):
        owner()


def test_the_session_never_has_a_tenants_path(two_schemas: None) -> None:
    with within(A):
        owner()
        assert session_path() == "public"
        with transaction.atomic():
            owner()
    assert session_path() == "public"


def test_parameters_and_percent_signs_survive(two_schemas: None) -> None:
    with within(A), connection.cursor() as cursor:
        cursor.execute("SELECT owner || %s FROM whose WHERE owner LIKE 'path%%'", ["%s"])
        assert cursor.fetchall() == [(f"{A}%s",)]
        cursor.execute("SELECT '100%' FROM whose")
        assert cursor.fetchall() == [("100%",)]


def test_composed_statements_are_carried_too(two_schemas: None) -> None:
    with within(B), connection.cursor() as cursor:
        cursor.execute(SQL("SELECT {} FROM whose WHERE owner = {}").format(Identifier("owner"), B))
        assert cursor.fetchone() == (B,)


def test_several_statements_in_one_go_all_run_in_the_tenant(two_schemas: None) -> None:
    with within(A), connection.cursor() as cursor:
        cursor.execute("UPDATE whose SET owner = 'x'; UPDATE whose SET owner = owner || 'y'")
        cursor.execute("SELECT owner FROM whose")
        assert cursor.fetchone() == ("xy",)
    with within(B):
        assert owner() == B


def test_the_number_of_changed_rows_is_that_of_the_statement(two_schemas: None) -> None:
    with within(A), connection.cursor() as cursor:
        cursor.execute("UPDATE whose SET owner = owner")
        assert cursor.rowcount == 1


def test_one_statement_is_one_message(two_schemas: None, django_assert_num_queries: Callable[..., Any]) -> None:
    with within(A), django_assert_num_queries(1):
        owner()


class TestInATransaction:
    """The path is sent once, and again whenever it may have changed."""

    def test_the_path_is_sent_once(self, two_schemas: None, django_assert_num_queries: Callable[..., Any]) -> None:
        with within(A), transaction.atomic(), django_assert_num_queries(3) as queries:
            for _ in range(3):
                owner()
        assert ["search_path" in query["sql"] for query in queries] == [True, False, False]

    def test_the_tenant_may_change_and_change_back(self, two_schemas: None) -> None:
        with transaction.atomic():
            for schema in (A, B, A):
                with within(schema):
                    assert owner() == schema
            with pytest.raises(ProgrammingError), transaction.atomic():
                owner()
            with within(B):
                assert owner() == B

    def test_public_is_brought_back_after_a_tenant(self, two_schemas: None) -> None:
        with transaction.atomic():
            with within(A):
                owner()
            with connection.cursor() as cursor:
                cursor.execute("SHOW search_path")
                assert cursor.fetchone() == ("public",)

    def test_a_rolled_back_savepoint_takes_no_path_with_it(self, two_schemas: None) -> None:
        with within(A), transaction.atomic():
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                owner()
                raise ZeroDivisionError
            assert owner() == A

    def test_a_savepoint_whose_first_statement_fails_is_rolled_back(self, two_schemas: None) -> None:
        with within(A), transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            assert owner() == A

    def test_leaving_the_tenant_inside_a_failed_savepoint_does_no_harm(self, two_schemas: None) -> None:
        with transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic(), within(A), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            with within(B):
                assert owner() == B

    def test_the_next_transaction_begins_without_a_path(self, two_schemas: None) -> None:
        with within(A), transaction.atomic():
            owner()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            assert cursor.fetchone() == ("public",)

    def test_a_transaction_by_hand_keeps_to_the_tenant_too(self, two_schemas: None) -> None:
        with within(A):
            connection.set_autocommit(False)
            try:
                assert owner() == A
                connection.rollback()
                assert owner() == A
                connection.commit()
                assert owner() == A
            finally:
                connection.rollback()
                connection.set_autocommit(True)
        assert session_path() == "public"


def test_a_server_side_cursor_reads_the_tenants_rows_in_a_transaction_and_without(two_schemas: None) -> None:
    for block in (transaction.atomic, lambda: within(A)):
        with within(A), block(), connection.chunked_cursor() as cursor:
            cursor.execute("SELECT owner FROM whose")
            assert cursor.fetchmany(5) == [(A,)]


def test_many_sets_of_parameters_go_to_the_tenant(two_schemas: None) -> None:
    with within(A), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO whose VALUES (%s)", [["x"], ["y"]])
        cursor.execute("SELECT count(*) FROM whose")
        assert cursor.fetchone() == (3,)


def test_a_copy_goes_to_the_tenant(two_schemas: None) -> None:
    with within(A), transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy("COPY whose FROM STDIN") as copy:
            copy.write_row(["x"])
        cursor.execute("SELECT count(*) FROM whose")
        assert cursor.fetchone() == (2,)


def test_a_copy_outside_of_a_transaction_finds_no_table(two_schemas: None) -> None:
    with (
        within(A),
        connection.cursor() as cursor,
        pytest.raises(psycopg.errors.UndefinedTable),
        cursor.copy("COPY whose FROM STDIN"),
    ):
        pass


def test_only_the_tenants_own_tables_are_looked_at(two_schemas: None) -> None:
    with within(A), connection.cursor() as cursor:
        assert [table.name for table in connection.introspection.get_table_list(cursor)] == ["whose"]
        assert not MigrationRecorder(connection).has_table()
    with connection.cursor() as cursor:
        assert "tenants" in [table.name for table in connection.introspection.get_table_list(cursor)]


def test_public_can_be_left_out(two_schemas: None) -> None:
    with within(A, include_public=False), pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenants")


@pytest.mark.parametrize("name", ['a"b', "a;b", "a%s", "pg_temp", "a\nb", "x" * 64])
def test_a_name_that_could_end_the_statement_is_refused(two_schemas: None, name: str) -> None:
    with within(name), pytest.raises(ValidationError):
        owner()


def test_a_connection_to_no_database_takes_no_path(two_schemas: None) -> None:
    with within(A), OurWrapper(deepcopy(connection.settings_dict), NO_DB_ALIAS).cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("public",)


def test_a_new_wrapper_leaves_its_callers_tenant_alone() -> None:
    with within(A):
        OurWrapper(deepcopy(connection.settings_dict))
        assert state.current().schema_name == A


def test_recording_writes_down_what_was_run(db: None) -> None:
    with recorded(connection) as statements, connection.schema_editor() as editor:
        editor.execute("CREATE TABLE recorded_one (a text)")
        editor.execute("INSERT INTO recorded_one VALUES (%s)", ["it's"])
    assert statements == [
        "CREATE TABLE recorded_one (a text);",
        "INSERT INTO recorded_one VALUES ('it''s');",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT a FROM recorded_one")
        assert cursor.fetchall() == [("it's",)]


# --- what the stock backend leaves behind in a session, and ours does not --------------------------------


@contextmanager
def pooled(kind: type[Any]) -> Iterator[Any]:
    """A wrapper of that kind with a pool of its own of one connection."""
    settings = deepcopy(connection.settings_dict)
    settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1}
    wrapper = kind(settings, f"pool_of_{kind.__module__}")
    try:
        yield wrapper
    finally:
        wrapper.close()
        wrapper.close_pool()


def use_as(wrapper: Any, schema: str) -> Any:
    """Make the wrapper act for the schema, as its kind does."""
    wrapper.set_schema(schema)
    return wrapper.cursor()


def raw_owner(wrapper: Any) -> str:
    """Read on a session of the pool without any wrapper."""
    with wrapper.pool.connection() as raw:
        return str(raw.execute("SELECT owner FROM whose").fetchone()[0])


def test_a_raw_session_of_the_stock_pool_reads_the_last_tenants_rows(two_schemas: None) -> None:
    with pooled(StockWrapper) as wrapper:
        use_as(wrapper, A).execute("SELECT 1")
        wrapper.close()
        assert raw_owner(wrapper) == A


def test_a_raw_session_of_our_pool_reads_nobodys_rows(two_schemas: None) -> None:
    with pooled(OurWrapper) as wrapper:
        use_as(wrapper, A).execute("SELECT owner FROM whose")
        wrapper.close()
        with pytest.raises(psycopg.errors.UndefinedTable):
            raw_owner(wrapper)


def test_after_a_thousand_statements_of_four_kinds_our_session_is_as_it_was(two_schemas: None) -> None:
    def gucs(wrapper: Any) -> list[Any]:
        with wrapper.pool.connection() as raw:
            return list(raw.execute("SELECT name, setting FROM pg_settings WHERE source = 'session'").fetchall())

    with pooled(OurWrapper) as wrapper:
        wrapper.ensure_connection()
        wrapper.close()
        before = gucs(wrapper)
        for number in range(1000):
            with use_as(wrapper, (A, B)[number % 2]) as cursor:
                cursor.execute("SELECT owner FROM whose")
                assert cursor.fetchone() == ((A, B)[number % 2],)
            if number % 50 == 0:
                wrapper.close()
        wrapper.close()
        assert gucs(wrapper) == before


def _share_a_session(first: Any, second: Any) -> None:
    """Give both wrappers one session, as a pooler in transaction mode does between two transactions."""
    first.ensure_connection()
    second.ensure_connection()
    second.connection.close()
    second.connection = first.connection


def test_two_users_of_one_session_read_each_others_rows_on_the_stock_backend(two_schemas: None) -> None:
    first, second = StockWrapper(deepcopy(connection.settings_dict)), StockWrapper(deepcopy(connection.settings_dict))
    _share_a_session(first, second)
    mine = use_as(first, A)
    use_as(second, B)
    mine.execute("SELECT owner FROM whose")
    assert mine.fetchone() == (B,)
    first.close()


def test_two_users_of_one_session_keep_to_their_own_rows_on_ours(two_schemas: None) -> None:
    first, second = OurWrapper(deepcopy(connection.settings_dict)), OurWrapper(deepcopy(connection.settings_dict))
    _share_a_session(first, second)
    mine, theirs = first.cursor(), second.cursor()
    for schema, cursor in ((A, mine), (B, theirs), (A, mine)):
        with within(schema):
            cursor.execute("SELECT owner FROM whose")
            assert cursor.fetchone() == (schema,)
    first.close()
