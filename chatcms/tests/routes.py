"""Lists the API's routes from the URL configuration, for tests that look at every one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

API = "v1/"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One address of the API and what answers there; `parameters` are the names in the address."""

    pattern: URLPattern
    path: str
    view: type[APIView] | None

    @property
    def parameters(self) -> list[str]:
        """The names of the parts that vary."""
        return sorted(self.pattern.pattern.converters)

    @property
    def methods(self) -> list[str]:
        """The methods that the view answers."""
        return [method for method in _METHODS if hasattr(self.view, method)]

    def url(self, values: dict[str, Any]) -> str:
        """The address with its varying parts filled in."""
        url = "/" + self.path
        for name, converter in self.pattern.pattern.converters.items():
            kind = {"UUIDConverter": "uuid", "StringConverter": "str", "SlugConverter": "slug"}[
                type(converter).__name__
            ]
            url = url.replace(f"<{kind}:{name}>", str(values[name]))
        return url

    def __str__(self) -> str:
        return self.path


def api_routes() -> list[Route]:
    """Every route under /v1/."""
    return [route for route in _walk(get_resolver().url_patterns, "") if route.path.startswith(API)]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        else:
            view = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
            yield Route(entry, path, view)
