"""Every page of settings in a real browser, in each width and scheme: fit for everybody, without complaints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chat.enums import BudgetPeriod
from chat.models import Budget
from chatcms.tests import live
from chatcms.tests.browser import browser, complaints_of, opened, shortcomings, signed_in
from chatcms.webhooks import services as webhooks
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import WebhookAttempt
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Invitation, Tenant
from tenants.services import invitations, own_domains
from tenants.tests import factories
from tenants.types import SYSTEM

__all__ = ["browser"]


@pytest.fixture
def settings_page(transactional_db: None, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A page of acme's owner, signed in, and the address of acme's settings."""
    user = factories.make_member(Tenant.objects.get(slug="acme")).user
    with live.web_server() as address, opened(browser) as page:
        yield signed_in(page, user, address), f"{address}/t/acme/settings/"


def pages_of(acme: Tenant) -> dict[str, str]:
    """The pages that need something to show, by a name for their picture."""
    member = factories.make_member(acme, "somebody-with-a-long-name@acme.example", role=Role.VIEWER)
    key, _ = factories.make_api_key(acme)
    invitations.create_invitation(by=SYSTEM, tenant=acme, email="new@acme.example", role=Role.EDITOR)
    with tenant_scope(acme):
        budget = Budget.objects.create(period=BudgetPeriod.MONTH, amount=50)
        webhook, _secret = webhooks.create_webhook(
            by=SYSTEM, url="https://93.184.215.14/a/rather/long/path/for/events", events=[EventType.FEEDBACK_GIVEN]
        )
        delivery = webhooks.send_ping(by=SYSTEM, webhook=webhook)
        WebhookAttempt.objects.create(delivery=delivery, status=500, milliseconds=31, response="<html>broken</html>")
        provider = TenantAIProvider.objects.create(
            name="OpenAI", provider_type="openai", key_last_four="9xYz", encrypted_key="x", last_check_ok=False,
            last_check_detail="The key was refused.",
        )  # fmt: skip
    own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="chat.acme.example")
    assert Invitation.objects.filter(tenant=acme).exists()
    return {
        "settings": "",
        "providers": "providers/",
        "provider-new": "providers/new/",
        "provider": f"providers/{provider.pk}/",
        "members": "members/",
        "member": f"members/{member.pk}/",
        "keys": "keys/?all=1",
        "key-new": "keys/new/",
        "key": f"keys/{key.pk}/",
        "branding": "branding/",
        "domains": "domains/",
        "retention": "retention/",
        "webhooks": "webhooks/",
        "webhook-new": "webhooks/new/",
        "webhook": f"webhooks/{webhook.pk}/",
        "webhook-delivery": f"webhook-deliveries/{delivery.pk}/",
        "budgets": "budgets/",
        "budget": f"budgets/{budget.pk}/",
        "audit": "audit/",
    }


def test_every_page_of_settings_is_fit_for_everybody(settings_page: tuple[Page, str]) -> None:
    page, settings = settings_page
    for name in ("keys", "webhooks", "budgets"):
        page.goto(f"{settings}{name}/")
        assert shortcomings(page, picture=f"{name}-none") == [], name
    for name, path in pages_of(Tenant.objects.get(slug="acme")).items():
        complaints = complaints_of(page)
        page.goto(settings + path)
        assert shortcomings(page, picture=name) == [], name
        assert complaints == [], name
