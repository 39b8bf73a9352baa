"""The platform's admin in a real browser: each page is fit for everybody and keeps the policy against inline code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.urls import resolve, reverse
from playwright.sync_api import Browser, Page, expect

from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.tests.browser import TWO_LOOKS, complaints_of, opened, shortcomings
from providers.catalog.models import GlobalAIProvider
from tenants.enums import GrantRole
from tenants.models import Domain, Plan, Tenant, User
from tenants.services import grants
from tenants.tests import factories
from tenants.types import Actor

ROOT = "root@platform.example"


@pytest.fixture
def desk(transactional_db: None, settings: Any, browser: Browser, website: str) -> Iterator[tuple[Page, str]]:
    """The admin, signed in, with one of everything in it."""
    # Browser and server run apart from this process: passwords must be hashed the usual way.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    root = User.objects.create_superuser(ROOT, factories.PASSWORD)
    acme = Tenant.objects.get(slug="acme")
    factories.make_member(acme)
    factories.make_api_key(acme)
    Plan.objects.create(code="small", name="Small", max_members=1)
    Domain.objects.create(domain="chat.acme.example", tenant=acme)
    GlobalAIProvider.objects.create(name="OpenAI", provider_type="openai")
    Job.objects.create(tenant=acme, kind="x", target_id=acme.pk, state=JobState.DEAD, last_error="No space left")
    by = Actor(type="staff", id=root.pk, label=root.email)
    grants.ask(by=by, tenant=acme, role=GrantRole.VIEWER, minutes=60, reason="Ticket 4711")
    with opened(browser) as page:
        page.goto(f"{website}/admin/")
        page.get_by_label("E-mail address").fill(ROOT)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Platform", exact=True)).to_be_visible()
        yield page, website


def _addresses() -> Iterator[str]:
    """Every page of the admin: of each kind of row all that there are for its first one."""
    yield reverse("admin:index")
    yield reverse("admin:usage")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"admin:{name}_changelist")
        yield reverse(f"admin:{name}_add")
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            for kind in ("change", "history", "delete"):
                yield reverse(f"admin:{name}_{kind}", args=[row.pk])
    acme = Tenant.objects.get(slug="acme")
    yield reverse("admin:tenants_tenant_act", args=[acme.pk, "suspend"])
    yield reverse("admin:tenants_tenant_act", args=[acme.pk, "delete"])


def test_every_page_of_the_admin_keeps_the_policy_and_is_fit_for_everybody(desk: tuple[Page, str]) -> None:
    page, address = desk
    heard = complaints_of(page)
    complaints: list[str] = []
    unfit: list[str] = []
    looked_at = 0
    for path in _addresses():
        heard.clear()
        answer = page.goto(f"{address}{path}")
        assert answer is not None
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        # Rows that are only to be read have no page to add or delete one: 403, which browsers put on the console.
        complaints += [f"{path}: {each}" for each in heard if "403" not in each]
        # From here on axe is heard, too: it reads Django's style sheets by a way that the policy forbids.
        if answer.status == 200:
            looked_at += 1
            unfit += [f"{path} {each}" for each in shortcomings(page, picture=_picture(page), wanted=TWO_LOOKS)]
    assert unfit == []
    assert complaints == []
    assert looked_at > 40


def _picture(page: Page) -> str:
    return resolve(urlsplit(page.url).path).view_name


def test_the_start_page_says_whether_anything_is_wrong_at_every_width(desk: tuple[Page, str]) -> None:
    page, address = desk
    GlobalAIProvider.objects.update(is_active=True, last_check_ok=False)
    page.goto(f"{address}/admin/")
    assert shortcomings(page, picture="admin:index") == []
    expect(page.get_by_text("Something is broken")).to_be_visible()
    expect(page.get_by_text("1 used up their attempts")).to_be_visible()
    page.get_by_role("link", name="Dead letters").click()
    expect(page.get_by_text("No space left")).to_be_visible()
