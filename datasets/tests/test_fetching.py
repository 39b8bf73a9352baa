"""Documents from the web: fetched by the worker, from public addresses only, bounded, and kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from chatcms.core.outbound.egress import EgressRefusedError
from chatcms.jobs.models import Job
from chatcms.jobs.runner import run_next
from datasets import exceptions, services, storage
from datasets.enums import DocumentState
from datasets.ingestion import fetching, pipeline
from datasets.models import Chunk, Dataset, Document
from datasets.tests import files
from datasets.tests.knowledge import ask, ingest, make_dataset
from datasets.tests.webserver import Page, Site, serving
from tenants.context import public_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.types import SYSTEM

HOURS = b"<!doctype html><title>Opening &amp; closing\n hours</title><body><p>We open at nine on Saturdays.</p></body>"
LATER = HOURS.replace(b"nine", b"eleven")


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    with serving() as site:
        settings.FETCH_PRIVATE_HOSTS = frozenset({site.host})
        yield site


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


def fetched(dataset: Dataset, url: str, *, name: str = "") -> Document:
    """A document from that address whose job has run."""
    document = services.add_url(by=SYSTEM, dataset=dataset, url=url, name=name)
    return again(document)


def again(document: Document) -> Document:
    pipeline.ingest(document.pk)
    document.refresh_from_db()
    return document


def stored_files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_page_is_fetched_by_its_job_and_found_under_its_title(dataset: Dataset, site: Site) -> None:
    site.pages["/hours"] = Page(HOURS)

    document = services.add_url(by=SYSTEM, dataset=dataset, url=site.url("/hours#saturday"))

    assert (document.state, document.name, site.asked) == (DocumentState.QUEUED, site.url("/hours"), [])
    assert len(document.sha256) == 64
    again(document)
    assert (document.state, document.name) == (DocumentState.READY, "Opening & closing hours")
    assert (document.content_type, document.size_bytes) == ("text/html", len(HOURS))
    assert ask("When do you open on Saturday?", dataset).passages[0].document_id == document.pk
    assert AuditEvent.objects.get(action="document.add_url").detail["url"] == site.url("/hours")


@pytest.mark.parametrize(
    ("path", "page", "kind", "name"),
    [
        ("/guide.md", Page(b"# Guide\n\nText of it.", content_type="text/plain"), "text/markdown", "guide.md"),
        ("/notes", Page(b"Some notes.", content_type="text/plain; charset=utf-8"), "text/plain", "notes"),
        ("/notes.php?x=1", Page(b"<p>Some notes.</p>"), "text/html", "notes.php"),
        ("/get", Page(files.pdf(["A page."]), content_type="application/octet-stream"), "application/pdf", "get"),
        ("/a%20b.pdf", Page(files.pdf(["A page."]), content_type=""), "application/pdf", "a b.pdf"),
        ("/x.html", Page(b"<p>It is XHTML.</p>", content_type="application/xhtml+xml"), "text/html", "x.html"),
        ("/big", Page(HOURS, chunked=True), "text/html", "Opening & closing hours"),
    ],
)
def test_the_content_decides_the_kind(
    dataset: Dataset, site: Site, path: str, page: Page, kind: str, name: str
) -> None:
    site.pages[path] = page

    document = fetched(dataset, site.url(path))

    assert (document.state, document.content_type, document.name) == (DocumentState.READY, kind, name)


def test_a_name_that_was_given_stays(dataset: Dataset, site: Site) -> None:
    site.pages["/hours"] = Page(HOURS)

    assert fetched(dataset, site.url("/hours"), name="When we are open").name == "When we are open"


def test_redirects_are_followed_to_their_end(dataset: Dataset, site: Site) -> None:
    site.pages["/old"] = Page(status=301, headers={"Location": "/moved"})
    site.pages["/moved"] = Page(status=307, headers={"Location": site.url("/hours")})
    site.pages["/hours"] = Page(HOURS)

    assert fetched(dataset, site.url("/old")).state == DocumentState.READY
    assert site.asked == ["/old", "/moved", "/hours"]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "https://localhost/",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://user:pass@example.com/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(dataset: Dataset, site: Site, target: str) -> None:
    site.pages["/"] = Page(status=302, headers={"Location": target})

    document = fetched(dataset, site.url("/"))

    assert (document.state, document.error_code) == (DocumentState.FAILED, "egress_refused")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://127.0.0.1/", "ftp://example.com/x", "example.com", ""])
def test_an_address_that_may_not_be_fetched_is_refused_at_once(dataset: Dataset, url: str) -> None:
    with pytest.raises(EgressRefusedError):
        services.add_url(by=SYSTEM, dataset=dataset, url=url)

    assert Document.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "code", "said"),
    [
        (Page(b"", 404), "fetch_not_found", "has nothing at this address (404)"),
        (Page(b"", 403), "fetch_refused", "without a sign-in (403)"),
        (Page(b"", 204), "fetch_refused", "gave no content"),
        (Page(status=302, headers={"Location": "/page"}), "fetch_redirects", "in circles"),
        (Page(status=302, headers={"Location": "//a:b:c/"}), "fetch_refused", "malformed"),
        (Page(b"x" * 2000, content_type="text/plain"), "file_too_large", "larger than 1000"),
        (Page(b"x" * 2000, content_type="text/plain", chunked=True), "file_too_large", "larger than 1000"),
        (Page(b"x", headers={"Content-Encoding": "gzip"}), "fetch_refused", "compression is broken"),
        (Page(b"MZ\x90\x00", content_type="application/octet-stream"), "unsupported_type", "cannot be read"),
        (Page(b"\x89PNG\r\n\x1a\n", content_type="image/png"), "unsupported_type", "cannot be read"),
        (Page(b"  \n"), "empty", "empty"),
    ],
)
def test_what_cannot_be_taken_fails_in_words_and_keeps_nothing(
    dataset: Dataset, site: Site, settings: Any, page: Page, code: str, said: str
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    site.pages["/page"] = page

    document = fetched(dataset, site.url("/page"))

    assert (document.state, document.error_code) == (DocumentState.FAILED, code)
    assert said in document.error_detail.replace("\xa0", " ")
    assert stored_files(settings) == []


@pytest.mark.parametrize(("status", "said"), [(503, "cannot answer at the moment (503)"), (0, "could not be reached")])
def test_a_site_that_is_away_is_tried_again_and_named_in_the_end(
    dataset: Dataset, site: Site, settings: Any, status: int, said: str
) -> None:
    site.pages["/page"] = Page(b"", status)
    url = site.url("/page")
    if not status:
        settings.FETCH_PRIVATE_HOSTS = frozenset({"127.0.0.1:1"})
        url = "http://127.0.0.1:1/page"
    document = services.add_url(by=SYSTEM, dataset=dataset, url=url)

    with pytest.raises(exceptions.FetchFailedError, match=r"127\.0\.0\.1"):
        pipeline.ingest(document.pk)
    with public_scope():
        Job.objects.update(attempts=2)
        assert run_next(queue="default")

    document.refresh_from_db()
    assert (document.state, document.error_code) == (DocumentState.FAILED, "gave_up")
    assert said in document.error_detail


def test_an_address_is_taken_once(dataset: Dataset, site: Site) -> None:
    site.pages["/hours"] = Page(HOURS)
    first = services.add_url(by=SYSTEM, dataset=dataset, url=site.url("/hours"))

    for _ in ("waiting", "ready"):
        with pytest.raises(exceptions.SameAddressError) as caught, transaction.atomic():
            services.add_url(by=SYSTEM, dataset=dataset, url=site.url("/hours#again"))
        assert caught.value.extra["document_id"] == str(first.pk)
        again(first)


def test_content_that_is_there_already_fails_and_names_the_other(dataset: Dataset, site: Site, settings: Any) -> None:
    ingest(dataset, "hours.html", HOURS)
    site.pages["/hours"] = Page(HOURS)

    document = fetched(dataset, site.url("/hours"))

    assert (document.state, document.error_code) == (DocumentState.FAILED, "same_document")
    assert "“hours.html”" in document.error_detail
    assert len(stored_files(settings)) == 1


def test_a_plan_without_room_for_the_content_is_named(
    dataset: Dataset, site: Site, in_acme: Tenant, settings: Any
) -> None:
    in_acme.plan = Plan.objects.create(code="tiny", name="Tiny", max_storage_bytes=10)
    in_acme.save(update_fields=["plan"])
    site.pages["/hours"] = Page(HOURS)

    document = fetched(dataset, site.url("/hours"))

    assert (document.state, document.error_code) == (DocumentState.FAILED, "storage_quota_reached")
    assert stored_files(settings) == []


def test_fetched_anew_the_new_content_takes_the_place_of_the_old(
    dataset: Dataset, site: Site, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    site.pages["/hours"] = Page(HOURS)
    document = fetched(dataset, site.url("/hours"))
    site.pages["/hours"] = Page(LATER)

    services.retry_document(by=SYSTEM, document=document)
    with django_capture_on_commit_callbacks(execute=True):
        again(document)

    assert (document.state, document.version) == (DocumentState.READY, 2)
    assert "eleven" in Chunk.objects.get(document=document).text
    assert stored_files(settings) == [storage.path_of(document.storage_key)]


def test_fetched_anew_the_same_content_changes_nothing(dataset: Dataset, site: Site, settings: Any) -> None:
    site.pages["/hours"] = Page(HOURS)
    document = fetched(dataset, site.url("/hours"))
    chunk = Chunk.objects.select_related("document__dataset").get(document=document)
    services.apply_edit(by=SYSTEM, edit=services.prepare_edit(chunk=chunk, text="We open at noon."))

    services.retry_document(by=SYSTEM, document=document)
    again(document)

    assert (document.state, document.version) == (DocumentState.READY, 1)
    assert Chunk.objects.get(document=document).text == "We open at noon."
    assert len(stored_files(settings)) == 1


def test_while_the_site_is_away_the_old_content_answers(dataset: Dataset, site: Site) -> None:
    site.pages["/hours"] = Page(HOURS)
    document = fetched(dataset, site.url("/hours"))
    site.pages["/hours"] = Page(b"", 404)

    services.retry_document(by=SYSTEM, document=document)
    again(document)

    assert document.state == DocumentState.FAILED
    assert ask("When do you open on Saturday?", dataset).passages[0].document_id == document.pk


def test_a_document_deleted_while_it_is_fetched_leaves_no_file(
    dataset: Dataset, site: Site, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/hours"] = Page(HOURS)
    document = services.add_url(by=SYSTEM, dataset=dataset, url=site.url("/hours"))
    fetch = fetching.fetch

    def delete_meanwhile(url: str, *, key: str) -> Any:
        services.delete_document(by=SYSTEM, document=document)
        return fetch(url, key=key)

    monkeypatch.setattr(fetching, "fetch", delete_meanwhile)

    pipeline.ingest(document.pk)

    assert Document.objects.count() == 0
    assert stored_files(settings) == []


def test_a_run_that_died_after_the_fetch_does_not_fetch_again(dataset: Dataset, site: Site) -> None:
    site.pages["/hours"] = Page(HOURS)
    document = fetched(dataset, site.url("/hours"))
    Document.objects.update(state=DocumentState.EMBEDDING)

    again(document)

    assert document.state == DocumentState.READY
    assert site.asked == ["/hours"]


@pytest.mark.parametrize(
    ("content_type", "stored"),
    [
        ("text/html; charset=windows-1251", "text/html; charset=windows-1251"),
        ("text/html", "text/html"),
        ("text/html; charset=UTF-8", "text/html"),
        ("text/html; charset=nonsense", "text/html"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_its_server_names(
    dataset: Dataset, site: Site, content_type: str, stored: str
) -> None:
    text = "<!doctype html><title>Возврат</title><body><p>Возврат товара в течение 14 дней.</p></body>"
    site.pages["/ru"] = Page(text.encode("cp1251" if "1251" in stored else "utf-8"), content_type=content_type)

    document = fetched(dataset, site.url("/ru"))

    assert (document.name, document.content_type, document.notices) == ("Возврат", stored, [])
    assert Chunk.objects.get(document=document).text == "Возврат товара в течение 14 дней."


def test_a_title_that_the_head_cuts_through_is_no_garbage(dataset: Dataset, site: Site) -> None:
    for padding in range(2):
        page = f"<!doctype html><title>Правила возврата</title>{' ' * padding}{'ж' * 8000}<body><p>Текст {padding}.</p>"
        site.pages[f"/{padding}"] = Page(page.encode(), content_type="text/html")

        assert fetched(dataset, site.url(f"/{padding}")).name == "Правила возврата"


def test_relative_links_of_a_fetched_page_lead_to_its_site(dataset: Dataset, site: Site) -> None:
    site.pages["/help/page"] = Page(b"<!doctype html><body><p>Book <a href='../visit'>here</a>.</p></body>")

    document = fetched(dataset, site.url("/help/page"))

    assert Chunk.objects.get(document=document).text == f"Book here ({site.url('/visit')})."


def test_the_language_of_a_dataset_settles_what_bytes_leave_open(dataset: Dataset, site: Site) -> None:
    Dataset.objects.update(language="turkish")
    site.pages["/tr.txt"] = Page("Ünlü iş".encode("cp1254"), content_type="text/plain")

    document = fetched(dataset, site.url("/tr.txt"))

    assert Chunk.objects.get(document=document).text == "Ünlü iş"
