"""The portal's pages: who gets in, what they see, and what a stranger sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datasets import services as dataset_services
from datasets.enums import DocumentState
from datasets.models import Document
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


@pytest.fixture
def _dataset(acme: Tenant) -> None:
    with tenant_scope(acme):
        dataset_services.create_dataset(by=SYSTEM, name="Handbook")


def text_file(name: str = "note.txt", content: bytes = b"Some text.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_address_of_the_portal_leads_to_signing_in_and_back(owner: Membership) -> None:
    client = Client()
    sent_away = client.get("/t/acme/")
    assert sent_away.headers["Location"] == "/sign-in/?next=/t/acme/"

    answer = client.post("/sign-in/", {"email": owner.user.email, "password": factories.PASSWORD, "next": "/t/acme/"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/")
    assert client.get("/t/acme/").status_code == 200


def test_a_wrong_password_keeps_the_address_and_says_what_is_wrong(owner: Membership) -> None:
    answer = Client().post("/sign-in/", {"email": owner.user.email, "password": "wrong"})

    assert answer.status_code == 422
    assert b"The e-mail address or the password is wrong." in answer.content
    assert owner.user.email.encode() in answer.content


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(owner: Membership, target: str) -> None:
    answer = Client().post("/sign-in/", {"email": owner.user.email, "password": factories.PASSWORD, "next": target})

    assert answer.headers["Location"] == "/"


def test_a_person_of_one_tenant_is_led_straight_to_it(signed_in: Client) -> None:
    assert signed_in.get("/").headers["Location"] == "/t/acme/"


def test_a_person_of_several_tenants_chooses(signed_in: Client, owner: Membership, globex: Tenant) -> None:
    Membership.objects.create(user=owner.user, tenant=globex, role=Role.VIEWER)

    page = signed_in.get("/")

    assert b"/t/acme/" in page.content
    assert b"/t/globex/" in page.content


def test_a_stranger_cannot_tell_a_tenant_from_no_tenant(signed_in: Client, globex: Tenant) -> None:
    theirs, nobodys = signed_in.get("/t/globex/"), signed_in.get("/t/no-such/")

    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}


@pytest.mark.usefixtures("_dataset")
def test_an_upload_appears_in_the_list(signed_in: Client, acme: Tenant) -> None:
    answer = signed_in.post(
        "/t/acme/documents/", {"file": [text_file(), text_file("b.md", b"# B\n\nText")]}, headers=HTMX
    )

    assert answer.status_code == 200
    assert answer.content.count(b'class="document"') == 2
    assert b'hx-trigger="every 1500ms"' in answer.content
    with tenant_scope(acme):
        assert Document.objects.count() == 2


@pytest.mark.usefixtures("_dataset")
def test_a_refused_file_is_named_with_its_reason_and_the_others_are_taken(signed_in: Client) -> None:
    answer = signed_in.post("/t/acme/documents/", {"file": [text_file("empty.txt", b""), text_file()]}, headers=HTMX)

    assert b"<strong>empty.txt</strong>: This file is empty." in answer.content
    assert answer.content.count(b'class="document"') == 1


@pytest.mark.usefixtures("_dataset")
def test_without_a_script_an_upload_leads_back_to_the_page(signed_in: Client) -> None:
    answer = signed_in.post("/t/acme/documents/", {"file": text_file()})

    assert answer.headers["Location"] == "/t/acme/"


@pytest.mark.usefixtures("_dataset")
def test_a_viewer_sees_the_documents_and_changes_none(signed_in: Client, acme: Tenant) -> None:
    signed_in.post("/t/acme/documents/", {"file": text_file()})
    viewer = Client()
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)

    page = viewer.get("/t/acme/")

    assert b"note.txt" in page.content
    assert b"Upload files" not in page.content
    assert viewer.post("/t/acme/documents/", {"file": text_file("c.txt", b"c")}, headers=HTMX).status_code == 403
    with tenant_scope(acme):
        document = Document.objects.get()
    assert viewer.post(f"/t/acme/documents/{document.id}/delete/", headers=HTMX).status_code == 403


@pytest.mark.usefixtures("_dataset")
def test_a_failed_document_says_why_and_is_tried_again(signed_in: Client, acme: Tenant) -> None:
    signed_in.post("/t/acme/documents/", {"file": text_file()})
    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.FAILED, error_detail="This PDF is a scan.")
        document = Document.objects.get()
    assert b"This PDF is a scan." in signed_in.get("/t/acme/documents/", headers=HTMX).content

    answer = signed_in.post(f"/t/acme/documents/{document.id}/retry/", headers=HTMX)

    assert b'data-state="queued"' in answer.content


@pytest.mark.usefixtures("_dataset")
def test_a_deleted_document_is_gone_from_the_list(signed_in: Client, acme: Tenant) -> None:
    signed_in.post("/t/acme/documents/", {"file": text_file()})
    with tenant_scope(acme):
        document = Document.objects.get()

    answer = signed_in.post(f"/t/acme/documents/{document.id}/delete/", headers=HTMX)

    assert b"No documents yet" in answer.content


def test_pages_carry_a_policy_without_inline_code(signed_in: Client) -> None:
    policy = signed_in.get("/t/acme/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_form_without_its_token_is_refused(owner: Membership) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user)

    assert client.post("/t/acme/documents/", {"file": text_file()}).status_code == 403
