"""Whoever goes finds every door of the tenant shut: each is tried before and after, for each way of going."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from chatcms.core.exceptions import AppError
from chatcms.exports import making, services
from chatcms.exports.enums import ExportState
from chatcms.exports.models import TenantExport
from tenants import standing
from tenants.context import tenant_scope
from tenants.enums import GrantRole, Role, Scope
from tenants.models import Membership, TenantSettings, User
from tenants.services import api_keys, devices, grants, invitations, members, people, tokens
from tenants.services.factors import passkeys, second_step
from tenants.services.portal_access import open_tenant
from tenants.tests import factories
from tenants.tests.authenticator import Device
from tenants.tests.factories import bearer
from tenants.types import Actor

JSON = "application/json"
PARTY = passkeys.Party("localhost", "http://localhost:8000")
Door = Callable[[], bool]


@pytest.fixture
def leaver(owner: Membership) -> Membership:
    """An owner beside the one who removes them: they have every door that an admin has, and one more."""
    return factories.make_member(owner.tenant, "mallory@acme.example", role=Role.OWNER)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STREAM_RECHECK_SECONDS = 0


def _is_ok(answer: Any) -> bool:
    """Say whether an answer lets in; one that does not is a refusal, and no fault."""
    assert answer.status_code in {200, 302, 401, 403, 404, 410, 422}
    return bool(answer.status_code == 200)


def _opens(door: Callable[[], object]) -> bool:
    try:
        door()
    except AppError:
        return False
    return True


def access_token(leaver: Membership) -> Door:
    pair = factories.make_token_pair(leaver)
    return lambda: _is_ok(Client().get("/v1/auth/me", headers=bearer(pair.access)))


def refresh_token(leaver: Membership) -> Door:
    kept = [factories.make_token_pair(leaver).refresh]

    def renew() -> bool:
        answer = Client().post("/v1/auth/token/refresh", {"refresh": kept[0]}, content_type=JSON)
        kept[0] = answer.json().get("refresh", kept[0])
        return _is_ok(answer)

    return renew


def password_and_device_token(leaver: Membership) -> Door:
    asked = {"email": leaver.user.email, "password": factories.PASSWORD, "tenant": leaver.tenant.slug}
    asked["device_token"] = devices.token_for(leaver.user)
    return lambda: _is_ok(Client().post("/v1/auth/token", asked, content_type=JSON))


def switch_from_another_tenant(leaver: Membership) -> Door:
    there = factories.make_member(factories.make_tenant("elsewhere"), leaver.user.email)
    by = factories.actor_of(there)
    return lambda: _opens(lambda: tokens.switch(by=by, tenant_slug=leaver.tenant.slug))


def _browser(leaver: Membership) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(User.objects.get(pk=leaver.user_id))
    return client


def portal_session(leaver: Membership) -> Door:
    client = _browser(leaver)
    return lambda: _is_ok(client.get("/t/acme/"))


def link_to_an_export(leaver: Membership) -> Door:
    with tenant_scope(leaver.tenant):
        export = services.ask_for_export(by=factories.actor_of(leaver))
        TenantExport.objects.filter(pk=export.pk).update(state=ExportState.READY)
        path = making.path_of(export.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"all that the tenant has")
    client = _browser(leaver)
    return lambda: _is_ok(client.get(f"/t/acme/settings/exports/{export.pk}/"))


def link_to_a_file(leaver: Membership) -> Door:
    client = _browser(leaver)
    return lambda: _is_ok(client.get("/t/acme/conversations/export/csv/"))


def sign_in_by_passkey(leaver: Membership) -> Door:
    device, user = Device(), leaver.user
    by = Actor(type="user", id=user.pk, label=user.email)
    options = passkeys.options_to_add(user=user, party=PARTY)
    passkeys.add(by=by, user=user, party=PARTY, response=device.create(options))

    def enter() -> bool:
        asked = passkeys.options_to_sign_in(party=PARTY)
        person = second_step.sign_in_by_passkey(party=PARTY, response=device.get(asked))
        return _opens(lambda: open_tenant(user=person, slug="acme"))

    return lambda: _opens(enter) and enter()


def key_of_theirs(leaver: Membership) -> Door:
    _, key = api_keys.create_api_key(
        by=factories.actor_of(leaver), tenant=leaver.tenant, name="Mine", scopes=list(Scope)
    )
    return lambda: _is_ok(Client().get("/v1/auth/me", headers=bearer(key)))


def key_of_their_key(leaver: Membership) -> Door:
    _, first = api_keys.create_api_key(
        by=factories.actor_of(leaver), tenant=leaver.tenant, name="Mine", scopes=list(Scope)
    )
    actor, _ = api_keys.authenticate(first)
    _, second = api_keys.create_api_key(by=actor, tenant=leaver.tenant, name="Its", scopes=[Scope.READ])
    return lambda: _is_ok(Client().get("/v1/auth/me", headers=bearer(second)))


def invitation_that_they_sent(leaver: Membership) -> Door:
    _, token = invitations.create_invitation(
        by=factories.actor_of(leaver), tenant=leaver.tenant, email="puppet@evil.example", role=Role.ADMIN
    )
    return lambda: _opens(lambda: invitations.preview(token))


def invitation_to_them(leaver: Membership) -> Door:
    """One that nobody used, since they were taken in by another way in the meantime."""
    email = leaver.user.email
    Membership.objects.filter(pk=leaver.pk).update(is_active=False)
    by = factories.actor_of(Membership.objects.get(tenant=leaver.tenant, user__email="owner@acme.example"))
    _, token = invitations.create_invitation(by=by, tenant=leaver.tenant, email=email, role=Role.ADMIN)
    Membership.objects.filter(pk=leaver.pk).update(is_active=True)
    return lambda: _opens(lambda: invitations.preview(token))


def open_stream(leaver: Membership) -> Door:
    """Each time one piece more of a stream that was opened before."""
    look = tokens.bearer(factories.make_token_pair(leaver).access)
    actor = look()[0]

    async def read() -> list[bytes]:
        return [piece async for piece in standing.while_allowed(_pieces(), actor, lambda: look()[0])]

    return lambda: async_to_sync(read)() == [b"a piece"]


async def _pieces() -> AsyncIterator[bytes]:
    yield b"a piece"


def staff_whom_they_let_in(leaver: Membership) -> Door:
    sam = factories.make_user("sam@platform.example", is_staff=True)
    TenantSettings.objects.update_or_create(tenant=leaver.tenant, defaults={"approve_staff_access": True})
    by = Actor(type="staff", id=sam.pk, label=sam.email)
    grant = grants.ask(by=by, tenant=leaver.tenant, role=GrantRole.VIEWER, minutes=60, reason="Ticket 4711")
    grants.approve(by=factories.actor_of(leaver), grant=grant)
    return lambda: _opens(lambda: open_tenant(user=sam, slug="acme"))


DOORS: list[Callable[[Membership], Door]] = [
    access_token,
    refresh_token,
    password_and_device_token,
    switch_from_another_tenant,
    portal_session,
    link_to_an_export,
    link_to_a_file,
    sign_in_by_passkey,
    key_of_theirs,
    key_of_their_key,
    invitation_that_they_sent,
    invitation_to_them,
    open_stream,
    staff_whom_they_let_in,
]


def _switch_off(_: Actor, leaver: Membership) -> None:
    root = factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    by = Actor(type="staff", id=root.pk, label=root.email)
    people.change_user(by=by, user=User.objects.get(pk=leaver.user_id), is_active=False)


WAYS: dict[str, Callable[[Actor, Membership], object]] = {
    "removed": lambda by, one: members.remove_member(by=by, membership=one),
    "left": lambda by, one: members.remove_member(by=factories.actor_of(one), membership=one),
    "shut out": lambda by, one: members.change_member(by=by, membership=one, is_active=False),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_whoever_goes_finds_every_door_shut(
    owner: Membership, leaver: Membership, door: Callable[[Membership], Door], way: str
) -> None:
    is_open = door(leaver)
    assert is_open()
    WAYS[way](factories.actor_of(owner), leaver)
    assert not is_open()


def _demote(by: Actor, leaver: Membership) -> None:
    members.change_role(by=by, membership=leaver, role=Role.ADMIN)


@pytest.mark.parametrize("way", [_switch_off, _demote])
def test_staff_are_out_with_the_owner_who_let_them_in(
    owner: Membership, leaver: Membership, way: Callable[[Actor, Membership], object]
) -> None:
    is_open = staff_whom_they_let_in(leaver)
    way(factories.actor_of(owner), leaver)
    assert not is_open()
