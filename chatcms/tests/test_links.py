"""Follows every link that the schema names from what was just made, to its end: once it is deleted, it is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chatcms.tests.bodies import body_of
from chatcms.tests.described import METHODS, Operation, operations
from chatcms.tests.world import Headers, Things, headers_of, platform_things, things_of
from datasets.enums import DocumentState
from datasets.models import Document
from tenants.context import tenant_scope
from tenants.models import Tenant

OPERATIONS = {operation.id: operation for operation in operations()}
# To answer again, one has to have asked: that is a link of a question. A visitor's conversation is for the visitor.
ELSEWHERE = {"chat_messages_regenerate", "chat_visitors_create"}
MAKING = [one for one in OPERATIONS.values() if one.method == "post" and one.links and one.id not in ELSEWHERE]
# Files that are sent where no JSON is taken.
FILES = {"qa_import": ("faq.csv", b"question,answer\nA?,One\n")}
QUERIES = {"platform_tenants_delete": "?confirm=initech"}
# What happens instead of 404 to what was deleted, and why.
STAYS = {
    "api_keys_revoke": "a revoked key stays in the list, and is revoked once more",
    "platform_tenants_delete": "a tenant that is to be deleted is kept for a while, and may be kept for good",
}


@dataclass(frozen=True)
class Asker:
    """Somebody who may do all of it."""

    client: Client
    things: Things
    headers: Headers

    def ask(self, operation: Operation, values: Things | None = None) -> Any:
        """Send the operation, with the example of its body."""
        if operation.id in FILES:
            file = SimpleUploadedFile(*FILES[operation.id])
            url = operation.url({**self.things, **(values or {})})
            return self.client.post(url, {"file": file}, headers=self.headers)
        body = body_of(operation, self.things)
        return self.client.generic(
            operation.method.upper(),
            operation.url({**self.things, **(values or {})}) + QUERIES.get(operation.id, ""),
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers=self.headers,
        )


def following(making: Operation, made: Any, things: Things) -> list[tuple[Operation, Things]]:
    """What the links lead to and with which ids: first reading, then changing, at last deleting from within."""
    found = [
        (OPERATIONS[name], {parameter: value_of(place, made, things) for parameter, place in parameters.items()})
        for name, parameters in making.links.items()
        if OPERATIONS[name].takes_json
    ]
    return sorted(found, key=lambda link: (METHODS.index(link[0].method), -link[0].path.count("/")))


def value_of(place: str, made: Any, things: Things) -> str:
    """What a link's expression stands for: a part of the answer, or of the path that was asked."""
    if place.startswith("$request.path."):
        return things[place.removeprefix("$request.path.")]
    return str(made[place.removeprefix("$response.body#/")])


@pytest.mark.parametrize("making", MAKING, ids=lambda operation: operation.id)
def test_what_was_made_is_there_until_it_is_deleted(client: Client, acme: Tenant, making: Operation) -> None:
    things = {**things_of(acme), **platform_things(acme)}
    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.READY, version=1, language="english")
    asker = Asker(client, things, headers_of("staff" if "/admin/" in making.path else "owner", acme, things))

    made = asker.ask(making)

    assert made.status_code in {200, 201}, made.content
    links = following(making, made.json(), things)
    assert links
    for operation, values in links:
        answer = asker.ask(operation, values)
        # What is not fit for something yet, a bot without a draft to be published, clashes with it: that is found too.
        clashes = answer.status_code == 409 and operation.method != "get"
        assert answer.status_code < 400 or clashes, (operation.id, answer.content)
    deleting = [operation.id for operation, _ in links if operation.method == "delete"]
    if deleting and not STAYS.keys() & set(deleting):
        for operation, values in links:
            assert asker.ask(operation, values).status_code == 404, operation.id


def test_every_thing_that_has_an_address_is_led_to() -> None:
    """What the schema cannot be walked to, only somebody who knows it finds."""
    led_to = {name for operation in OPERATIONS.values() for name in operation.links}
    lonely = {name for name, operation in OPERATIONS.items() if "{" in operation.path} - led_to
    assert lonely == {"models_read"}  # OpenAI's own shape names its models in another way
