"""Tests that a sign-in which was ended stays ended, and that no row of the database is as good as a sign-in."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.test import Client

from tenants.exceptions import BadResetTokenError
from tenants.models import BrowserSession, Membership, Tenant, User
from tenants.services import members, passwords, people
from tenants.sessions import SessionStore, stored_key
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM, Actor

JSON = "application/json"


class Credentials:
    """Everything that a person can be signed in with, or on the way to be."""

    def __init__(self, member: Membership) -> None:
        self.user = member.user
        pair = factories.make_token_pair(member)
        self.access, self.refresh = pair.access, pair.refresh
        self.portal, self.halfway = Client(), Client()
        self.portal.force_login(User.objects.get(pk=self.user.pk))
        self._go_halfway()
        asked = {"email": self.user.email, "password": factories.PASSWORD}
        answer = Client().post("/v1/admin/token", asked, content_type=JSON).json()
        self.staff, self.staff_refresh = answer["access"], answer["refresh"]
        # The last: each sign-in ends the links from before it.
        self.reset = passwords.reset_token_of(User.objects.get(pk=self.user.pk))

    def good(self) -> set[str]:
        """The names of those that open something now."""
        tries: dict[str, Callable[[], bool]] = {
            "portal session": lambda: self.portal.get("/t/acme/").status_code == 200,
            "second step": lambda: self.halfway.get("/sign-in/second-step/").status_code == 200,
            "access token": lambda: _status(self.access) == 200,
            "staff's access token": lambda: _status(self.staff) == 200,
            "refresh token": lambda: _renewed(self.refresh),
            "staff's refresh token": lambda: _renewed(self.staff_refresh),
            "reset link": self._resets,
        }
        return {name for name, is_good in tries.items() if is_good()}

    def _go_halfway(self) -> None:
        session = self.halfway.session
        proof = User.objects.get(pk=self.user.pk).get_session_auth_hash()
        session["_second_step"] = {"user": str(self.user.pk), "at": time.time(), "proof": proof}
        session.save()

    def _resets(self) -> bool:
        try:
            passwords.reset(token=self.reset, password="a lantern and seven pines")
        except BadResetTokenError:
            return False
        return True


def _status(token: str) -> int:
    return int(Client().get("/v1/auth/me", headers=bearer(token)).status_code)


def _renewed(token: str) -> bool:
    answer = Client().post("/v1/auth/token/refresh", {"refresh": token}, content_type=JSON)
    return bool(answer.status_code == 200)


@pytest.fixture
def clerk(acme: Tenant) -> Membership:
    """A member who is of the platform's staff too, so that there is every kind of credential."""
    member = factories.make_member(acme, "clerk@acme.example")
    User.objects.filter(pk=member.user_id).update(is_staff=True)
    member.user.refresh_from_db()
    return member


def _root() -> Actor:
    root = factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    return Actor(type="staff", id=root.pk, label=root.email)


def _by_service(user: User) -> None:
    by = _root()
    people.change_user(by=by, user=user, is_active=False)
    people.change_user(by=by, user=User.objects.get(pk=user.pk), is_active=True)


def _by_shell(user: User) -> None:
    for is_active in (False, True):
        row = User.objects.get(pk=user.pk)
        row.is_active = is_active
        row.save()


def _by_query(user: User) -> None:
    for is_active in (False, True):
        User.objects.filter(pk=user.pk).update(is_active=is_active)


def _by_stale_save(user: User) -> None:
    stale = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(is_active=False)
    stale.save()


WAYS = {"service": _by_service, "shell": _by_shell, "query": _by_query, "stale save": _by_stale_save}


def test_every_credential_is_good_at_first(clerk: Membership) -> None:
    assert len(Credentials(clerk).good()) == 7


@pytest.mark.parametrize("way", WAYS)
def test_switching_on_again_revives_no_credential(clerk: Membership, way: str) -> None:
    credentials = Credentials(clerk)
    WAYS[way](clerk.user)
    assert User.objects.get(pk=clerk.user_id).is_active
    assert credentials.good() == set()


def test_being_made_staff_again_revives_no_credential(clerk: Membership) -> None:
    credentials = Credentials(clerk)
    for is_staff in (False, True):
        people.change_user(by=_root() if not is_staff else _again(), user=_now(clerk), is_staff=is_staff)
    assert credentials.good() == set()


def test_a_new_password_ends_every_credential(clerk: Membership) -> None:
    credentials = Credentials(clerk)
    members.set_password(by=SYSTEM, user=_now(clerk), password=factories.PASSWORD)
    assert credentials.good() == set()


def test_being_taken_in_again_revives_no_token_of_the_tenant(clerk: Membership) -> None:
    credentials = Credentials(clerk)
    members.remove_member(by=SYSTEM, membership=clerk)
    factories.make_member(clerk.tenant, clerk.user.email)
    assert not {"access token", "refresh token"} & credentials.good()


def _now(member: Membership) -> User:
    return User.objects.get(pk=member.user_id)


def _again() -> Actor:
    root = User.objects.get(email="root@platform.example")
    return Actor(type="staff", id=root.pk, label=root.email)


# --- rows are no sign-ins ------------------------------------------------------------------------------------


def test_the_database_holds_no_key_of_a_session(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM browser_sessions AS r")
        rows = [text for (text,) in cursor.fetchall()]
    assert rows
    assert not [row for row in rows if key in row]


def test_what_a_row_says_signs_nobody_in(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    client.cookies[settings.SESSION_COOKIE_NAME] = BrowserSession.objects.get().session_key
    assert client.get("/t/acme/").status_code == 302


def test_sessions_from_before_go_on(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    BrowserSession.objects.update(session_key=key)
    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module("tenants.migrations.0012_sign_in_epoch").HASH)
    assert client.get("/t/acme/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_async_code_keeps_hashes_too() -> None:
    async_to_sync(_walk_through)()


async def _walk_through() -> None:
    store = SessionStore()
    store["a"] = 1
    await store.asave()
    key: Any = store.session_key
    assert await BrowserSession.objects.filter(session_key=stored_key(key)).aexists()
    assert await store.aexists(key)
    assert await SessionStore(key).aget("a") == 1
    await store.adelete()
    assert not await store.aexists(key)
    assert await SessionStore(key).aget("a") is None
