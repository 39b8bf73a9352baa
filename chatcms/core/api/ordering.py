"""Lets the caller of a list choose its order, among those that its view names."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chatcms.core.api.pagination import Pages


class OrderedPages(Pages):
    """Pages in the order that `?ordering=` names; a view's `orderings` are the possible ones, the usual one first."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """Return the fields to order by; the id makes every order one without ties."""
        possible: tuple[str, ...] = view.orderings
        chosen = request.query_params.get("ordering", possible[0])
        if chosen not in possible:
            raise ValidationError({"ordering": [f"Use one of: {', '.join(possible)}."]})
        return (chosen,) if chosen.lstrip("-") == "id" else (chosen, "-id")


def ordering_parameter(possible: tuple[str, ...]) -> OpenApiParameter:
    """Describe `?ordering=` of a view with these `orderings`."""
    return OpenApiParameter(
        "ordering", OpenApiTypes.STR, enum=list(possible), default=possible[0], description="`-` is descending."
    )
