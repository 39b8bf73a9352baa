"""Every route refuses what it does not know: members of bodies, parameters of queries, and methods."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers as lax
from rest_framework.test import APIClient

from chatcms.core.api.declared import Declared, declared_by
from chatcms.core.api.parsers import StrictJSONParser
from chatcms.core.api.routes import METHODS, Route, api_routes
from chatcms.tests import world
from tenants.enums import Role, Scope
from tenants.models import Tenant
from tenants.permissions import ROLES, SCOPES, Capability
from tenants.tests import factories

ROUTES = [route for route in api_routes() if hasattr(route.view, "strict")]
STRANGE = "zzz_stranger"
# Any value will do for a part of an address: a body is judged before what it is about is looked for.
PARTS = {name: str(uuid.UUID(int=7)) for route in ROUTES for name in route.parameters}
CASES = [(route, method) for route in ROUTES for method in route.methods]
STRICT = [(route, method) for route, method in CASES if route.view.strict]
BODIES = [(route, method) for route, method in STRICT if method != "get"]


def name_of(value: Any) -> str:
    return str(value)


@pytest.fixture
def callers(acme: Tenant) -> dict[str, APIClient]:
    """Somebody for each kind of route: a key with every scope, an owner, and the platform's staff."""
    _key, secret = factories.make_api_key(acme, scopes=list(Scope))
    owner = factories.make_member(acme, "strict@acme.example", role=Role.OWNER)
    return {
        "key": APIClient(headers=factories.bearer(secret)),
        "person": APIClient(headers=factories.bearer(factories.make_token_pair(owner).access)),
        "staff": APIClient(headers=world.staff_headers()),
    }


def caller_of(callers: dict[str, APIClient], route: Route, method: str) -> APIClient:
    """Whoever the method lets in, so that nothing but the strange part is wrong."""
    capability = route.capability(method)
    if capability is None:
        return APIClient() if route.is_open else callers["person"]
    if capability == Capability.PLATFORM:
        return callers["staff"]
    return callers["key"] if SCOPES[Capability(capability)] else callers["person"]


def said(response: Any) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


@pytest.mark.django_db
def test_no_route_takes_an_unknown_member(callers: dict[str, APIClient]) -> None:
    wrong = []
    for route, method in BODIES:
        send = getattr(caller_of(callers, route, method), method)
        response = send(route.url(PARTS), {STRANGE: 1}, format=_format(route))
        if response.status_code != 422 or said(response) != [f"/{STRANGE}"]:
            wrong.append(f"{method} {route}: {response.status_code} {response.content[:200]!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_no_route_takes_an_unknown_parameter(callers: dict[str, APIClient]) -> None:
    wrong = []
    for route, method in STRICT:
        send = getattr(caller_of(callers, route, method), method)
        response = send(f"{route.url(PARTS)}?{STRANGE}=1", format="json" if method != "get" else None)
        if response.status_code != 422 or said(response) != [f"/{STRANGE}"]:
            wrong.append(f"{method} {route}: {response.status_code} {response.content[:200]!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_a_wrong_method_is_405_whatever_the_caller_may_do(acme: Tenant, callers: dict[str, APIClient]) -> None:
    _key, secret = factories.make_api_key(acme, scopes=[Scope.CHAT])
    known = [APIClient(headers=factories.bearer(secret)), *callers.values()]
    wrong = []
    for route in ROUTES:
        for method in sorted({*METHODS, "trace"} - set(route.methods)):
            for client in [*known, *([APIClient()] if route.is_open else [])]:
                response = client.generic(method.upper(), route.url(PARTS), '{"a": 1}', content_type="application/json")
                allowed = {one.strip().lower() for one in response.headers.get("Allow", "").split(",")}
                if response.status_code != 405 or not set(route.methods) <= allowed:
                    wrong.append(f"{method} {route}: {response.status_code} {allowed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_options_tells_the_methods_to_every_caller(acme: Tenant) -> None:
    _key, secret = factories.make_api_key(acme, scopes=[Scope.CHAT])
    response = APIClient(headers=factories.bearer(secret)).options("/v1/tenant/bots")
    assert (response.status_code, response.content) == (204, b"")
    assert {"GET", "POST"} <= set(response.headers["Allow"].replace(" ", "").split(","))


# --- what nests --------------------------------------------------------------------------------------------


def nested_of(fields: dict[str, Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Where objects nest in a body, as the way there; 0 stands for an item of a list."""
    for name, field in fields.items():
        step, inner = (*path, name), field
        while getattr(inner, "child", None) is not None:
            step, inner = (*step, 0 if not isinstance(inner, lax.DictField) else "any"), inner.child
        if not field.read_only and hasattr(inner, "fields"):
            yield step, inner
            yield from nested_of(inner.fields, step)


def holding(path: tuple[Any, ...]) -> Any:
    """The least body with something strange at the end of a path."""
    if not path:
        return {STRANGE: 1}
    inner = holding(path[1:])
    return [inner] if path[0] == 0 else {path[0]: inner}


NESTED = [
    (route, method, path)
    for route, method in BODIES
    for body in declared_by(route.view, method.upper()).bodies
    for path, _field in nested_of(dict(getattr(body, "fields", {})))
]


def test_some_bodies_nest() -> None:
    assert {path for _route, _method, path in NESTED} >= {("look",), ("fallbacks", 0)}


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "method", "path"), NESTED, ids=name_of)
def test_no_object_inside_a_body_takes_an_unknown_member(
    callers: dict[str, APIClient], route: Route, method: str, path: tuple[Any, ...]
) -> None:
    response = getattr(caller_of(callers, route, method), method)(route.url(PARTS), holding(path), format="json")
    assert response.status_code == 422, response.content
    assert said(response) == ["/" + "/".join(str(step) for step in (*path, STRANGE))]


# --- what the sentence says --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "pointer", "sentence"),
    [
        ({"name": "x", "temprature": 1}, "/temprature", "Did you mean `temperature`?"),
        ({"name": "x", "look": {"acent": "#000000"}}, "/look/acent", "Did you mean `accent`?"),
        ({"name": "x", "slug": "mine"}, "/slug", "is shown and cannot be set"),
        ({"name": "x", "a/b~c": 1}, "/a~1b~0c", "There is no `a/b~c` here."),
    ],
)
def test_the_cure_is_named(api_key: str, body: dict[str, Any], pointer: str, sentence: str) -> None:
    response = APIClient(headers=factories.bearer(api_key)).post("/v1/tenant/bots", body)
    assert (response.status_code, response.json()["code"], said(response)) == (422, "unknown_member", [pointer])
    assert sentence in response.json()["errors"][0]["detail"]


@pytest.mark.django_db
def test_a_route_without_a_body_takes_an_empty_one(api_key: str, in_acme: Tenant) -> None:
    client = APIClient(headers=factories.bearer(api_key))
    bot = client.post("/v1/tenant/bots", {"name": "x"}).json()
    bodies: tuple[dict[str, Any] | None, ...] = ({}, None)
    for body in bodies:
        assert client.post(f"/v1/tenant/bots/{bot['id']}/archive", body, format="json").status_code == 200
    assert client.post(f"/v1/tenant/bots/{bot['id']}/archive").status_code == 200
    refused = client.post(f"/v1/tenant/bots/{bot['id']}/archive", {"reason": "old"}, format="json").json()
    assert refused["detail"] == "This call takes nothing here: leave `reason` out."


@pytest.mark.django_db
def test_openais_clients_may_send_what_only_openai_knows(api_key: str, in_acme: Tenant) -> None:
    client = APIClient(headers=factories.bearer(api_key))
    slug = client.post("/v1/tenant/bots", {"name": "x"}).json()["slug"]
    body = {"model": slug, "messages": [{"role": "user", "content": "Why?", "weight": 1}], "seed": 1, "zzz": 2}
    assert client.post("/v1/chat/completions?api-version=2024", body).status_code == 200


def test_a_declaration_is_read_once() -> None:
    route, method = BODIES[0]
    found = declared_by(route.view, method.upper())
    assert isinstance(found, Declared)
    assert declared_by(route.view, method.upper()) is found


# --- what is lacking ---------------------------------------------------------------------------------------

DENIED = sorted({(route.capability(method), str(route), method) for route, method in CASES if route.capability(method)})


@pytest.mark.django_db
def test_a_refused_key_is_told_its_scope_and_a_refused_person_their_role(acme: Tenant) -> None:
    by_path = {str(route): route for route in ROUTES}
    _key, secret = factories.make_api_key(acme, scopes=[Scope.CHAT])
    viewer = factories.make_member(acme, "strict@acme.example", role=Role.VIEWER)
    key, person = (
        APIClient(headers=factories.bearer(one)) for one in (secret, factories.make_token_pair(viewer).access)
    )  # fmt: skip
    wrong = []
    for capability, path, method in DENIED:
        named = Capability(str(capability))
        if Scope.CHAT not in SCOPES[named] and named != Capability.PLATFORM:
            problem = getattr(key, method)(by_path[path].url(PARTS)).json()
            least = next((scope.value for scope in Scope if scope in SCOPES[named]), None)
            if problem.get("required_scope", "-") != least or (least and f"scope {least}" not in problem["detail"]):
                wrong.append(f"key: {method} {path}: {problem}")
        if Role.VIEWER not in ROLES[named] and named != Capability.PLATFORM:
            problem = getattr(person, method)(by_path[path].url(PARTS)).json()
            least = next(role.value for role in reversed(list(Role)) if role in ROLES[named])
            if problem.get("required_role") != least or f"role {least}" not in problem["detail"]:
                wrong.append(f"person: {method} {path}: {problem}")
    assert not wrong, "\n".join(wrong)


def _format(route: Route) -> str:
    """`multipart` where nothing else is taken."""
    return "json" if any(issubclass(one, StrictJSONParser) for one in route.view.parser_classes) else "multipart"
