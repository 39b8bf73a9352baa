"""The workspace in a real browser on the real stack: sign in, upload, see it become ready, ask, read the source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bots import services as bot_services
from chatcms.environment import BASE_DIR
from chatcms.tests import live
from datasets import services as dataset_services
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

SAMPLE = BASE_DIR / "docs/samples/fjord-one-service-guide.pdf"


@pytest.fixture
def workspace(transactional_db: None, settings: Any, tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """Acme's workspace, signed in, with a dataset, a bot, and a worker that waits for uploads."""
    settings.MEDIA_ROOT = tmp_path / "media"
    # Browser and server run apart from this process: the person's password must be hashed the usual way.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    acme = Tenant.objects.get(slug="acme")
    owner = factories.make_member(acme)
    with tenant_scope(acme):
        dataset = dataset_services.create_dataset(by=SYSTEM, name="Handbook")
        bot_services.create_bot(
            by=SYSTEM,
            name="Helper",
            model="local",
            dataset_ids=[dataset.id],
            suggested_questions=["What does the error code E07 mean?"],
        )
    with live.web_server() as address, live.worker():
        page = browser.new_page()
        page.goto(f"{address}/t/acme/")
        page.get_by_label("E-mail address").fill(owner.user.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Workspace")).to_be_visible()
        yield page
        page.close()


def test_an_uploaded_document_becomes_ready_and_answers_with_its_source(workspace: Page) -> None:
    complaints: list[str] = []
    workspace.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    workspace.on("pageerror", lambda error: complaints.append(str(error)))

    workspace.get_by_label("Drop files here").set_input_files(SAMPLE)
    workspace.get_by_role("button", name="Upload files").click()
    expect(workspace.locator('.document[data-state="ready"]')).to_contain_text(SAMPLE.name, timeout=60_000)

    workspace.get_by_role("button", name="What does the error code E07 mean?").click()
    source = workspace.locator("button.source").first
    expect(source).to_contain_text(SAMPLE.name, timeout=30_000)
    expect(workspace.locator(".turn__facts").last).to_contain_text("whole after")
    expect(workspace.locator(".turn--assistant .turn__text")).to_contain_text("E07")
    expect(workspace.locator("[data-status]")).to_contain_text("Answer:")

    workspace.set_viewport_size({"width": 320, "height": 700})
    assert workspace.locator(".chat__log").evaluate("log => log.scrollWidth <= log.clientWidth")
    source.click()
    expect(workspace.locator("#passage [data-place]")).to_contain_text("page")
    workspace.keyboard.press("Escape")
    expect(workspace.locator("#passage")).to_be_hidden()

    workspace.get_by_role("button", name=f"Delete {SAMPLE.name}").click()
    expect(workspace.locator("#confirm")).to_contain_text("This cannot be undone.")
    workspace.locator("#confirm").get_by_role("button", name="Go on").click()
    expect(workspace.get_by_text("No documents yet")).to_be_visible()
    assert complaints == []


def test_refusals_are_explained_questions_go_by_keyboard_and_nothing_scrolls_sideways(
    workspace: Page, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    workspace.get_by_label("Drop files here").set_input_files(empty)
    workspace.get_by_role("button", name="Upload files").click()
    expect(workspace.get_by_role("alert")).to_contain_text("This file is empty.")

    workspace.get_by_label("Your question").fill("<img src=x onerror=alert(1)> who are you?")
    workspace.keyboard.press("Enter")
    expect(workspace.locator(".turn__facts").last).to_contain_text("whole after", timeout=30_000)
    expect(workspace.locator(".turn--user")).to_have_text("<img src=x onerror=alert(1)> who are you?")
    assert workspace.locator(".chat__log img").count() == 0

    for width in (1280, 390, 320):
        workspace.set_viewport_size({"width": width, "height": 800})
        assert workspace.evaluate("document.documentElement.scrollWidth") <= width
