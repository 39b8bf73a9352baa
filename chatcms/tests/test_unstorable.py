"""What PostgreSQL cannot keep, a text with NUL in it, is refused wherever the schema has a text; nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chatcms.tests.bodies import body_of
from chatcms.tests.described import Operation, Place, operations, resolved, texts_of, with_value
from chatcms.tests.world import headers_of, platform_things, things_of
from tenants.models import Tenant

NUL = "a\x00b"


BODIES = [
    pytest.param(operation, place, id=f"{operation.label} {'/'.join(place)}")
    for operation in operations()
    for place in texts_of(operation.body)
]
QUERIES = [
    pytest.param(operation, parameter["name"], id=f"{operation.label} ?{parameter['name']}")
    for operation in operations()
    for parameter in operation.parameters("query")
    if "string" in resolved(parameter["schema"]).get("type", [])
]


@pytest.fixture
def things(acme: Tenant) -> dict[str, str]:
    return {**things_of(acme), **platform_things(acme)}


def ask(client: Client, acme: Tenant, things: dict[str, str], operation: Operation, query: str, body: Any) -> int:
    headers = headers_of("staff" if "/admin/" in operation.path else "owner", acme, things)
    answer = client.generic(
        operation.method.upper(),
        operation.url(things) + query,
        data=json.dumps(body),
        content_type="application/json",
        headers=headers,
    )
    return int(answer.status_code)


@pytest.mark.parametrize(("operation", "place"), BODIES)
def test_a_text_with_nul_in_a_body_is_refused(
    client: Client, acme: Tenant, things: dict[str, str], operation: Operation, place: Place
) -> None:
    body = with_value(body_of(operation, things), place, NUL)
    assert ask(client, acme, things, operation, "", body) in {400, 401, 422}


@pytest.mark.parametrize(("operation", "name"), QUERIES)
def test_a_text_with_nul_in_a_query_is_refused(
    client: Client, acme: Tenant, things: dict[str, str], operation: Operation, name: str
) -> None:
    assert ask(client, acme, things, operation, f"?{name}=a%00b", None) in {400, 404, 422}
