"""A lock context is open once at a time: nesting is an error of the caller, and no module makes its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from chatcms.core.db import locks
from chatcms.core.exceptions import NotFoundError
from tenants.models import Tenant
from tenants.tests import factories

_LOCKING = {"select_for_update", "pg_advisory_lock", "pg_advisory_xact_lock"}
_HELPER = Path("chatcms/core/db/locks.py")


def test_a_row_is_lent_once_at_a_time_and_again_afterwards(acme: Tenant) -> None:
    rows = Tenant.objects.filter(pk=acme.pk)
    for _ in range(2):
        with locks.lent_row(rows, missing=NotFoundError()) as row:
            assert row == acme
            with pytest.raises(locks.NestedLockError), locks.lent_row(rows, missing=NotFoundError()):
                pytest.fail("the context opened twice")


def test_another_row_is_lent_inside_the_block(acme: Tenant) -> None:
    other = factories.make_tenant("other")
    with (
        locks.lent_row(Tenant.objects.filter(pk=acme.pk), missing=NotFoundError()),
        locks.lent_row(Tenant.objects.filter(pk=other.pk), missing=NotFoundError()) as row,
    ):
        assert row == other


def test_a_block_that_fails_gives_the_row_back(acme: Tenant) -> None:
    rows = Tenant.objects.filter(pk=acme.pk)
    with pytest.raises(ValueError, match="inside"), locks.lent_row(rows, missing=NotFoundError()):
        raise ValueError("inside")
    with locks.lent_row(rows, missing=NotFoundError()) as row:
        assert row == acme


def test_a_missing_row_is_the_error_that_the_caller_names(db: None) -> None:
    with pytest.raises(NotFoundError), locks.lent_row(Tenant.objects.none(), missing=NotFoundError()):
        pytest.fail("there is no row")


def test_a_name_is_held_once_at_a_time(db: None) -> None:
    with (
        locks.lent_name(".bots"),
        locks.lent_name(".webhooks"),
        pytest.raises(locks.NestedLockError),
        locks.lent_name(".bots"),
    ):
        pytest.fail("the context opened twice")


def test_no_module_makes_a_lock_context_of_its_own() -> None:
    own = sorted(f"{path}:{name}" for path in _modules() for name in _lock_contexts(path))
    assert own == []


def test_the_guard_sees_a_lock_context() -> None:
    assert list(_contexts_in("@contextmanager\ndef a():\n    yield Row.objects.select_for_update().get()")) == ["a"]
    assert list(_contexts_in("@contextmanager\ndef a():\n    run('SELECT pg_advisory_lock(1)')\n    yield")) == ["a"]


def _modules() -> Iterator[Path]:
    for package in ("chatcms", "tenants", "providers", "datasets", "bots", "chat"):
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            if "tests" not in path.parts and path.relative_to(settings.BASE_DIR) != _HELPER:
                yield path


def _lock_contexts(path: Path) -> Iterator[str]:
    return _contexts_in(path.read_text(encoding="utf-8"))


def _contexts_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any("contextmanager" in ast.dump(one) for one in node.decorator_list):
            text = ast.dump(node)
            if any(lock in text for lock in _LOCKING):
                yield node.name


def test_only_the_helper_takes_locks_by_name() -> None:
    """A name that two modules hash in two ways would be two locks."""
    assert [str(path) for path in _modules() if "pg_advisory" in path.read_text(encoding="utf-8")] == []
