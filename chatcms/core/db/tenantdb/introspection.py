"""Looks at the tables of the schema in force only, by Django's own introspection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

from django.db.backends.postgresql.introspection import DatabaseIntrospection

from chatcms.core.db.tenantdb import state

Method = Callable[..., Any]


@contextmanager
def _without_public() -> Iterator[None]:
    token = state.activate(replace(state.current(), include_public=False))
    try:
        yield
    finally:
        state.restore(token)


def _narrowed(method: Method) -> Method:
    @wraps(method)
    def narrowed(*args: Any, **kwargs: Any) -> Any:
        with _without_public():
            return method(*args, **kwargs)

    return narrowed


class TenantIntrospection(DatabaseIntrospection):
    """Sees a tenant's tables without those of `public`, which its search path has too."""

    get_table_list = _narrowed(DatabaseIntrospection.get_table_list)
    get_table_description = _narrowed(DatabaseIntrospection.get_table_description)
    get_sequences = _narrowed(DatabaseIntrospection.get_sequences)
    get_relations = _narrowed(DatabaseIntrospection.get_relations)
    get_constraints = _narrowed(DatabaseIntrospection.get_constraints)
