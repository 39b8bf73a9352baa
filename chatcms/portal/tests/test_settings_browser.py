"""Every page of settings in a real browser, in each width and scheme: fit for everybody, without complaints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.enums import BudgetPeriod
from chat.models import Budget
from chatcms.exports.enums import ExportState
from chatcms.exports.models import TenantExport
from chatcms.tests.browser import TWO_LOOKS, browser, complaints_of, opened, shortcomings, signed_in
from chatcms.webhooks import services as webhooks
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import WebhookAttempt
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Invitation, Tenant
from tenants.services import invitations, logos, own_domains
from tenants.tests import factories
from tenants.tests.pictures import png
from tenants.types import SYSTEM

__all__ = ["browser"]


# Nothing in it breaks a line, and it is wider than a phone.
LONG = "bartholomaeuslangenscheidtvonundzuhohenlohewaldenburg"
NONE_YET = {
    "portal:keys none": "keys/",
    "webhooks:list none": "webhooks/",
    "chat:budgets none": "budgets/",
    "exports:list none": "exports/",
}


@pytest.fixture
def settings_page(transactional_db: None, browser: Browser, website: str) -> Iterator[tuple[Page, str]]:
    """A page of acme's owner, signed in, and the address of acme's settings."""
    user = factories.make_member(Tenant.objects.get(slug="acme")).user
    with opened(browser) as page:
        yield signed_in(page, user, website), f"{website}/t/acme/settings/"


def pages_of(acme: Tenant) -> dict[str, str]:
    """The pages that need something to show, by a name for their picture."""
    member = factories.make_member(acme, f"{LONG}@acme.example", role=Role.VIEWER)
    key, _ = factories.make_api_key(acme)
    invitations.create_invitation(by=SYSTEM, tenant=acme, email=f"new{LONG}@acme.example", role=Role.EDITOR)
    with tenant_scope(acme):
        budget = Budget.objects.create(period=BudgetPeriod.MONTH, amount=50)
        webhook, _secret = webhooks.create_webhook(
            by=SYSTEM, url=f"https://93.184.215.14/{LONG}", events=[EventType.FEEDBACK_GIVEN]
        )
        delivery = webhooks.send_ping(by=SYSTEM, webhook=webhook)
        WebhookAttempt.objects.create(delivery=delivery, status=500, milliseconds=31, response="<html>broken</html>")
        provider = TenantAIProvider.objects.create(
            name="OpenAI", provider_type="openai", key_last_four="9xYz", encrypted_key="x", last_check_ok=False,
            last_check_detail="The key was refused.", config={"timeouts": {"first_word": 120, "total": 900}},
        )  # fmt: skip
        TenantExport.objects.create(state=ExportState.READY, size_bytes=81_920, asked_by_label=member.user.email)
        TenantExport.objects.create(state=ExportState.FAILED, asked_by_label=member.user.email)
    logos.put_logo(by=SYSTEM, tenant=acme, content=png())
    own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="chat.acme.example")
    assert Invitation.objects.filter(tenant=acme).exists()
    return {
        "portal:settings": "",
        "providers:list": "providers/",
        "providers:create": "providers/new/",
        "providers:edit": f"providers/{provider.pk}/",
        "tenants:members": "members/",
        "tenants:member": f"members/{member.pk}/",
        "portal:keys": "keys/?all=1",
        "portal:key-create": "keys/new/",
        "portal:key": f"keys/{key.pk}/",
        "tenants:branding": "branding/",
        "tenants:domains": "domains/",
        "tenants:retention": "retention/",
        "webhooks:list": "webhooks/",
        "webhooks:create": "webhooks/new/",
        "webhooks:edit": f"webhooks/{webhook.pk}/",
        "webhooks:delivery": f"webhook-deliveries/{delivery.pk}/",
        "chat:budgets": "budgets/",
        "chat:budget-edit": f"budgets/{budget.pk}/",
        "tenants:audit": "audit/",
        "exports:list": "exports/",
    }


def test_every_page_of_settings_is_fit_for_everybody(settings_page: tuple[Page, str]) -> None:
    page, settings = settings_page
    for name, path in NONE_YET.items():
        page.goto(settings + path)
        assert shortcomings(page, picture=name) == [], name
    for name, path in pages_of(Tenant.objects.get(slug="acme")).items():
        complaints = complaints_of(page)
        page.goto(settings + path)
        assert shortcomings(page, picture=name) == [], name
        assert complaints == [], name


def test_the_audit_log_shows_what_happened_without_scrolling_sideways(settings_page: tuple[Page, str]) -> None:
    page, settings = settings_page
    pages_of(Tenant.objects.get(slug="acme"))
    page.goto(f"{settings}audit/")
    frame = page.get_by_role("region", name="Audit log")
    assert frame.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    # Details of a few words do not stand one below the other.
    assert frame.locator("tbody tr").first.evaluate("it => it.offsetHeight") < 120


def test_what_is_shown_once_is_fit_for_everybody(settings_page: tuple[Page, str]) -> None:
    page, settings = settings_page
    with tenant_scope(Tenant.objects.get(slug="acme")):
        webhook, _ = webhooks.create_webhook(by=SYSTEM, url="https://93.184.215.14/", events=[EventType.PING])
    for name, path, label, button in (
        ("portal:key-create made", "keys/new/", "Name", "Make the key"),
        ("tenants:invite sent", "members/", "E-mail address", "Send the invitation"),
        ("tenants:identity-secret", "branding/", "", "Make a secret"),
        ("webhooks:rotate", f"webhooks/{webhook.pk}/", "", "Make a new secret"),
    ):
        page.goto(settings + path)
        if label:
            page.get_by_label(label).first.fill("somebody-with-a-rather-long-name@acme.example")
        page.get_by_role("button", name=button).click()
        if (dialog := page.locator("dialog[open]")).count():
            dialog.get_by_role("button", name="Go on").click()
        expect(page.locator(".secret")).to_be_visible()
        assert shortcomings(page, picture=name, wanted=TWO_LOOKS) == [], name
