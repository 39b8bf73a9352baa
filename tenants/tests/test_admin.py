"""Tests of the platform staff's pages."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.models import Usage
from tenants.context import tenant_scope
from tenants.enums import GrantState, Role, TenantStatus
from tenants.exceptions import CredentialError
from tenants.models import (
    AccessGrant,
    ApiKey,
    AuditEvent,
    Domain,
    Membership,
    Plan,
    RefreshToken,
    Tenant,
    User,
)
from tenants.services import api_keys, provisioning
from tenants.tests import factories, schemas

LOGIN = "/admin/login/"


@pytest.fixture
def root(db: None) -> User:
    """A member of the platform's staff who may do everything."""
    return User.objects.create_superuser("root@platform.example", factories.PASSWORD)


@pytest.fixture
def desk(client: Client, root: User) -> Client:
    """The browser of that member of staff."""
    client.force_login(root)
    return client


def _page(tenant: Tenant) -> str:
    return reverse("admin:tenants_tenant_change", args=[tenant.pk])


def _act(tenant: Tenant, name: str) -> str:
    return reverse("admin:tenants_tenant_act", args=[tenant.pk, name])


def _lines(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action, actor_type="staff"))


def _changelists() -> list[str]:
    return [f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist" for m in admin.site._registry]


@pytest.mark.parametrize("name", _changelists())
def test_every_list_opens(desk: Client, owner: Membership, api_key: str, name: str) -> None:
    assert desk.get(reverse(name)).status_code == 200
    assert desk.get(reverse(name), {"q": "acme"}).status_code == 200


@pytest.mark.parametrize("model", ["tenant", "membership", "apikey", "domain"])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    desk: Client, model: str, django_assert_max_num_queries: Any
) -> None:
    def add(slug: str) -> None:
        tenant = Tenant.objects.create(name=slug, slug=slug, schema_name=f"t_{slug}")
        factories.make_member(tenant)
        factories.make_api_key(tenant)
        Domain.objects.create(domain=f"{slug}.example", tenant=tenant)

    url = reverse(f"admin:tenants_{model}_changelist")
    add("one")
    desk.get(url)
    with django_assert_max_num_queries(50) as one:
        desk.get(url)
    add("two")
    add("three")
    with django_assert_max_num_queries(len(one)):
        desk.get(url)


def test_a_tenant_is_made_with_its_owner(desk: Client) -> None:
    fields = {"name": "Initech", "slug": "initech", "owner_email": "bill@initech.example"}
    response = desk.post(reverse("admin:tenants_tenant_add"), fields, follow=True)
    tenant = Tenant.objects.get(slug="initech")
    assert tenant.status == TenantStatus.READY
    assert schemas.schema_exists(tenant.schema_name)
    assert Membership.objects.get(tenant=tenant).role == Role.OWNER
    assert response.redirect_chain[-1][0] == _page(tenant)
    assert "/t/initech/" in response.content.decode()
    assert _lines("tenant.create")


@pytest.mark.parametrize(("slug", "word"), [("acme", "Another tenant"), ("No Slug", "lower-case"), ("", "required")])
def test_a_slug_that_cannot_be_is_explained(desk: Client, acme: Tenant, slug: str, word: str) -> None:
    response = desk.post(reverse("admin:tenants_tenant_add"), {"name": "X", "slug": slug})
    assert response.status_code == 422
    assert word in response.content.decode()


def test_a_tenant_that_stopped_halfway_shows_why_and_is_gone_on_with(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_tenant: Tenant) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "_steps", [fail])
        response = desk.post(reverse("admin:tenants_tenant_add"), {"name": "Initech", "slug": "initech"}, follow=True)
    tenant = Tenant.objects.get(slug="initech")
    assert tenant.status == TenantStatus.FAILED
    assert "no space left" in response.content.decode()
    assert _act(tenant, "resume") in response.content.decode()
    desk.post(_act(tenant, "resume"))
    tenant.refresh_from_db()
    assert tenant.status == TenantStatus.READY


def test_suspending_asks_first_and_notes_the_reason(desk: Client, acme: Tenant) -> None:
    assert "Shuts out" in desk.get(_act(acme, "suspend")).content.decode()
    acme.refresh_from_db()
    assert acme.status == TenantStatus.READY
    desk.post(_act(acme, "suspend"), {"reason": "Unpaid"})
    acme.refresh_from_db()
    assert (acme.status, acme.status_detail) == (TenantStatus.SUSPENDED, "Unpaid")
    assert _lines("tenant.suspend")
    desk.post(_act(acme, "reinstate"))
    acme.refresh_from_db()
    assert acme.status == TenantStatus.READY


def test_an_act_that_the_state_does_not_allow_is_explained(desk: Client, acme: Tenant) -> None:
    response = desk.post(_act(acme, "reinstate"), follow=True)
    assert "would have to be suspended" in response.content.decode()


def test_deleting_asks_for_the_slug_and_can_be_called_off(desk: Client, acme: Tenant) -> None:
    assert desk.post(_act(acme, "delete"), {"slug": "acne"}).status_code == 422
    acme.refresh_from_db()
    assert acme.status == TenantStatus.READY
    desk.post(_act(acme, "delete"), {"slug": "acme"})
    acme.refresh_from_db()
    assert acme.status == TenantStatus.DELETING
    assert schemas.schema_exists(acme.schema_name)
    desk.post(_act(acme, "keep"))
    acme.refresh_from_db()
    assert acme.status == TenantStatus.SUSPENDED


def test_a_tenants_page_says_what_is_used_of_its_plan(desk: Client, owner: Membership) -> None:
    acme = owner.tenant
    acme.plan = Plan.objects.create(name="Small", max_members=5, max_monthly_messages=2000)
    acme.save(update_fields=["plan"])
    used = {"prompt_tokens": 1, "completion_tokens": 1, "cost": Decimal("1.728")}
    with tenant_scope(acme):
        for _ in range(2):
            Usage.objects.create(bot_id=uuid.uuid4(), model="m", day=timezone.now().date(), **used)

    page = desk.get(f"/admin/tenants/tenant/{acme.pk}/change/").content.decode()

    for line in ("Members: 1 of 5", "Monthly messages: 2 of 2,000", "Monthly cost: 3.46 USD, no limit"):
        assert f"<li>{line}</li>" in page


def test_the_page_of_a_tenant_without_a_schema_says_how_many_members_there_are(desk: Client, owner: Membership) -> None:
    Tenant.objects.filter(pk=owner.tenant_id).update(schema_made_at=None)

    page = desk.get(f"/admin/tenants/tenant/{owner.tenant_id}/change/").content.decode()

    assert "<li>Members: 1" in page
    assert "Monthly messages" not in page


def test_a_tenants_page_has_no_plain_delete(desk: Client, acme: Tenant) -> None:
    assert desk.post(reverse("admin:tenants_tenant_delete", args=[acme.pk]), {"post": "yes"}).status_code == 403
    assert Tenant.objects.filter(pk=acme.pk).exists()


@pytest.mark.parametrize("name", ["suspend", "delete", "explode"])
def test_staff_without_the_right_to_change_tenants_act_on_none(client: Client, acme: Tenant, name: str) -> None:
    client.force_login(factories.make_user("clerk@platform.example", is_staff=True))
    assert client.post(_act(acme, name), {"slug": "acme"}).status_code == 403
    assert client.get(reverse("admin:tenants_tenant_add")).status_code == 403


def test_strangers_are_sent_to_the_sign_in(client: Client, acme: Tenant) -> None:
    response = client.post(_act(acme, "suspend"))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(LOGIN)


def test_a_tenant_is_renamed_and_keeps_its_slug_and_schema(desk: Client, acme: Tenant) -> None:
    plan = Plan.objects.create(code="large", name="Large")
    inline = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    fields = {"name": "Acme Ltd", "plan": plan.pk, "slug": "stolen", "schema_name": "public", **inline}
    desk.post(_page(acme), fields)
    renamed = Tenant.objects.get(pk=acme.pk)
    assert (renamed.name, renamed.plan, renamed.slug) == ("Acme Ltd", plan, "acme")
    assert renamed.schema_name == acme.schema_name
    assert _lines("tenant.change")


def test_a_person_is_added_and_their_rights_go_on_record(desk: Client) -> None:
    password = "a long enough one"
    fields = {"email": "Ada@Acme.example", "name": "Ada", "password1": password, "password2": password}
    desk.post(reverse("admin:tenants_user_add"), fields)
    user = User.objects.get(email="ada@acme.example")
    assert user.check_password(password)
    (line,) = _lines("user.create")
    assert "password1" not in line.detail["changed"]
    desk.post(
        reverse("admin:tenants_user_change", args=[user.pk]), {"email": user.email, "is_active": "on", "is_staff": "on"}
    )
    assert _lines("user.change")[0].detail["changed"] == ["is_staff", "name"]


def test_taking_active_away_ends_the_sign_ins(desk: Client, owner: Membership) -> None:
    factories.make_token_pair(owner)
    desk.post(reverse("admin:tenants_user_change", args=[owner.user_id]), {"email": owner.user.email})
    assert not User.objects.get(pk=owner.user_id).is_active
    assert not RefreshToken.objects.filter(user_id=owner.user_id, revoked_at__isnull=True).exists()


def test_a_new_password_ends_the_sign_ins(desk: Client, owner: Membership) -> None:
    factories.make_token_pair(owner)
    password = "a long enough one"
    url = reverse("admin:auth_user_password_change", args=[owner.user_id])
    desk.post(url, {"password1": password, "password2": password, "usable_password": "true"})
    assert User.objects.get(pk=owner.user_id).check_password(password)
    assert not RefreshToken.objects.filter(user_id=owner.user_id, revoked_at__isnull=True).exists()
    assert _lines("user.set_password")


def test_a_person_is_not_deleted(desk: Client, owner: Membership) -> None:
    url = reverse("admin:tenants_user_delete", args=[owner.user_id])
    assert desk.post(url, {"post": "yes"}).status_code == 403


def test_a_membership_is_given_changed_and_taken(desk: Client, acme: Tenant) -> None:
    user = factories.make_user("ada@acme.example")
    desk.post(reverse("admin:tenants_membership_add"), {"user": user.pk, "tenant": acme.pk, "role": "viewer"})
    membership = Membership.objects.get(user=user)
    assert membership.role == Role.VIEWER
    desk.post(reverse("admin:tenants_membership_change", args=[membership.pk]), {"role": "admin"})
    membership.refresh_from_db()
    assert membership.role == Role.ADMIN
    desk.post(reverse("admin:tenants_membership_delete", args=[membership.pk]), {"post": "yes"})
    assert not Membership.objects.filter(user=user).exists()
    assert [len(_lines(f"member.{verb}")) for verb in ("add", "change_role", "remove")] == [1, 1, 1]


def test_a_key_is_revoked_and_its_hash_never_shown(desk: Client, acme: Tenant) -> None:
    key, plain = factories.make_api_key(acme)
    page = desk.get(reverse("admin:tenants_apikey_change", args=[key.pk])).content.decode()
    assert key.key_hash not in page
    desk.post(reverse("admin:tenants_apikey_changelist"), {"action": "revoke", "_selected_action": key.pk})
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    with pytest.raises(CredentialError):
        api_keys.authenticate(plain)


@pytest.mark.parametrize("model", ["apikey", "auditevent"])
def test_what_is_only_to_be_read_is_neither_added_changed_nor_deleted(
    desk: Client, acme: Tenant, api_key: str, model: str
) -> None:
    row = (ApiKey.objects if model == "apikey" else AuditEvent.objects).first()
    assert row is not None
    assert desk.get(reverse(f"admin:tenants_{model}_add")).status_code == 403
    assert desk.post(reverse(f"admin:tenants_{model}_change", args=[row.pk]), {"name": "x"}).status_code == 403
    assert desk.post(reverse(f"admin:tenants_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_domains_and_plans_go_on_record(desk: Client, acme: Tenant) -> None:
    desk.post(reverse("admin:tenants_domain_add"), {"domain": "chat.acme.example", "tenant": acme.pk})
    domain = Domain.objects.get(domain="chat.acme.example")
    desk.post(reverse("admin:tenants_domain_delete", args=[domain.pk]), {"post": "yes"})
    desk.post(reverse("admin:tenants_plan_add"), {"code": "large", "name": "Large"})
    plan = Plan.objects.get(code="large")
    desk.post(reverse("admin:tenants_plan_delete", args=[plan.pk]), {"post": "yes"})
    for action in ("domain.create", "domain.delete", "plan.create", "plan.delete"):
        assert len(_lines(action)) == 1


def test_staff_ask_to_enter_a_tenant_and_give_it_back(desk: Client, acme: Tenant, root: User) -> None:
    asked = {"tenant": acme.pk, "role": "viewer", "minutes": 30, "reason": "Ticket 4711"}
    assert "end it at once" in desk.get(reverse("admin:tenants_accessgrant_add")).content.decode()
    assert desk.post(reverse("admin:tenants_accessgrant_add"), {**asked, "minutes": 999}).status_code == 422
    done = desk.post(reverse("admin:tenants_accessgrant_add"), asked, follow=True)
    assert "You may enter now." in done.content.decode()
    assert "/t/acme/" in done.content.decode()
    grant = AccessGrant.objects.get(staff=root, tenant=acme)
    assert grant.state == GrantState.ACTIVE
    again = desk.post(reverse("admin:tenants_accessgrant_add"), asked)
    assert "You have a grant for this tenant already" in again.content.decode()
    desk.post(reverse("admin:tenants_accessgrant_changelist"), {"action": "end", "_selected_action": grant.pk})
    assert AccessGrant.objects.get().state == GrantState.REVOKED


def test_staff_without_the_right_ask_for_nothing(client: Client, acme: Tenant) -> None:
    client.force_login(factories.make_user("clerk@platform.example", is_staff=True))
    assert client.get(reverse("admin:tenants_accessgrant_add")).status_code == 403
