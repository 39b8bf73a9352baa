"""The pages about a tenant itself: members, look, retention, audit log; and the keys of its programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots.models import Bot
from tenants import audit
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, Invitation, Membership, Tenant, TenantSettings, User
from tenants.services import api_keys
from tenants.tests import factories
from tenants.types import SYSTEM

SETTINGS = "/t/acme/settings/"


def signed_in(membership: Membership) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(membership.user)
    return client


@pytest.fixture
def client(owner: Membership) -> Client:
    return signed_in(owner)


@pytest.fixture
def editor(acme: Tenant) -> Client:
    return signed_in(factories.make_member(acme, "ed@acme.example", role=Role.EDITOR))


def test_an_invitation_is_mailed_and_its_link_shown_once(client: Client, acme: Tenant) -> None:
    shown = client.post(f"{SETTINGS}members/invite/", {"email": "new@acme.example", "role": "editor"})

    link = shown.content.decode().split('id="invitation-link">')[1].split("<")[0]
    assert "/invitations/" in link
    assert link.rpartition("/")[2] not in client.get(f"{SETTINGS}members/").content.decode()
    assert Invitation.objects.get(tenant=acme).email == "new@acme.example"


def test_a_second_invitation_is_refused_and_keeps_what_was_typed(client: Client, owner: Membership) -> None:
    answer = client.post(f"{SETTINGS}members/invite/", {"email": owner.user.email, "role": "editor"})

    assert answer.status_code == 422
    assert owner.user.email.encode() in answer.content


def test_an_invitation_is_sent_again_and_taken_back(client: Client, acme: Tenant) -> None:
    client.post(f"{SETTINGS}members/invite/", {"email": "new@acme.example", "role": "viewer"})
    invitation = Invitation.objects.get(tenant=acme)

    client.post(f"{SETTINGS}invitations/{invitation.pk}/resend/")
    assert Invitation.objects.get(pk=invitation.pk).token_hash != invitation.token_hash
    client.post(f"{SETTINGS}invitations/{invitation.pk}/revoke/")
    assert not Invitation.objects.filter(pk=invitation.pk).exists()


def test_a_member_gets_another_role_and_is_removed(client: Client, acme: Tenant) -> None:
    member = factories.make_member(acme, "x@acme.example", role=Role.VIEWER)
    address = f"{SETTINGS}members/{member.pk}/"

    client.post(address, {"role": "admin"})
    assert Membership.objects.get(pk=member.pk).role == Role.ADMIN
    client.post(f"{address}remove/")
    assert not Membership.objects.live().filter(pk=member.pk).exists()


def test_the_last_owner_stays(client: Client, owner: Membership) -> None:
    answer = client.post(f"{SETTINGS}members/{owner.pk}/", {"role": "viewer"})

    assert answer.status_code == 422
    assert client.post(f"{SETTINGS}members/{owner.pk}/remove/").status_code == 409
    assert Membership.objects.get(pk=owner.pk).role == Role.OWNER


def test_the_look_and_the_retention_are_changed(client: Client, acme: Tenant) -> None:
    look = {"name": "Acme & Co", "accent_color": "#aa3300", "language": "de", "time_zone": "Europe/Oslo"}
    client.post(f"{SETTINGS}branding/", look)
    client.post(f"{SETTINGS}retention/", {"retention_days": "90"})

    row = TenantSettings.objects.get(tenant=acme)
    assert (row.accent_color, row.language, row.time_zone, row.retention_days) == ("#aa3300", "de", "Europe/Oslo", 90)
    assert Tenant.objects.get(pk=acme.pk).name == "Acme & Co"


def test_a_colour_that_is_none_is_refused_and_kept(client: Client, acme: Tenant) -> None:
    look = {"name": "Acme", "accent_color": "red", "language": "en", "time_zone": "UTC"}

    answer = client.post(f"{SETTINGS}branding/", look)

    assert answer.status_code == 422
    assert b"red" in answer.content


def test_the_colour_to_begin_with_is_the_one_that_the_pages_have(client: Client, acme: Tenant) -> None:
    assert 'value="#0f766e"' in client.get(f"{SETTINGS}branding/").content.decode()
    TenantSettings.objects.update_or_create(tenant=acme, defaults={"accent_color": "#aa0000"})
    assert 'value="#aa0000"' in client.get(f"{SETTINGS}branding/").content.decode()


def test_the_secret_for_visitors_is_shown_once_and_can_be_removed(client: Client, acme: Tenant) -> None:
    shown = client.post(f"{SETTINGS}identity-secret/")
    assert b"cms_identity_" in shown.content
    assert b"cms_identity_" not in client.get(f"{SETTINGS}branding/").content

    client.post(f"{SETTINGS}identity-secret/remove/")
    assert TenantSettings.objects.get(tenant=acme).identity_secret == ""


def test_a_key_is_shown_once_limited_changed_and_revoked(client: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        bot = Bot.objects.create(name="Helper", slug="helper")
    tomorrow = timezone.localdate() + timedelta(days=1)

    asked = {"name": "Website", "scopes": ["chat"], "expires_on": tomorrow.isoformat(), "bots": [str(bot.pk)]}
    shown = client.post(f"{SETTINGS}keys/new/", asked).content.decode()
    plain = shown.split('id="key">')[1].split("<")[0]
    key = ApiKey.objects.get(tenant=acme)
    assert api_keys.authenticate(plain)[1] == acme
    assert (key.scopes, key.bot_ids, key.dataset_ids) == (["chat"], [bot.pk], None)
    assert timezone.localtime(key.expires_at).date() == tomorrow + timedelta(days=1)
    page = client.get(f"{SETTINGS}keys/{key.pk}/").content.decode()
    assert plain not in page
    assert f'value="{tomorrow.isoformat()}"' in page

    client.post(f"{SETTINGS}keys/{key.pk}/", {"name": "Site"})
    assert ApiKey.objects.get(pk=key.pk).bot_ids is None
    client.post(f"{SETTINGS}keys/{key.pk}/revoke/")
    assert not ApiKey.objects.get(pk=key.pk).is_live
    assert b"Revoked" in client.get(f"{SETTINGS}keys/?all=1").content


def test_a_key_without_a_scope_or_with_a_day_that_is_over_is_refused(client: Client, acme: Tenant) -> None:
    answer = client.post(f"{SETTINGS}keys/new/", {"name": "Website", "expires_on": "2020-01-01"})

    assert answer.status_code == 422
    assert b"This day is over." in answer.content
    assert not ApiKey.objects.filter(tenant=acme).exists()


def test_the_audit_log_is_narrowed_down_and_its_csv_carries_out_nothing(client: Client, acme: Tenant) -> None:
    audit.record("bot.create", by=SYSTEM, label="=HYPERLINK(1)", tenant_id=acme.pk)
    audit.record("dataset.create", by=SYSTEM, label="Papers", tenant_id=acme.pk)
    audit.record("bot.update", by=SYSTEM, label="Helper", tenant_id=acme.pk, changed=["name", "look"], safe=True)

    page = client.get(f"{SETTINGS}audit/", {"action": "bot."}).content.decode()
    csv = client.get(f"{SETTINGS}audit.csv", {"action": "bot."}).content.decode()

    assert "=HYPERLINK(1)" in page
    assert "Papers" not in page
    assert "name, look" in page
    assert "yes" in page
    assert "'=HYPERLINK(1)" in csv
    assert client.get(f"{SETTINGS}audit/", {"since": "9999-99-99"}).status_code == 200


def test_an_editor_sees_only_what_an_editor_may(editor: Client, acme: Tenant, owner: Membership) -> None:
    for readable in ("members/", "branding/", "retention/", ""):
        assert editor.get(SETTINGS + readable).status_code == 200, readable
    for shut in ("keys/", "audit/", "audit.csv", "keys/new/", f"members/{owner.pk}/"):
        assert editor.get(SETTINGS + shut).status_code == 403, shut
    for action in ("members/invite/", f"members/{owner.pk}/remove/", "branding/", "retention/", "identity-secret/",
                   "keys/new/"):  # fmt: skip
        assert editor.post(SETTINGS + action, {"name": "x"}).status_code == 403, action


def test_another_tenants_people_and_keys_are_unknown(client: Client, globex: Tenant) -> None:
    theirs = factories.make_member(globex, "x@globex.example")
    key, _ = factories.make_api_key(globex)

    assert client.get(f"{SETTINGS}members/{theirs.pk}/").status_code == 404
    assert client.post(f"{SETTINGS}keys/{key.pk}/revoke/").status_code == 404
    assert ApiKey.objects.get(pk=key.pk).is_live


@pytest.mark.parametrize("rows", [1, 300])
def test_the_lists_ask_as_often_for_one_as_for_many(client: Client, acme: Tenant, rows: int) -> None:
    users = User.objects.bulk_create(User(email=f"u{n}@acme.example", password="!") for n in range(rows))
    Membership.objects.bulk_create(Membership(user=user, tenant=acme) for user in users)
    for n in range(rows):
        audit.record("bot.create", by=SYSTEM, label=str(n), tenant_id=acme.pk)
    ApiKey.objects.bulk_create(
        ApiKey(tenant=acme, name=f"Key {n}", prefix=f"cms_live_{n}", key_hash=str(n), last_four="abcd", scopes=["chat"])
        for n in range(rows)
    )

    for page in ("members/", "keys/", "audit/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SETTINGS + page).status_code == 200
        assert len(queries) <= 15, page
    assert AuditEvent.objects.filter(tenant_id=acme.pk).count() >= rows
    assert mail.outbox == []
