"""Sends the ids of another tenant's things wherever an id can be sent: in the path, the query and the body.

Which places there are, the schema says; every caller who may use an operation tries all of them. A foreign id is as
unknown as one that nobody has: the same status and the same words.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from chatcms.tests.bodies import body_of
from chatcms.tests.described import Operation, Place, ids_of, operations, with_value, without_value
from chatcms.tests.rights import CALLERS, may
from chatcms.tests.route_table import TABLE
from chatcms.tests.world import Things, headers_of, things_of
from tenants.models import Tenant

# What is meant by an id of this name in a query or body.
KINDS = {
    "actor_id": "key_id",
    "bot_id": "bot_id",
    "bot_ids": "bot_id",
    "conversation_id": "conversation_id",
    "dataset_id": "dataset_id",
    "dataset_ids": "dataset_id",
    "provider_id": "provider_id",
    "tenant_ai_provider_id": "provider_id",
}
# No tenant's: whoever knows it may name it.
SHARED = {"global_provider_id": "a provider of the platform's, there for every tenant"}
# Where ids of one's own tenant are refused too.
NOT_FOR_ITSELF = {
    "POST /v1/chat/bots/{bot}/messages conversation_id": "a conversation is of whoever began it, and this one is not",
    "POST /v1/chat/visitors conversation_id": "a visitor's is asked for with the token that it was begun with",
}
# The platform's own routes know no tenant of the caller; the matrix shows that nobody of a tenant gets in there.
OPERATIONS = [one for one in operations() if not one.path.startswith("/v1/admin/")]
UNKNOWN = {400, 403, 404, 422}


def name_of(place: Place) -> str:
    """The name of what has an id at the end of this place."""
    return [part for part in place if part != "[]"][-1]


IN_PATHS = [one for one in OPERATIONS if one.parameters("path")]
IN_QUERIES = [(one, name) for one in OPERATIONS for name in one.query_ids]
IN_BODIES = [(one, place) for one in OPERATIONS for place in ids_of(one.body) if name_of(place) not in SHARED]


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    """Nobody asks as fast as these tests."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS)


@pytest.fixture
def ours(acme: Tenant) -> Things:
    """Ids of acme's things."""
    return things_of(acme)


@pytest.fixture
def theirs(globex: Tenant) -> Things:
    """Ids of globex's things."""
    return things_of(globex)


def ask(client: Client, operation: Operation, url: str, headers: dict[str, str], body: Any) -> tuple[int, str]:
    """Send a request whose effects are undone; the status and the words, without what differs in any two answers."""
    with transaction.atomic():
        answer = client.generic(
            operation.method.upper(),
            url,
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        text = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    words = re.sub(r'"request_id":"\w+"', "", text.decode(errors="replace"))
    return answer.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", words)


def able(operation: Operation) -> Iterator[str]:
    """Everybody who may use it."""
    name = next(name for name in TABLE if operation.is_named(name))
    yield from (caller for caller in CALLERS if may(caller, name))


@pytest.mark.parametrize("operation", IN_PATHS, ids=lambda one: one.label)
def test_ids_of_another_tenant_in_the_path_are_unknown(
    client: Client, acme: Tenant, ours: Things, theirs: Things, operation: Operation
) -> None:
    nobodys = {name: "nobodys" if name == "model" else str(uuid.uuid4()) for name in theirs}
    body = body_of(operation, ours)
    for caller in able(operation):
        headers = headers_of(caller, acme, ours)
        foreign = ask(client, operation, operation.url(theirs), headers, body)
        assert foreign[0] == 404, (caller, foreign)
        assert foreign == ask(client, operation, operation.url(nobodys), headers, body), caller


@pytest.mark.parametrize(("operation", "name"), IN_QUERIES, ids=lambda one: getattr(one, "label", str(one)))
def test_ids_of_another_tenant_in_the_query_are_unknown(
    client: Client, acme: Tenant, ours: Things, theirs: Things, operation: Operation, name: str
) -> None:
    for caller in able(operation):
        headers = headers_of(caller, acme, ours)
        path = operation.url(ours)
        foreign, nobodys, own = (
            ask(client, operation, f"{path}?{name}={value}", headers, None)
            for value in (theirs[KINDS[name]], uuid.uuid4(), ours[KINDS[name]])
        )
        assert foreign == nobodys, caller
        assert foreign[0] in {200, 404}, (caller, foreign)
        assert own[0] == 200, (caller, own)


@pytest.mark.parametrize(("operation", "place"), IN_BODIES, ids=lambda one: getattr(one, "label", str(one)))
def test_ids_of_another_tenant_in_the_body_are_unknown(
    client: Client, acme: Tenant, ours: Things, theirs: Things, operation: Operation, place: Place
) -> None:
    body = body_of(operation, ours)
    for one in ids_of(operation.body):
        body = without_value(body, one)
    taken = []
    for caller in able(operation):
        headers = headers_of(caller, acme, ours)
        foreign, nobodys, own = (
            ask(client, operation, operation.url(ours), headers, with_value(body, place, str(value)))
            for value in (theirs[KINDS[name_of(place)]], uuid.uuid4(), ours[KINDS[name_of(place)]])
        )
        assert foreign == nobodys, caller
        assert foreign[0] in UNKNOWN, (caller, foreign)
        taken.append(own)
    assert f"{operation.label} {name_of(place)}" in NOT_FOR_ITSELF or any(status < 400 for status, _ in taken), taken
