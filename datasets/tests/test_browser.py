"""The pages about datasets in a real browser on the real stack: dropping files, watching them, every page's fitness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from chatcms.config.environment import BASE_DIR
from chatcms.tests import live
from chatcms.tests.browser import browser, complaints_of, opened, shortcomings, signed_in
from datasets.models import Dataset
from datasets.tests.knowledge import ingest, make_dataset
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories

__all__ = ["browser"]

SAMPLE = BASE_DIR / "docs/samples/fjord-one-service-guide.pdf"


@pytest.fixture
def acme_page(transactional_db: None, browser: Browser, website: str) -> Iterator[tuple[Page, str]]:
    """A page of acme's owner, signed in, and the address of acme's portal."""
    user = factories.make_member(Tenant.objects.get(slug="acme")).user
    with opened(browser) as page:
        yield signed_in(page, user, website), f"{website}/t/acme"


def dataset_of_acme(*documents: tuple[str, str | bytes]) -> Dataset:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        dataset = make_dataset()
        for name, content in documents:
            ingest(dataset, name, content)
    return dataset


def test_dropped_files_show_their_way_to_being_ready(acme_page: tuple[Page, str], tmp_path: Path) -> None:
    page, portal = acme_page
    complaints = complaints_of(page)
    dataset = dataset_of_acme()
    empty = tmp_path / "empty.txt"
    empty.touch()

    page.goto(f"{portal}/datasets/{dataset.pk}/")
    with live.worker():
        page.get_by_label("Drop files here").set_input_files([SAMPLE, empty])

        refused = page.locator("[data-uploads] .document").filter(has_text="empty.txt")
        expect(refused).to_contain_text("This file is empty.")
        expect(page.locator('#documents [data-state="ready"]')).to_contain_text(SAMPLE.name)
    expect(page.locator("[data-upload-status]")).to_have_text("Some files were refused; each says why.")
    page.get_by_role("link", name=SAMPLE.name).click()
    expect(page.get_by_role("heading", name="What it was split into")).to_be_visible()
    page.get_by_role("button", name="Switch off 1").click()
    expect(page.get_by_role("button", name="Switch on 1")).to_be_visible()
    # The browser itself says on the console that an answer was 422; nothing else may be said there.
    assert [each for each in complaints if "422" not in each] == []


def test_every_page_about_datasets_is_fit_for_everybody(acme_page: tuple[Page, str]) -> None:
    page, portal = acme_page
    page.goto(f"{portal}/datasets/")
    assert shortcomings(page, picture="datasets:list none") == []
    long = "a-very-long-name-without-any-place-to-break-it-" * 4
    dataset = dataset_of_acme((f"{long}.md", f"# Returns\n\nYou may return it.\n\n# {long}\n\nThe battery is covered."))
    with tenant_scope(Tenant.objects.get(slug="acme")):
        document = dataset.documents.get()
        chunk = document.chunks.order_by("seq")[0]
    of_dataset, of_document = f"datasets/{dataset.pk}", f"documents/{document.pk}"
    for name, path in {
        "datasets:list": "datasets/",
        "datasets:create": "datasets/new/",
        "datasets:documents": f"{of_dataset}/",
        "datasets:add-address": f"{of_dataset}/add-address/",
        "datasets:add-text": f"{of_dataset}/add-text/",
        "datasets:try": f"{of_dataset}/try/?q=How+long+is+the+battery+covered",
        "datasets:settings": f"{of_dataset}/settings/",
        "datasets:split": f"{of_dataset}/split/?chunk_tokens=50&chunk_overlap=0&document={document.pk}",
        "datasets:document": f"{of_document}/",
        "datasets:chunk-edit": f"chunks/{chunk.pk}/",
        "datasets:chunk-add": f"{of_document}/add-chunk/",
    }.items():
        complaints = complaints_of(page)
        page.goto(f"{portal}/{path}")
        assert shortcomings(page, picture=name) == [], name
        assert complaints == [], name
