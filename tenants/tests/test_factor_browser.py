"""Second factors in a real browser: an app's whole path, and passkeys with Chromium's own virtual device."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from chatcms.tests.browser import TWO_LOOKS, complaints_of, opened, shortcomings
from tenants.enums import GrantRole
from tenants.models import Membership, SecondFactor, Tenant, User
from tenants.selectors import factors_of
from tenants.services import grants
from tenants.tests import factories
from tenants.types import Actor


@pytest.fixture
def address(transactional_db: None, settings: Any, browser: Browser, website: str) -> str:
    """The running product at a host name that passkeys can belong to."""
    # Browser and server run apart from this process: passwords must be hashed the usual way.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    return website.replace("127.0.0.1", "localhost")


@pytest.fixture
def owner(transactional_db: None, settings: Any) -> Membership:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    return factories.make_member(Tenant.objects.get(slug="acme"))


def give_password(page: Page, address: str, user: User, *, to: str = "/account/second-factors/") -> None:
    page.goto(f"{address}/sign-in/?next={to}")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_device(page: Page) -> tuple[Any, str]:
    """Give the browser a device that keeps passkeys and verifies its person."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return line, made["authenticatorId"]


def test_an_app_is_added_signs_in_and_is_removed(browser: Browser, address: str, owner: Membership) -> None:
    with opened(browser) as page:
        complaints = complaints_of(page)
        give_password(page, address, owner.user)
        expect(page.get_by_text("None yet")).to_be_visible()
        assert shortcomings(page, picture="account:factors none") == []

        page.get_by_role("link", name="Add an authenticator app").click()
        page.get_by_text("No camera?").click()
        secret = re.sub(r"\s", "", page.locator("#secret").inner_text())
        assert shortcomings(page, picture="account:factor-app") == []
        page.get_by_label("Code that the app shows").fill("000000")
        page.get_by_role("button", name="Add the app").click()
        expect(page.get_by_text("This code is not right")).to_be_visible()
        app = pyotp.TOTP(secret)
        page.get_by_label("Code that the app shows").fill(app.now())
        page.get_by_label("Name").fill("Phone")
        page.get_by_role("button", name="Add the app").click()
        expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
        assert shortcomings(page, picture="account:factor-app codes") == []
        recovery = page.locator("#codes").inner_text().split()[0]
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("10 of 10 left")).to_be_visible()
        assert shortcomings(page, picture="account:factors") == []

        page.get_by_role("link", name="Rename").click()
        assert shortcomings(page, picture="account:factor-rename", wanted=TWO_LOOKS) == []
        page.goto(f"{address}/account/sign-ins/")
        assert shortcomings(page, picture="account:sign-ins") == []

        page.context.clear_cookies()
        SecondFactor.objects.update(last_counter=0)
        give_password(page, address, owner.user, to="/t/acme/")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        assert shortcomings(page, picture="account:second-step") == []
        page.get_by_label("Code of your authenticator app").fill("123")
        page.keyboard.press("Enter")
        expect(page.get_by_text("This code is not right")).to_be_visible()
        page.get_by_label("Code of your authenticator app").fill(app.now())
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/t/acme/")

        page.context.clear_cookies()
        give_password(page, address, owner.user)
        page.get_by_role("link", name="Use a recovery code instead").click()
        page.get_by_label("Recovery code").fill(recovery.lower())
        page.keyboard.press("Enter")
        expect(page.get_by_text("9 of 10 left")).to_be_visible()

        page.get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Remove it").click()
        expect(page.get_by_text("None yet")).to_be_visible()
        # A refused form is a 422, which browsers put on the console.
        assert [each for each in complaints if "422" not in each] == []


def test_a_passkey_is_made_takes_the_second_step_and_signs_in_alone(
    browser: Browser, address: str, owner: Membership
) -> None:
    with opened(browser) as page:
        complaints = complaints_of(page)
        give_password(page, address, owner.user)
        line, device = add_device(page)
        page.get_by_role("link", name="Add a passkey").click()
        expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
        assert shortcomings(page, picture="account:factor-passkey") == []
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Make the passkey").click()
        expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
        page.get_by_role("link", name="I have kept them").click()
        expect(page.locator("strong", has_text="Laptop")).to_be_visible()
        assert len(line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("button", name="Make the passkey").click()
        expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()

        # Nobody touches the device until it is asked for, or the address field's offer would sign in at once.
        line.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": False})
        page.context.clear_cookies()
        give_password(page, address, owner.user, to="/t/acme/")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        line.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": True})
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url(f"{address}/t/acme/")

        # The device answers the offer in the address field by itself.
        page.context.clear_cookies()
        page.goto(f"{address}/sign-in/?next=/account/")
        page.wait_for_url(f"{address}/account/")

        # Where there is no such offer, the button asks.
        page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        page.context.clear_cookies()
        page.goto(f"{address}/sign-in/?next=/account/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{address}/account/")
        assert factors_of(owner.user).get().last_used_at is not None
        assert [each for each in complaints if "422" not in each] == []


def test_without_the_device_the_password_and_a_recovery_code_are_left(
    browser: Browser, address: str, owner: Membership
) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/sign-in/")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
        assert shortcomings(page, picture="portal:sign-in") == []
        line, device = add_device(page)
        line.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("The passkey was not used")).to_be_visible()
        give_password(page, address, owner.user)
        expect(page.get_by_text("None yet")).to_be_visible()


def test_a_tenant_sees_the_platforms_staff_and_they_see_that_they_visit(
    browser: Browser, address: str, owner: Membership
) -> None:
    sam = factories.make_user("sam@platform.example", is_staff=True)
    by = Actor(type="staff", id=sam.pk, label=sam.email)
    grants.ask(by=by, tenant=owner.tenant, role=GrantRole.VIEWER, minutes=60, reason="Ticket 4711: no sources")
    with opened(browser) as page:
        complaints = complaints_of(page)
        give_password(page, address, sam, to="/t/acme/")
        expect(page.get_by_text("Visiting as platform staff until")).to_be_visible()
        assert shortcomings(page, picture="portal:dashboard visiting") == []
        page.context.clear_cookies()
        give_password(page, address, owner.user, to="/t/acme/settings/security/")
        expect(page.get_by_text("Ticket 4711: no sources")).to_be_visible()
        assert shortcomings(page, picture="tenants:security") == []
        page.get_by_role("button", name="End now").click()
        expect(page.get_by_text("Revoked")).to_be_visible()
        assert complaints == []
