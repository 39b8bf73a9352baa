"""After any change of chunks and pairs, by API, page or service, the counts are true and the document is deletable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from datasets import page_urls, services, urls
from datasets.ingestion import pipeline
from datasets.models import Chunk, ChunkVector, Dataset, Document, Posting, QAPair
from datasets.tests.knowledge import ingest, make_dataset
from tenants.context import tenant_scope
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

RULES = (
    "# Returns\n\nYou may return a helmet within forty days.\n\n# Warranty\n\nThe battery is covered for four years.\n"
)
PAIRS = [("Do you ship to Norway?", "Yes, within five days."), ("Do you ship to Oman?", "Not at present.")]
NEW = "The gearbox is guaranteed for a decade."


@dataclass(frozen=True, slots=True)
class Given:
    """A document with two chunks, the ways to it, and its first chunk or pair as `one`."""

    api: APIClient
    pages: Client
    acme: Tenant
    document: Document
    one: Chunk | QAPair

    @property
    def etag(self) -> str:
        kind = "chunks" if isinstance(self.one, Chunk) else "qa"
        return str(self.api.get(f"/v1/tenant/{kind}/{self.one.pk}").headers["ETag"])

    def api_call(self, verb: str, path: str, body: Any = None, *, seen: bool = False, fmt: str = "json") -> None:
        headers = {"If-Match": self.etag} if seen else {}
        answer = getattr(self.api, verb)(f"/v1/tenant/{path}", body, format=fmt, headers=headers)
        assert answer.status_code < 300, answer.content

    def page_call(self, path: str, body: Any = None) -> None:
        answer = self.pages.post(f"/t/acme/{path}", body or {})
        assert answer.status_code == 302, answer.content

    def service(self, work: Callable[[], Any]) -> None:
        with tenant_scope(self.acme):
            work()

    def edit(self, **changes: Any) -> None:
        def work() -> None:
            assert isinstance(self.one, Chunk)
            services.apply_edit(by=SYSTEM, edit=services.prepare_edit(chunk=self.one, **changes))

        self.service(work)


Operation = Callable[[Given], None]

# By route or service, then by what is done.
ON_CHUNKS: dict[str, Operation] = {
    "api document-chunks": lambda g: g.api_call("post", f"documents/{g.document.pk}/chunks", {"text": NEW}),
    "api chunk: edit": lambda g: g.api_call("patch", f"chunks/{g.one.pk}", {"text": NEW}),
    "api chunk: edit what was seen": lambda g: g.api_call("patch", f"chunks/{g.one.pk}", {"text": NEW}, seen=True),
    "api chunk: off": lambda g: g.api_call("patch", f"chunks/{g.one.pk}", {"is_active": False}),
    "api chunk: delete": lambda g: g.api_call("delete", f"chunks/{g.one.pk}"),
    "api chunk: delete what was seen": lambda g: g.api_call("delete", f"chunks/{g.one.pk}", seen=True),
    "page chunk-add": lambda g: g.page_call(f"documents/{g.document.pk}/add-chunk/", {"text": NEW}),
    "page chunk-edit": lambda g: g.page_call(f"chunks/{g.one.pk}/", {"text": NEW, "is_active": "on"}),
    "page chunk-edit: off": lambda g: g.page_call(f"chunks/{g.one.pk}/", {"text": NEW}),
    "page chunk-switch": lambda g: g.page_call(f"chunks/{g.one.pk}/switch/"),
    "page chunk-delete": lambda g: g.page_call(f"chunks/{g.one.pk}/delete/"),
    "service add_chunk": lambda g: g.service(lambda: services.add_chunk(by=SYSTEM, document=g.document, text=NEW)),
    "service apply_edit": lambda g: g.edit(text=NEW),
    "service apply_edit: off": lambda g: g.edit(is_active=False),
    "service delete_chunk": lambda g: g.service(lambda: services.delete_chunk(by=SYSTEM, chunk=g.one)),  # type: ignore[arg-type]
}
ON_PAIRS: dict[str, Operation] = {
    "api qa-pairs": lambda g: g.api_call("post", _qa(g), {"question": "And to Peru?", "answer": NEW}),
    "api qa-import": lambda g: g.api_call("post", f"{_qa(g)}/import", {"file": _csv()}, fmt="multipart"),
    "api qa-pair: edit": lambda g: g.api_call("patch", f"qa/{g.one.pk}", {"answer": NEW}),
    "api qa-pair: edit what was seen": lambda g: g.api_call("patch", f"qa/{g.one.pk}", {"answer": NEW}, seen=True),
    "api qa-pair: delete": lambda g: g.api_call("delete", f"qa/{g.one.pk}"),
    "api qa-pair: delete what was seen": lambda g: g.api_call("delete", f"qa/{g.one.pk}", seen=True),
    "page qa-add": lambda g: g.page_call(f"{_qa(g)}/add/", {"question": "And to Peru?", "answer": NEW}),
    "page qa-edit": lambda g: g.page_call(f"qa/{g.one.pk}/", {"question": PAIRS[0][0], "answer": NEW}),
    "page qa-delete": lambda g: g.page_call(f"qa/{g.one.pk}/delete/"),
    "page qa-import": lambda g: g.page_call(f"{_qa(g)}/import/", {"file": _csv()}),
    "service add_pair": lambda g: g.service(lambda: _add(g, services.add_pair)),
    "service put_pair": lambda g: g.service(lambda: _add(g, services.put_pair)),
    "service update_pair": lambda g: g.service(lambda: services.update_pair(by=SYSTEM, pair=g.one, answer=NEW)),  # type: ignore[arg-type]
    "service delete_pair": lambda g: g.service(lambda: services.delete_pair(by=SYSTEM, pair=g.one)),  # type: ignore[arg-type]
    "service take_in_pairs": lambda g: g.service(
        lambda: services.take_in_pairs(by=SYSTEM, dataset=g.document.dataset, pairs=[(PAIRS[0][0], NEW)])
    ),
}
READING = {"api qa-export", "page qa", "page qa-export", "service edited_chunks"}


def _qa(given: Given) -> str:
    return f"datasets/{given.document.dataset_id}/qa"


def _csv() -> SimpleUploadedFile:
    return SimpleUploadedFile("faq.csv", f"{PAIRS[0][0]},{NEW}\n".encode())


def _add(given: Given, write: Callable[..., Any]) -> None:
    write(by=SYSTEM, dataset=given.document.dataset, question="And to Peru?", answer=NEW)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def api(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def pages(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def dataset(acme: Tenant) -> Dataset:
    with tenant_scope(acme):
        return make_dataset()


def index(document: Document) -> None:
    """Do what the document's job does, if it waits for it."""
    pipeline.ingest(document.pk)
    document.refresh_from_db()


def assert_counts_are_true(document: Document) -> None:
    document.refresh_from_db()
    active = Chunk.objects.filter(document=document, is_active=True)
    terms = sum(
        Posting.objects.filter(chunk_ref__in=list(active.values_list("ref", flat=True))).values_list("tf", flat=True)
    )
    assert (document.chunk_count, document.term_total) == (active.count(), terms)
    assert (document.dataset.chunk_count, document.dataset.term_total) == (active.count(), terms)


def assert_deleted(api: APIClient, acme: Tenant, document: Document) -> None:
    answer = api.delete(f"/v1/tenant/documents/{document.pk}")
    assert answer.status_code == 204, answer.content
    with tenant_scope(acme):
        for model in (Chunk, ChunkVector, Posting, QAPair, Document):
            assert not model.objects.exists(), model
        left = Dataset.objects.get(pk=document.dataset_id)
        assert (left.chunk_count, left.term_total, left.languages) == (0, 0, {})


@pytest.mark.parametrize("done", ON_CHUNKS)
def test_after_any_change_of_a_chunk_the_document_can_be_deleted(
    api: APIClient, pages: Client, acme: Tenant, dataset: Dataset, done: str
) -> None:
    with tenant_scope(acme):
        document = ingest(dataset, "rules.md", RULES)
        chunk = Chunk.objects.select_related("document__dataset").get(document=document, seq=0)

    ON_CHUNKS[done](Given(api, pages, acme, document, chunk))

    with tenant_scope(acme):
        assert_counts_are_true(document)
    assert_deleted(api, acme, document)


@pytest.mark.parametrize("done", ON_PAIRS)
def test_after_any_change_of_a_pair_the_document_can_be_deleted(
    api: APIClient, pages: Client, acme: Tenant, dataset: Dataset, done: str
) -> None:
    with tenant_scope(acme):
        services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=PAIRS)
        document = Document.objects.select_related("dataset").get()
        index(document)
        pair = QAPair.objects.select_related("document").get(question=PAIRS[0][0])

    ON_PAIRS[done](Given(api, pages, acme, document, pair))

    with tenant_scope(acme):
        index(document)
        assert_counts_are_true(document)
    assert_deleted(api, acme, document)


def test_a_document_whose_counts_an_earlier_version_spoilt_can_be_deleted(
    api: APIClient, acme: Tenant, dataset: Dataset
) -> None:
    with tenant_scope(acme):
        document = ingest(dataset, "rules.md", RULES)
        Document.objects.update(chunk_count=9, term_total=999)
    assert_deleted(api, acme, document)


def test_every_route_and_service_that_changes_chunks_or_pairs_is_tried_here() -> None:
    tried = {name.partition(":")[0] for name in (*ON_CHUNKS, *ON_PAIRS)} | READING
    routes = {f"api {route.name}" for route in urls.urlpatterns} | {f"page {one.name}" for one in page_urls.urlpatterns}
    known = routes | {f"service {name}" for name in services.__all__}
    about = {
        name
        for name in known
        if {"chunk", "chunks", "qa", "pair", "pairs"} & set(name.replace("_", "-").replace(" ", "-").split("-"))
    }
    assert about - tried == set()
