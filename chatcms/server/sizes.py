"""How large the body of each route may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings

from chat.turns.services.pictures import MOST_BYTES as MOST_PICTURE_BYTES
from chatcms.server.limits import FORM_BYTES
from datasets.pairs_csv import MAX_BYTES as MAX_PAIRS_BYTES
from tenants.services.logos import MAX_LOGO_BYTES


def _upload() -> int:
    return int(settings.MAX_UPLOAD_BYTES)


def _pairs() -> int:
    return min(MAX_PAIRS_BYTES, _upload())


def _logo() -> int:
    return min(MAX_LOGO_BYTES, _upload())


def _default() -> int:
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _pictures() -> int:
    """As much as pictures take in base64, with the words around them; no more than a file may have."""
    return max(_default(), min(MOST_PICTURE_BYTES * 4 // 3 + _default(), _upload()))


# The routes that take a file, as `ResolverMatch.route` names them; every other body has the default.
FILE_ROUTES: Final[dict[str, Callable[[], int]]] = {
    "v1/tenant/datasets/<uuid:dataset_id>/documents": _upload,
    "v1/tenant/datasets/<uuid:dataset_id>/qa/import": _pairs,
    "v1/tenant/settings/logo": _logo,
    "t/<slug:slug>/datasets/<uuid:dataset_id>/upload/": _upload,
    "t/<slug:slug>/datasets/<uuid:dataset_id>/qa/import/": _pairs,
    "t/<slug:slug>/first-steps/documents/": _upload,
    "t/<slug:slug>/settings/branding/": _logo,
}


# Those that take pictures and documents in their JSON, in base64.
JSON_ROUTES: Final = frozenset({"v1/chat/completions", "v1/responses"})


def largest_body(route: str, *, is_multipart: bool) -> int:
    """Return how many bytes the route takes from a caller with a credential: a file and its form, or the default."""
    if is_multipart and route in FILE_ROUTES:
        return FILE_ROUTES[route]() + FORM_BYTES
    return _pictures() if route in JSON_ROUTES and not is_multipart else _default()


def largest_of_all() -> int:
    """Return how many bytes the largest body of any route may have."""
    return max(_pictures(), *(size() + FORM_BYTES for size in FILE_ROUTES.values()))
