"""A key limited to one bot and one dataset, with every scope, asks every route for everything else of its tenant.

The places in which ids can be sent are read from the schema, so that a new route or field is tried too.
"""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from chatcms.tests.bodies import body_of
from chatcms.tests.described import Operation, Place, ids_of, with_value, without_value
from chatcms.tests.route_table import OPEN, TABLE
from chatcms.tests.test_foreign_ids import (  # noqa: F401 - a fixture that is used by its name
    IN_BODIES,
    IN_PATHS,
    IN_QUERIES,
    KINDS,
    OPERATIONS,
    UNKNOWN,
    ask,
    name_of,
    unlimited,
)
from chatcms.tests.world import Things, rival_things, things_of
from tenants.enums import Limit, Scope
from tenants.models import ApiKey, Tenant
from tenants.permissions import LIMITABLE, LIMITED_MESSAGE, Capability
from tenants.tests import factories

LIMITED_THINGS = {"bot", "bot_id", "model", "dataset_id", "document_id", "chunk_id", "pair_id", "curated_answer_id"}
LIMITED_THINGS |= {"conversation_id", "message_id", "feedback_id", "budget_id"}
# What no key may do, limited or not.
FOR_PEOPLE_ALONE = {Capability.SELF, Capability.ACCESS_GRANTS_APPROVE, Capability.MEMBER_REQUESTS_ANSWER}


@pytest.fixture
def own(acme: Tenant) -> Things:
    """What the key may use."""
    return things_of(acme)


@pytest.fixture
def rival(acme: Tenant, own: Things) -> Things:
    """What is in the same tenant, and not the key's."""
    return {**own, **rival_things(acme)}


def limited_headers(tenant: Tenant, own: Things, *limits: Limit) -> dict[str, str]:
    """What a key from before scopes and limits were checked together sends."""
    key, plain = factories.make_api_key(tenant, scopes=list(Scope))
    named = {Limit.BOTS: own["bot_id"], Limit.DATASETS: own["dataset_id"]}
    ApiKey.objects.filter(pk=key.pk).update(**{limit: [named[limit]] for limit in limits})
    return factories.bearer(plain)


def need_of(operation: Operation) -> Capability | str:
    return next(need for name, need in TABLE.items() if operation.is_named(name))


@pytest.mark.parametrize("limits", [(Limit.BOTS,), (Limit.DATASETS,), tuple(Limit)], ids=str)
def test_what_is_about_the_whole_tenant_is_shut_to_a_limited_key(
    client: Client, acme: Tenant, own: Things, limits: tuple[Limit, ...]
) -> None:
    headers = limited_headers(acme, own, *limits)
    tried = 0
    for operation in OPERATIONS:
        need = need_of(operation)
        if isinstance(need, Capability) and need not in LIMITABLE:
            status, words = ask(client, operation, operation.url(own), headers, body_of(operation, own))
            assert status == 403, (operation.label, status, words)
            if need not in FOR_PEOPLE_ALONE:
                assert LIMITED_MESSAGE in words, (operation.label, words)
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("operation", IN_PATHS, ids=lambda one: one.label)
def test_ids_of_other_bots_and_datasets_in_the_path_are_unknown(
    client: Client, acme: Tenant, own: Things, rival: Things, operation: Operation
) -> None:
    headers = limited_headers(acme, own, *Limit)
    nobodys = {**own, **{name: str(uuid.uuid4()) for name in LIMITED_THINGS}, "model": "nobodys"}
    body = body_of(operation, own)
    foreign = ask(client, operation, operation.url(rival), headers, body)
    assert foreign[0] in {403, 404}, foreign
    assert foreign == ask(client, operation, operation.url(nobodys), headers, body)


@pytest.mark.parametrize(("operation", "name"), IN_QUERIES, ids=lambda one: getattr(one, "label", str(one)))
def test_ids_of_other_bots_and_datasets_in_the_query_are_unknown(
    client: Client, acme: Tenant, own: Things, rival: Things, operation: Operation, name: str
) -> None:
    if KINDS[name] not in LIMITED_THINGS:
        pytest.skip("this is no bot or dataset, nor anything inside of one")
    headers, path = limited_headers(acme, own, *Limit), operation.url(own)
    foreign, nobodys = (
        ask(client, operation, f"{path}?{name}={value}", headers, None) for value in (rival[KINDS[name]], uuid.uuid4())
    )
    assert foreign == nobodys


@pytest.mark.parametrize(("operation", "place"), IN_BODIES, ids=lambda one: getattr(one, "label", str(one)))
def test_ids_of_other_bots_and_datasets_in_the_body_are_unknown(
    client: Client, acme: Tenant, own: Things, rival: Things, operation: Operation, place: Place
) -> None:
    kind = KINDS[name_of(place)]
    if kind not in LIMITED_THINGS:
        pytest.skip("this is no bot or dataset, nor anything inside of one")
    headers = limited_headers(acme, own, *Limit)
    body = body_of(operation, own)
    for one in ids_of(operation.body):
        body = without_value(body, one)
    foreign, nobodys = (
        ask(client, operation, operation.url(own), headers, with_value(body, place, str(value)))
        for value in (rival[kind], uuid.uuid4())
    )
    assert foreign[0] in UNKNOWN, foreign
    assert foreign == nobodys


@pytest.mark.parametrize("limits", [(Limit.BOTS,), (Limit.DATASETS,), tuple(Limit)], ids=str)
def test_no_answer_shows_anything_of_other_bots_and_datasets(
    client: Client, acme: Tenant, own: Things, rival: Things, limits: tuple[Limit, ...]
) -> None:
    headers = limited_headers(acme, own, *limits)
    secrets = {rival[name] for name in LIMITED_THINGS} | {"rival"}
    if Limit.BOTS not in limits:
        secrets |= {own["bot_id"], own["conversation_id"]}
    if Limit.DATASETS not in limits:
        secrets |= {own["document_id"], own["pair_id"]}
    tried = 0
    for operation in OPERATIONS:
        # A stream does not end by itself; it is of one conversation, which the path names.
        is_stream = operation.path.endswith("/events")
        if operation.method == "get" and need_of(operation) != OPEN and not is_stream:
            answer = client.get(operation.url(own), headers=headers)
            text = (b"".join(answer) if answer.streaming else answer.content).decode(errors="replace")
            assert answer.status_code < 500, (operation.label, text)
            shown = [secret for secret in secrets if answer.status_code == 200 and secret in text]
            assert not shown, (operation.label, shown, text[:500])
            tried += answer.status_code == 200
    assert tried > 5


def test_a_key_for_one_bot_writes_into_no_dataset_that_it_does_not_name(
    client: Client, acme: Tenant, own: Things, rival: Things
) -> None:
    headers = limited_headers(acme, own, Limit.BOTS)
    for dataset in (own["dataset_id"], rival["dataset_id"]):
        answer = client.post(
            f"/v1/tenant/datasets/{dataset}/qa",
            {"question": "Who?", "answer": "Nobody."},
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == 404
