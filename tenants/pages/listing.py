"""A list page: sorted and paged by its address, at the same cost at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from chatcms.core.api.pagination import Pages

M = TypeVar("M", bound=Model)
SORT = "sort"


@dataclass(frozen=True)
class Listing(Generic[M]):
    """One page of rows; `next` and `previous` are addresses ("?…") or empty, `sort` is the order in force."""

    rows: list[M]
    next: str
    previous: str
    sort: str
    orders: Mapping[str, str]

    @classmethod
    def of(
        cls, request: HttpRequest, rows: QuerySet[M], *, orders: Mapping[str, str], default: str, size: int
    ) -> Listing[M]:
        """Return the page of `rows` that the address asks for with `?sort=` and `?cursor=`.

        `orders` are the columns one may sort by: the word in the address and the field, which must never be null.
        `default` is one of these words, "-" before it for descending, or the field of an order without a choice.
        Raises `InvalidCursorError`.
        """
        asked = request.GET.get(SORT, "")
        sort = asked if asked.lstrip("-") in orders else default
        pages = _Pages(_fields(sort, orders), size)
        found = pages.paginate_queryset(rows, Request(request))
        return cls(list(found), _query(pages.get_next_link()), _query(pages.get_previous_link()), sort, orders)

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_paged(self) -> bool:
        """Whether there is another page to go to."""
        return bool(self.next or self.previous)


class _Pages(Pages):
    page_size_query_param = ""

    def __init__(self, ordering: tuple[str, ...], size: int) -> None:
        self.ordering = ordering  # type: ignore[assignment]  # the parent names one field by default
        self.page_size = size

    def get_page_size(self, request: Request) -> int | None:
        return self.page_size

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        return tuple(self.ordering)


def _fields(sort: str, orders: Mapping[str, str]) -> tuple[str, ...]:
    word = sort.lstrip("-")
    field = orders.get(word, word)
    first = f"-{field}" if sort.startswith("-") else field
    return (first,) if field == "id" else (first, "-id")


def _query(link: str | None) -> str:
    return f"?{urlsplit(link).query}" if link else ""
