"""Tests of /v1/tenant/api-keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bots import services as bots
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import ApiKey, AuditEvent, Membership, Tenant
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

URL = "/v1/tenant/api-keys"


def _make(client: Client, credential: str, **fields: Any) -> Any:
    body = {"name": "Website", "scopes": ["chat"], **fields}
    return client.post(URL, body, content_type="application/json", headers=bearer(credential))


def test_a_new_key_is_shown_once_and_works(client: Client, access_token: str) -> None:
    response = _make(client, access_token)
    assert response.status_code == 201
    made = response.json()
    assert made["key"].startswith(made["prefix"])
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/v1/auth/me", headers=bearer(made["key"])).json()["scopes"] == ["chat"]
    listed = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "key" not in listed[0]
    assert made["key"] not in str(listed)


def test_making_a_key_is_on_record_without_the_key(client: Client, owner: Membership, access_token: str) -> None:
    made = _make(client, access_token).json()
    line = AuditEvent.objects.get(action="api_key.create")
    assert (line.actor_id, line.target_id) == (owner.user_id, made["id"])
    assert made["key"] not in str(line.__dict__)


def test_a_revoked_key_opens_nothing_and_stays_on_the_list(client: Client, access_token: str) -> None:
    made = _make(client, access_token).json()
    assert client.delete(f"{URL}/{made['id']}", headers=bearer(access_token)).status_code == 204
    assert client.get("/v1/auth/me", headers=bearer(made["key"])).status_code == 401
    (listed,) = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert listed["revoked_at"] is not None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x" * 101}, 400),
        ({"scopes": []}, 400),
        ({"scopes": ["root"]}, 400),
        ({"scopes": "chat"}, 400),
        ({"expires_at": "yesterday"}, 400),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 422),
    ],
)
def test_an_impossible_key_is_refused(client: Client, access_token: str, fields: dict[str, Any], status: int) -> None:
    assert _make(client, access_token, **fields).status_code == status
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_members_who_are_not_admins_neither_see_nor_make_keys(client: Client, acme: Tenant, role: Role) -> None:
    token = factories.make_token_pair(factories.make_member(acme, role=role)).access
    assert client.get(URL, headers=bearer(token)).status_code == 403
    assert _make(client, token).status_code == 403


def test_a_key_without_the_admin_scope_makes_no_keys(client: Client, acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme, scopes=[Scope.READ, Scope.WRITE, Scope.CHAT])
    assert _make(client, plain).status_code == 403


def test_a_key_gives_no_scope_that_it_lacks(client: Client, acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme, scopes=[Scope.ADMIN])
    assert _make(client, plain, scopes=["admin"]).status_code == 201
    assert _make(client, plain, scopes=["chat"]).status_code == 403


def test_keys_of_another_tenant_are_neither_seen_nor_revoked(client: Client, access_token: str, globex: Tenant) -> None:
    key, plain = factories.make_api_key(globex)
    assert client.get(URL, headers=bearer(access_token)).json()["results"] == []
    assert client.delete(f"{URL}/{key.id}", headers=bearer(access_token)).status_code == 404
    assert client.get("/v1/auth/me", headers=bearer(plain)).status_code == 200


# --- one key -------------------------------------------------------------------------------------------------


def _bot(tenant: Tenant) -> str:
    with tenant_scope(tenant):
        return str(bots.create_bot(by=SYSTEM, name="Shop").pk)


def _patch(client: Client, key: str, credential: str, body: dict[str, Any], **headers: str) -> Any:
    headers = {**bearer(credential), **headers}
    return client.patch(f"{URL}/{key}", body, content_type="application/json", headers=headers)


def test_a_key_is_made_for_one_bot_and_knows_no_other(client: Client, acme: Tenant, access_token: str) -> None:
    mine, other = _bot(acme), _bot(acme)
    made = _make(client, access_token, bot_ids=[mine]).json()
    assert (made["bot_ids"], made["dataset_ids"]) == ([mine], None)
    listed = client.get("/v1/chat/bots", headers=bearer(made["key"])).json()["results"]
    assert [bot["id"] for bot in listed] == [mine]
    assert client.get(f"/v1/chat/bots/{other}", headers=bearer(made["key"])).status_code == 404


def test_changes_of_a_key_count_from_its_next_request_on(client: Client, acme: Tenant, access_token: str) -> None:
    bot = _bot(acme)
    made = _make(client, access_token, bot_ids=[]).json()
    url = f"/v1/chat/bots/{bot}"
    assert client.get(url, headers=bearer(made["key"])).status_code == 404
    assert _patch(client, made["id"], access_token, {"bot_ids": None}).json()["bot_ids"] is None
    assert client.get(url, headers=bearer(made["key"])).status_code == 200
    shown = _patch(client, made["id"], access_token, {"scopes": ["read"], "name": "Reader"}).json()
    assert (shown["scopes"], shown["name"]) == (["read"], "Reader")
    assert client.get(url, headers=bearer(made["key"])).status_code == 403
    lines = AuditEvent.objects.filter(action="api_key.update").order_by("id")
    assert [line.detail["changed"] for line in lines] == [["bot_ids"], ["name", "scopes"]]


def test_one_key_is_shown_without_its_text(client: Client, access_token: str) -> None:
    made = _make(client, access_token).json()
    shown = client.get(f"{URL}/{made['id']}", headers=bearer(access_token))
    assert shown.json() == {name: value for name, value in made.items() if name != "key"}


def test_a_key_is_changed_as_it_was_seen(client: Client, access_token: str) -> None:
    made = _make(client, access_token).json()
    seen = client.get(f"{URL}/{made['id']}", headers=bearer(access_token)).headers["ETag"]
    assert _patch(client, made["id"], access_token, {"name": "A"}, **{"If-Match": seen}).status_code == 200
    assert _patch(client, made["id"], access_token, {"name": "B"}, **{"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scopes": []}, 400),
        ({"scopes": ["root"]}, 400),
        ({"name": " "}, 400),
        ({"bot_ids": ["x"]}, 400),
        ({"bot_ids": ["0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"]}, 422),
        ({"dataset_ids": ["0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"]}, 422),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 422),
    ],
)
def test_an_impossible_change_is_refused_whole(
    client: Client, access_token: str, body: dict[str, Any], status: int
) -> None:
    made = _make(client, access_token).json()
    answer = _patch(client, made["id"], access_token, {"name": "Other", **body})
    assert answer.status_code == status
    assert answer.json()["errors"]
    assert client.get(f"{URL}/{made['id']}", headers=bearer(access_token)).json()["name"] == "Website"


def test_another_tenants_bots_are_no_limit_for_a_key(client: Client, globex: Tenant, access_token: str) -> None:
    theirs = _bot(globex)
    assert _make(client, access_token, bot_ids=[theirs]).status_code == 422


def test_a_revoked_key_is_changed_no_more(client: Client, access_token: str) -> None:
    made = _make(client, access_token).json()
    client.delete(f"{URL}/{made['id']}", headers=bearer(access_token))
    assert _patch(client, made["id"], access_token, {"name": "New"}).json()["code"] == "key_revoked"


def test_a_key_raises_neither_itself_nor_another_above_itself(client: Client, acme: Tenant) -> None:
    strong, _ = factories.make_api_key(acme)
    weak, plain = factories.make_api_key(acme, scopes=[Scope.ADMIN])
    for key, body in (
        (weak, {"scopes": ["admin", "chat"]}),
        (strong, {"name": "Mine"}),
        (strong, {"scopes": ["admin"]}),
    ):
        assert _patch(client, str(key.pk), plain, body).status_code == 403


@pytest.mark.parametrize("limit", ["bot_ids", "dataset_ids"])
def test_a_limited_key_is_neither_made_nor_becomes_one_for_the_whole_tenant(
    client: Client, access_token: str, limit: str
) -> None:
    refused = _make(client, access_token, scopes=["read", "admin"], **{limit: []})
    assert refused.status_code == 422
    assert "`admin`" in refused.json()["errors"][0]["detail"]
    limited = _make(client, access_token, scopes=["write"], **{limit: []}).json()
    unlimited = _make(client, access_token, scopes=["admin"]).json()
    assert _patch(client, limited["id"], access_token, {"scopes": ["admin"]}).status_code == 422
    assert _patch(client, unlimited["id"], access_token, {limit: []}).status_code == 422
    both = {limit: None, "scopes": ["admin"]}
    assert _patch(client, limited["id"], access_token, both).json()["scopes"] == ["admin"]


def test_a_key_tells_whether_its_maker_is_still_here(client: Client, acme: Tenant, access_token: str) -> None:
    maker = factories.make_member(acme, role=Role.ADMIN)
    first = _make(client, factories.make_token_pair(maker).access, scopes=["admin"]).json()
    second = _make(client, first["key"], scopes=["admin"]).json()
    for key in (first, second):
        shown = client.get(f"{URL}/{key['id']}", headers=bearer(access_token)).json()
        assert (shown["made_by"], shown["maker_removed"]) == (maker.user.email, False)
    Membership.objects.filter(pk=maker.pk).delete()
    listed = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert [key["maker_removed"] for key in listed] == [True, True]


def test_the_list_is_narrowed_down(client: Client, acme: Tenant, access_token: str) -> None:
    live, gone = (_make(client, access_token, name=name).json() for name in ("Website", "Old shop"))
    client.delete(f"{URL}/{gone['id']}", headers=bearer(access_token))

    def ids(query: str) -> list[str]:
        return [key["id"] for key in client.get(f"{URL}?{query}", headers=bearer(access_token)).json()["results"]]

    assert ids("is_live=true") == [live["id"]]
    assert ids("is_live=false") == [gone["id"]]
    assert ids("search=SHOP") == [gone["id"]]
    assert ids(f"search={live['prefix']}") == [live["id"]]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_keys_as_for_one(
    client: Client, acme: Tenant, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        factories.make_api_key(acme)
    with django_assert_num_queries(2):
        client.get(URL, headers=bearer(access_token))
