"""Nothing that a caller sends is without an end: no text, list or number of any body, no field of any form."""

from __future__ import annotations

import decimal
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import get_resolver

from chatcms.tests.bodies import body_of
from chatcms.tests.described import Operation, Place, Schema, operations, places_of, resolved, with_value
from chatcms.tests.world import Things, headers_of, platform_things, things_of
from providers.config import checked
from providers.exceptions import ProviderSettingsError
from tenants.models import Tenant

DEEP = b'{"a":' * 1_000 + b"1" + b"}" * 1_000
ENDED_BY_FORMAT = {"uuid", "date", "date-time", "decimal", "binary"}
NUMBERS = [
    b"1" * 4_000,
    b"-" + b"9" * 5_000,
    b"1e400",
    b"NaN",
    b"1e308",
    b"9" * 19,
    b'"1e-100000000"',
    b'"' + b"9" * 4_000 + b'"',
]


def _has_no_end(part: Schema) -> bool:
    kinds = part.get("type", [])
    if "string" in kinds:
        return not ({"maxLength", "enum", "pattern"} & part.keys() or part.get("format") in ENDED_BY_FORMAT)
    if "number" in kinds or "integer" in kinds:
        return not {"minimum", "maximum"} <= part.keys()
    return False


def _bodies() -> Iterator[Any]:
    for operation in operations():
        for place, part in places_of(operation.body):
            yield pytest.param(part, id=f"{operation.label} {'/'.join(place)}")


@pytest.mark.parametrize("part", list(_bodies()))
def test_every_value_of_a_body_has_an_end(part: Schema) -> None:
    assert not _has_no_end(part)


def _is_number(part: Schema) -> bool:
    kinds = part.get("type", [])
    return bool({"number", "integer"} & {*([kinds] if isinstance(kinds, str) else kinds)})


def _numbers() -> Iterator[Any]:
    for operation in operations():
        for place, part in places_of(operation.body):
            if _is_number(part) or part.get("format") == "decimal":
                yield pytest.param(operation, place, id=f"{operation.label} {'/'.join(place)}")


@pytest.fixture
def things(acme: Tenant) -> Things:
    return {**things_of(acme), **platform_things(acme)}


Ask = Callable[..., int]


@pytest.fixture
def ask(client: Client, acme: Tenant, things: Things, settings: Any) -> Ask:
    """Ask as somebody who may, and get the status."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS)
    headers = cache(lambda caller: headers_of(caller, acme, things))

    def status(operation: Operation, data: bytes, query: str = "") -> int:
        who = headers("staff" if "/admin/" in operation.path else "owner")
        url = operation.url(things) + query
        answer = client.generic(operation.method.upper(), url, data, content_type="application/json", headers=who)
        return int(answer.status_code)

    return status


@pytest.mark.parametrize(("operation", "place"), list(_numbers()))
def test_a_number_out_of_bounds_is_refused(ask: Ask, things: Things, operation: Operation, place: Place) -> None:
    body = json.dumps(with_value(body_of(operation, things), place, "<here>")).encode()
    for number in NUMBERS:
        status = ask(operation, body.replace(b'"<here>"', number))
        assert status in {400, 422}, number[:20]


@pytest.mark.parametrize("operation", [one for one in operations() if one.body], ids=lambda one: one.label)
def test_json_that_is_nested_deeply_is_refused(ask: Ask, operation: Operation) -> None:
    for data in (DEEP, b"[" * 60_000, b"1" * 4_000, b'"\xff"'):
        assert ask(operation, data) in {400, 401}


def _queries() -> Iterator[Any]:
    for operation in operations():
        for parameter in operation.parameters("query"):
            if _is_number(resolved(parameter["schema"])):
                yield pytest.param(operation, parameter["name"], id=f"{operation.label} ?{parameter['name']}")


@pytest.mark.parametrize(("operation", "name"), list(_queries()))
def test_a_number_of_the_address_out_of_bounds_is_refused(ask: Ask, operation: Operation, name: str) -> None:
    for number in ("9" * 4_000, "9" * 5_000, "1e400", "NaN", "-1", "9" * 19):
        assert ask(operation, b"", f"?{name}={number}") in {400, 404, 422}, number[:20]


@pytest.mark.parametrize("number", ["1", "9" * 19, "9" * 4_000, "9" * 5_000])
def test_a_number_in_the_path_is_found_or_not(client: Client, acme: Tenant, things: Things, number: str) -> None:
    headers = headers_of("owner", acme, things)
    answer = client.get(f"/v1/tenant/bots/{things['bot_id']}/versions/{number}", headers=headers)
    assert answer.status_code in {200, 404}


@pytest.mark.parametrize("depth", [500, 5_000, 40_000])
def test_a_token_whose_header_is_nested_deeply_is_no_credential(client: Client, depth: int) -> None:
    deep = urlsafe_b64encode(b"[" * depth + b"]" * depth).decode().rstrip("=")
    for token in (f"{deep}.{deep}.c2ln", f"e30.{deep}.c2ln"):
        assert client.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("price", ["1e-100000000", "0e-100000000", "0E+100000000", "1e100000000", "9" * 4_000, 1e-300])
def test_a_price_of_many_digits_is_refused(price: object) -> None:
    config = {"models": [{"id": "m", "input_price": price}]}
    with pytest.raises(ProviderSettingsError):
        checked(config, kind="openai")


def test_a_price_is_kept_as_it_is_written() -> None:
    config = checked({"models": [{"id": "m", "input_price": "2.50", "output_price": 1e-07}]}, kind="openai")
    assert config["models"][0]["input_price"] == "2.50"
    assert decimal.Decimal(config["models"][0]["output_price"]) == decimal.Decimal("1e-7")


def _fields(*kinds: type) -> Iterator[Any]:
    """The fields of these kinds in every form of the product; those of the admin are Django's own and staff's."""
    assert get_resolver().url_patterns, "the forms are loaded with the pages that show them"
    for form in _subclasses(forms.BaseForm):
        module = form.__module__
        if module.split(".")[0] in {"bots", "chat", "chatcms", "datasets", "providers", "tenants"}:
            for name, field in getattr(form, "base_fields", {}).items():
                if isinstance(field, kinds) and ".admin" not in module and ".tests." not in module:
                    yield pytest.param(field, id=f"{module}.{form.__name__} {name}")


def _subclasses(kind: type) -> Iterator[type]:
    children: list[type] = kind.__subclasses__()
    for one in children:
        yield one
        yield from _subclasses(one)


@pytest.mark.parametrize("field", list(_fields(forms.IntegerField)))  # the parent of decimals and floats
def test_every_number_of_a_form_has_an_end(field: Any) -> None:
    assert field.min_value is not None
    assert field.max_value is not None


@pytest.mark.parametrize("field", list(_fields(forms.CharField)))
def test_every_text_of_a_form_has_an_end(field: Any) -> None:
    assert field.max_length is not None
