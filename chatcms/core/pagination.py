"""Cursor pagination for every list: stable under inserts, constant cost at any depth."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Newest first; `?limit=` up to 100 rows, `?cursor=` from the `next` or `previous` link."""

    page_size = 25
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"
