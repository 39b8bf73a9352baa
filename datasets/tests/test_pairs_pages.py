"""The pages of questions and answers: writing, changing, taking many in, and what is kept when something fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from datasets.models import Dataset, QAPair
from datasets.services import add_pair, take_in_pairs
from datasets.tests.knowledge import make_dataset
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

MOST_QUERIES = 15


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    with tenant_scope(acme):
        return work()


def path(dataset: Dataset, verb: str = "") -> str:
    return f"/t/acme/datasets/{dataset.pk}/qa/{f'{verb}/' if verb else ''}"


def csv_file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("faq.csv", text.encode())


def test_without_questions_the_page_says_what_they_are_for(client: Client, dataset: Dataset) -> None:
    page = client.get(path(dataset)).content.decode()

    assert "No questions yet" in page
    assert path(dataset, "add") in page
    assert "Questions and answers" in page


def test_a_question_is_written_changed_and_deleted(client: Client, acme: Tenant, dataset: Dataset) -> None:
    sent = {"question": "Do you ship to Norway?", "answer": "Yes."}
    assert client.post(path(dataset, "add"), sent).headers["Location"] == path(dataset)
    assert client.post(path(dataset, "add"), {"question": "B?", "answer": "B.", "another": "yes"}).headers[
        "Location"
    ] == path(dataset, "add")
    pair = inside(acme, lambda: QAPair.objects.get(question="Do you ship to Norway?"))
    page = client.get(path(dataset)).content.decode()
    assert ("Do you ship to Norway?" in page, "Being indexed" in page) == (True, True)

    client.post(f"/t/acme/qa/{pair.pk}/", {**sent, "answer": "No."})
    assert inside(acme, lambda: QAPair.objects.get(pk=pair.pk).answer) == "No."
    client.post(f"/t/acme/qa/{pair.pk}/delete/")
    assert inside(acme, lambda: list(QAPair.objects.values_list("question", flat=True))) == ["B?"]


def test_what_was_typed_stays_when_the_question_is_taken(client: Client, acme: Tenant, dataset: Dataset) -> None:
    add_pair(by=SYSTEM, dataset=dataset, question="A?", answer="One")

    refused = client.post(path(dataset, "add"), {"question": "a?", "answer": "A careful answer"})

    page = refused.content.decode()
    assert (refused.status_code, "A careful answer" in page, "data-unsaved" in page) == (422, True, True)
    assert "This dataset has an answer to the same question already." in page


def test_a_file_is_taken_in_and_given_out(client: Client, acme: Tenant, dataset: Dataset) -> None:
    taken = client.post(path(dataset, "import"), {"file": csv_file("question,answer\nA?,One\nB?,Two\n")}, follow=True)
    given = client.get(path(dataset, "export"))

    assert "2 questions added, 0 changed, 0 as they were." in taken.content.decode()
    assert given.content.decode("utf-8-sig") == "question,answer\r\nA?,One\r\nB?,Two\r\n"


def test_a_file_with_faults_names_each_row_and_changes_nothing(client: Client, acme: Tenant, dataset: Dataset) -> None:
    refused = client.post(path(dataset, "import"), {"file": csv_file("A?,One\nB?,\n,Three\n")})

    page = refused.content.decode()
    assert (refused.status_code, "Row 2:" in page, "Row 3:" in page) == (422, True, True)
    assert not inside(acme, QAPair.objects.exists)
    assert client.post(path(dataset, "import"), {"file": csv_file("only one column\n")}).status_code == 422


def test_the_list_costs_few_queries_however_long(client: Client, acme: Tenant, dataset: Dataset) -> None:
    add_pair(by=SYSTEM, dataset=dataset, question="A?", answer="One")
    client.get(path(dataset))
    with CaptureQueriesContext(connection) as one:
        client.get(path(dataset))
    pairs = [(f"Question {n}?", "Answer") for n in range(299)]
    inside(acme, lambda: take_in_pairs(by=SYSTEM, dataset=dataset, pairs=pairs))

    with CaptureQueriesContext(connection) as many:
        client.get(path(dataset))

    assert len(many) == len(one) <= MOST_QUERIES


def test_a_viewer_reads_and_changes_nothing(acme: Tenant, dataset: Dataset) -> None:
    viewer = Client(headers={"Accept": "text/html"})
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)
    pair = add_pair(by=SYSTEM, dataset=dataset, question="A?", answer="One")

    page = viewer.get(path(dataset)).content.decode()

    assert ("A?" in page, "Add a question" in page, "Import" in page) == (True, False, False)
    for forbidden in (path(dataset, "add"), path(dataset, "import"), f"/t/acme/qa/{pair.pk}/"):
        assert viewer.get(forbidden).status_code == 403
    assert viewer.post(f"/t/acme/qa/{pair.pk}/delete/").status_code == 403


def test_another_tenants_question_is_no_page_here(client: Client, globex: Tenant) -> None:
    theirs = inside(globex, lambda: add_pair(by=SYSTEM, dataset=make_dataset(), question="A?", answer="One"))

    assert client.get(f"/t/acme/qa/{theirs.pk}/").status_code == 404
