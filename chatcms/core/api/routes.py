"""Lists the API's routes from the URL configuration, with what each method needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny

API_PREFIX = "/v1/"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One address of the API and what answers there; `view` is None where a plain function does."""

    pattern: URLPattern
    path: str
    view: Any

    @property
    def parameters(self) -> list[str]:
        """The names of the parts of the address that vary."""
        return sorted(self.pattern.pattern.converters)

    @property
    def methods(self) -> list[str]:
        """The methods that the view answers."""
        return [method for method in METHODS if hasattr(self.view, method)]

    @property
    def is_open(self) -> bool:
        """Whether no credential is asked for."""
        return is_open(self.view)

    def capability(self, method: str) -> str | None:
        """What the caller of the method needs; None when the view names nothing."""
        return getattr(self.view, "capabilities", {}).get(method.upper())

    def url(self, values: dict[str, Any]) -> str:
        """The address with its varying parts filled in; numbers, which only count inside of something else, are 1."""
        filled = [self._part(part, values) for part in self.path.split("/")]
        return "/" + "/".join(filled)

    def _part(self, part: str, values: dict[str, Any]) -> str:
        if part.startswith("<int:"):
            return "1"
        return str(values[part.strip("<>").rpartition(":")[2]]) if part.startswith("<") else part

    def __str__(self) -> str:
        return self.path


def is_open(view: Any) -> bool:
    """Whether the view asks for no credential; a plain function, given as None, asks for none."""
    if view is None or not view.authentication_classes or not view.permission_classes:
        return True
    return AllowAny in view.permission_classes


def api_routes() -> list[Route]:
    """Every route under /v1/."""
    return [route for route in _walk(get_resolver().url_patterns, "") if route.path.startswith(API_PREFIX.lstrip("/"))]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        else:
            view = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
            yield Route(entry, path, view)
