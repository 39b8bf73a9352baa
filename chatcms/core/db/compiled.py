"""Queries that are compiled once in the life of a process: for the few that every request makes.

Django builds the SQL of a query anew each time, at several times the processor time that sending it takes. The
shape of these never changes, only their values do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import get_related_populators

ModelT = TypeVar("ModelT", bound=models.Model)


class _Plan(Generic[ModelT]):
    """The SQL of a query, where its values belong, and how a row becomes a model's instance."""

    def __init__(self, queryset: models.QuerySet[ModelT], examples: dict[str, Any]) -> None:
        self._compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, parameters = self._compiler.as_sql()
        self._parameters = [(_name_of(parameter, examples), parameter) for parameter in parameters]
        if {name for name, _ in self._parameters} - {None} != set(examples):
            raise ValueError(f"not every value is a parameter of the query: {sorted(examples)}")
        select, info = self._compiler.select, self._compiler.klass_info
        places = info["select_fields"]
        self._own = slice(places[0], places[-1] + 1)
        self._fields = [column[0].target.attname for column in select[self._own]]
        self._model: type[ModelT] = info["model"]
        populators_of: Any = get_related_populators  # its type is that of a later Django
        self._related = populators_of(info, select, DEFAULT_DB_ALIAS)
        self._annotations = list((self._compiler.annotation_col_map or {}).items())
        self._converters = self._compiler.get_converters([column[0] for column in select])

    def parameters(self, values: dict[str, Any]) -> list[Any]:
        """The SQL's parameters, with `values` in their places."""
        return [values[name] if name else parameter for name, parameter in self._parameters]

    def instance(self, row: Any) -> ModelT:
        """The model's instance that `row` describes, with those it refers to."""
        if self._converters:
            row = next(iter(self._compiler.apply_converters([row], self._converters)))
        instance = self._model.from_db(DEFAULT_DB_ALIAS, self._fields, row[self._own])
        for populator in self._related:
            populator.populate(row, instance)
        for name, place in self._annotations:
            setattr(instance, name, row[place])
        return instance


class CompiledQuery(Generic[ModelT]):
    """A query whose values are given by name when it is run.

    `build` makes the queryset from `examples`, values of the right types that occur nowhere else in the SQL:
    that is how their places are found. Whatever else it puts in, the time of day say, stays as it was when it
    was compiled. It may follow foreign keys (`select_related`) and be annotated, but not prefetch. Django's own
    compiler is at work, so this is for Django 5.2; a test compares both ways.
    """

    def __init__(self, build: Callable[..., models.QuerySet[ModelT]], **examples: Any) -> None:
        self._build = build
        self._examples = examples
        self._plan: _Plan[ModelT] | None = None

    def all(self, **values: Any) -> list[ModelT]:
        """Return the rows. One statement, in the tenant in force."""
        if self._plan is None:
            self._plan = _Plan(self._build(**self._examples), self._examples)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._plan.sql, self._plan.parameters(values))
            return [self._plan.instance(row) for row in cursor.fetchall()]

    def one(self, **values: Any) -> ModelT | None:
        """Return the only row, None if there is none."""
        return next(iter(self.all(**values)), None)


def _name_of(parameter: Any, examples: dict[str, Any]) -> str | None:
    return next((name for name, one in examples.items() if type(one) is type(parameter) and one == parameter), None)
