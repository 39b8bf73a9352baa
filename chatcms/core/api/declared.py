"""Holds a request to what its route declares: members and parameters that the document does not name are refused.

What a client misspells would otherwise pass unseen, and do nothing. The declaration is the one that the OpenAPI
document is made from (`@extend_schema`), so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers as lax
from rest_framework.request import Request
from rest_framework.views import APIView

from chatcms.core.exceptions import InvalidInputError

BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
Fields = Mapping[str, lax.Field[Any, Any, Any, Any]]
Fault = dict[str, str]


class UnknownMemberError(InvalidInputError):
    """The request has a member or parameter that the route does not know; `errors` points to each."""

    code = "unknown_member"
    default_detail = "The request has a member that is not known here. Check its spelling."


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route takes: parameters of its query, and the serializers of its body, none where it takes no body."""

    query: frozenset[str]
    bodies: tuple[lax.BaseSerializer[Any], ...]


def refuse_unknown(view: APIView, request: Request) -> None:
    """Raise `UnknownMemberError` for what the route of the request does not declare."""
    declared = declared_by(cast(Hashable, type(view)), str(request.method))
    faults = [_fault(f"/{name}", name, declared.query) for name in request.query_params if name not in declared.query]
    if request.method in BODY_METHODS:
        faults += _faults_of_body(request.data, declared.bodies)
    if faults:
        raise UnknownMemberError(" ".join(fault["detail"] for fault in faults[:3]), errors=faults)


@cache
def declared_by(view_class: Hashable, method: str) -> Declared:
    """Return what the handler of a method declares; HEAD is asked as GET is."""
    method = "GET" if method == "HEAD" else method
    view = cast("type[APIView]", view_class)()
    view.args, view.kwargs, view.request, view.format_kwarg = (), {}, None, None  # type: ignore[assignment]
    handler = getattr(view, method.lower(), None)
    kind = getattr(handler, "kwargs", {}).get("schema")
    if kind is not None:
        view.schema = kind()
    schema: Any = view.schema
    schema.method = method
    query = set(_names(schema.get_override_parameters()))
    if method == "GET" and hasattr(view, "list"):
        paginator: Any = view.paginator  # type: ignore[attr-defined]  # a list has one
        query |= {paginator.cursor_query_param, paginator.page_size_query_param}
    body = schema.get_request_serializer() if method in BODY_METHODS - {"DELETE"} else None
    return Declared(frozenset(query), tuple(_made(one) for one in _each(body) if one is not None))


def _names(parameters: list[Any]) -> Iterator[str]:
    for one in parameters:
        if isinstance(one, OpenApiParameter):
            if one.location == OpenApiParameter.QUERY:
                yield one.name
        else:
            yield from _made(one).fields  # type: ignore[attr-defined]  # parameters are plain serializers


def _each(body: Any) -> list[Any]:
    return list(body.values()) if isinstance(body, dict) else [body]


def _made(serializer: Any) -> lax.BaseSerializer[Any]:
    made: lax.BaseSerializer[Any] = serializer() if isinstance(serializer, type) else serializer
    return made


# --- bodies ------------------------------------------------------------------------------------------------


def _faults_of_body(data: Any, bodies: tuple[lax.BaseSerializer[Any], ...]) -> list[Fault]:
    if not isinstance(data, Mapping):
        return []
    fields: dict[str, lax.Field[Any, Any, Any, Any]] = {}
    for body in bodies:
        fields |= getattr(body, "fields", {})
    return list(_unknown(data, fields, "", is_form=isinstance(data, QueryDict)))


def _unknown(data: Mapping[Any, Any], fields: Fields, pointer: str, *, is_form: bool = False) -> Iterator[Fault]:
    writable = {name for name, field in fields.items() if not field.read_only}
    for key, value in data.items():
        # In a form `ids[0]` is an item of `ids`.
        name = str(key).partition("[")[0] if is_form else str(key)
        if name in writable:
            if not is_form:
                yield from _inside(value, fields[name], f"{pointer}/{_escaped(name)}")
        elif name in fields:
            yield _said(f"{pointer}/{_escaped(name)}", f"`{name}` is shown and cannot be set.")
        else:
            yield _fault(f"{pointer}/{_escaped(name)}", name, writable)


def _inside(value: Any, field: Any, pointer: str) -> Iterator[Fault]:
    """Look into what nests: objects, lists of them, and objects of free names."""
    fields = getattr(field, "fields", None)
    if fields is not None and isinstance(value, Mapping):
        yield from _unknown(value, fields, pointer)
    child = getattr(field, "child", None)
    if child is None:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _inside(item, child, f"{pointer}/{index}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _inside(item, child, f"{pointer}/{_escaped(str(name))}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _fault(pointer: str, name: str, known: frozenset[str] | set[str]) -> Fault:
    shown = name[:100]
    if not known:
        return _said(pointer, f"This call takes nothing here: leave `{shown}` out.")
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6) if len(name) < 100 else []
    cure = f"Did you mean `{near[0]}`?" if near else f"Use {_listed(known)}."
    return _said(pointer, f"There is no `{shown}` here. {cure}")


def _listed(known: frozenset[str] | set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(known))


def _said(pointer: str, detail: str) -> Fault:
    return {"pointer": pointer, "detail": detail, "code": UnknownMemberError.code}
