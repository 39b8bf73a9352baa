"""Members and keys of a tenant that cannot be entered are told why, at every door; strangers are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tenants.enums import TenantStatus
from tenants.models import Membership, Tenant, User
from tenants.tests import factories

HTML = {"Accept": "text/html"}

Change = dict[str, Any]
CLOSED: list[tuple[str, Change, int, str]] = [
    ("suspended", {"status": TenantStatus.SUSPENDED}, 403, "This tenant is suspended"),
    ("switched off", {"is_active": False}, 403, "This tenant is suspended"),
    ("deleting", {"status": TenantStatus.DELETING}, 403, "This tenant is being deleted"),
    ("behind", {"is_behind": True}, 503, "This tenant is being brought up to date"),
    ("unfinished", {"status": TenantStatus.FAILED}, 503, "This tenant is being brought up to date"),
]
each_way = pytest.mark.parametrize(
    ("change", "status", "words"), [case[1:] for case in CLOSED], ids=[case[0] for case in CLOSED]
)


def _sign_in(client: Client, member: Membership) -> Any:
    asked = {"email": member.user.email, "password": factories.PASSWORD}
    return client.post("/v1/auth/token", asked, content_type="application/json")


def _token(client: Client, member: Membership) -> Callable[[], Any]:
    access = _sign_in(client, member).json()["access"]
    return lambda: client.get("/v1/tenant/settings", headers={"Authorization": f"Bearer {access}"})


def _refresh(client: Client, member: Membership) -> Callable[[], Any]:
    refresh = _sign_in(client, member).json()["refresh"]
    return lambda: client.post("/v1/auth/token/refresh", {"refresh": refresh}, content_type="application/json")


def _key(client: Client, member: Membership) -> Callable[[], Any]:
    _, key = factories.make_api_key(member.tenant)
    return lambda: client.get("/v1/tenant/settings", headers={"Authorization": f"Bearer {key}"})


def _openai(client: Client, member: Membership) -> Callable[[], Any]:
    _, key = factories.make_api_key(member.tenant)
    return lambda: client.get("/v1/models", headers={"Authorization": f"Bearer {key}"})


def _switch(client: Client, member: Membership) -> Callable[[], Any]:
    globex = Tenant.objects.get(slug="globex")
    other = globex.memberships.first() or factories.make_member(globex, member.user.email)
    access = factories.make_token_pair(other).access
    asked = {"tenant": member.tenant.slug}
    headers = {"Authorization": f"Bearer {access}"}
    return lambda: client.post("/v1/auth/switch", asked, content_type="application/json", headers=headers)


def _page(client: Client, member: Membership) -> Callable[[], HttpResponse]:
    client.force_login(member.user)
    return lambda: client.get(f"/t/{member.tenant.slug}/", headers=HTML)  # type: ignore[return-value]


DOORS = [lambda client, member: lambda: _sign_in(client, member), _token, _refresh, _key, _openai, _switch, _page]


@pytest.mark.parametrize("door", DOORS, ids=["sign-in", "token", "refresh", "key", "openai", "switch", "page"])
@each_way
def test_every_door_says_why(
    client: Client, owner: Membership, globex: Tenant, door: Any, change: Change, status: int, words: str
) -> None:
    knock = door(client, owner)
    assert knock().status_code == 200, "it is open at first"
    knock = door(client, owner)
    Tenant.objects.filter(pk=owner.tenant_id).update(**change)

    answer = knock()

    assert answer.status_code == status
    assert words in answer.content.decode()
    if status == 503 and door is not _page:
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("page", ["/", "/account/"])
@each_way
def test_the_own_pages_name_the_tenant_and_say_why(
    client: Client, owner: Membership, page: str, change: Change, status: int, words: str
) -> None:
    Tenant.objects.filter(pk=owner.tenant_id).update(**change)
    client.force_login(owner.user)

    shown = client.get(page, headers=HTML).content.decode()

    assert owner.tenant.name in shown
    assert words in shown
    assert "You belong to no tenant" not in shown


@each_way
def test_a_stranger_learns_nothing(client: Client, owner: Membership, change: Change, status: int, words: str) -> None:
    stranger = User.objects.create_user("stranger@globex.example")
    Tenant.objects.filter(pk=owner.tenant_id).update(**change)
    client.force_login(stranger)

    shut, unknown = (client.get(f"/t/{slug}/", headers=HTML) for slug in (owner.tenant.slug, "no-such"))

    assert (shut.status_code, unknown.status_code) == (404, 404)
    assert words not in shut.content.decode()
    assert "You belong to no tenant" in client.get("/", headers=HTML).content.decode()
