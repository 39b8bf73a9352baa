"""Questions with their answers: written, changed and deleted one by one or by file, and found as such."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from chatcms.jobs.models import Job
from datasets import embedding, exceptions, pairs_csv, services
from datasets.enums import DocumentSource, DocumentState
from datasets.ingestion import pairs as indexing_pairs
from datasets.ingestion import pipeline
from datasets.models import Chunk, ChunkVector, Dataset, Document, Posting, QAPair
from datasets.tests.knowledge import ask, ingest, make_dataset
from providers.exceptions import ProviderUnavailable
from tenants.models import AuditEvent, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

NORWAY = ("Do you ship to Norway?", "Yes, within five working days. Customs may ask you for a fee.")
GIFT = ("Can you wrap it as a gift?", "We wrap every order in paper if you tick the box at the checkout.")


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def add(dataset: Dataset, pair: tuple[str, str] = NORWAY) -> QAPair:
    return services.add_pair(by=SYSTEM, dataset=dataset, question=pair[0], answer=pair[1])


def index(dataset: Dataset) -> Document:
    """Do what the document's job does."""
    document = Document.objects.get(dataset=dataset, source=DocumentSource.QA)
    pipeline.ingest(document.pk)
    document.refresh_from_db()
    return document


def best(question: str, dataset: Dataset) -> str:
    passages = ask(question, dataset).passages
    return passages[0].text if passages else ""


def assert_statistics_are_true(dataset: Dataset) -> None:
    dataset.refresh_from_db()
    chunks = Chunk.objects.filter(dataset=dataset)
    assert dataset.chunk_count == chunks.count() == ChunkVector.objects.count()
    assert dataset.term_total == sum(Posting.objects.values_list("tf", flat=True))
    for document in Document.objects.all():
        assert document.chunk_count == chunks.filter(document=document).count()


# --- writing ----------------------------------------------------------------------------------------------


def test_a_pair_becomes_a_chunk_that_is_found_by_its_question_and_its_answer(dataset: Dataset) -> None:
    ingest(dataset, "returns.txt", "Send an unused product back within thirty days.")
    pair = add(dataset)
    assert (pair.state, Job.objects.filter(target_id=pair.document_id).count()) == ("waiting", 1)

    document = index(dataset)

    pair.refresh_from_db()
    chunk = Chunk.objects.get(pair=pair)
    assert (document.state, document.chunk_count, document.version) == ("ready", 1, 1)
    assert (pair.state, chunk.section, chunk.text) == ("ready", *NORWAY)
    assert best("Do you ship to Norway?", dataset) == NORWAY[1]
    assert best("customs fee", dataset) == NORWAY[1]
    assert ask("Is delivery to Norway possible?", dataset).has_evidence
    assert_statistics_are_true(dataset)


def test_all_pairs_of_a_dataset_are_in_one_document(dataset: Dataset) -> None:
    first, second = add(dataset), add(dataset, GIFT)

    assert first.document_id == second.document_id
    document = index(dataset)
    assert (document.name, document.source, document.chunk_count) == ("Questions and answers", "qa", 2)
    assert best("gift wrapping", dataset) == GIFT[1]
    assert_statistics_are_true(dataset)


def test_only_what_changed_is_embedded(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    pair, other = add(dataset), add(dataset, GIFT)
    index(dataset)
    other.refresh_from_db()
    embedded: list[str] = []
    embed = embedding.embed_passages

    def noted(model: Any, texts: list[str]) -> Any:
        embedded.extend(texts)
        return embed(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", noted)

    services.update_pair(by=SYSTEM, pair=pair, answer="Not at present.")
    index(dataset)

    assert embedded == ["Do you ship to Norway?\nNot at present."]
    assert best("Do you ship to Norway?", dataset) == "Not at present."
    assert QAPair.objects.get(pk=other.pk).chunk_id == other.chunk_id
    assert_statistics_are_true(dataset)


def test_until_it_is_indexed_anew_a_changed_pair_is_found_as_it_was(dataset: Dataset) -> None:
    pair = add(dataset)
    index(dataset)

    changed = services.update_pair(by=SYSTEM, pair=pair, answer="Not at present.")

    assert changed.state == "waiting"
    assert best("Do you ship to Norway?", dataset) == NORWAY[1]


def test_a_deleted_pair_is_found_no_more_at_once(dataset: Dataset) -> None:
    pair, other = add(dataset), add(dataset, GIFT)
    index(dataset)

    services.delete_pair(by=SYSTEM, pair=QAPair.objects.get(pk=pair.pk))

    assert best("Do you ship to Norway?", dataset) != NORWAY[1]
    assert list(QAPair.objects.all()) == [other]
    assert_statistics_are_true(dataset)


def test_with_the_document_go_all_its_pairs(dataset: Dataset) -> None:
    add(dataset)
    document = index(dataset)

    services.delete_document(by=SYSTEM, document=document)

    assert not QAPair.objects.exists()
    assert_statistics_are_true(dataset)
    add(dataset)
    assert index(dataset).state == "ready"


def test_with_the_dataset_go_all_its_pairs(dataset: Dataset) -> None:
    add(dataset)
    index(dataset)

    services.delete_dataset(by=SYSTEM, dataset=dataset)

    assert not QAPair.objects.exists()
    assert not Chunk.objects.exists()


def test_a_question_has_one_answer_whatever_its_case_and_blanks(dataset: Dataset) -> None:
    pair, gift = add(dataset), add(dataset, GIFT)

    with pytest.raises(exceptions.QuestionTakenError) as refused:
        add(dataset, ("do you  SHIP to norway?", "No."))
    with pytest.raises(exceptions.QuestionTakenError):
        services.update_pair(by=SYSTEM, pair=gift, question=NORWAY[0])

    assert refused.value.extra["pair_id"] == str(pair.pk)
    assert services.put_pair(by=SYSTEM, dataset=dataset, question="DO you ship to Norway?", answer="No.").pk == pair.pk


def test_a_long_answer_is_kept_whole_and_found_by_its_question(dataset: Dataset) -> None:
    answer = " ".join(f"Step {number}: turn the screw a little further." for number in range(150))
    add(dataset, ("How do I calibrate the spindle?", answer))
    add(dataset)
    index(dataset)

    assert best("How do I calibrate the spindle?", dataset) == answer


@pytest.mark.parametrize(
    ("question", "answer", "pointer"),
    [("", "A", "/question"), ("Q" * 1001, "A", "/question"), ("Q", " \x00 ", "/answer"), ("Q", "A" * 8001, "/answer")],
)
def test_what_cannot_be_kept_is_refused_by_name(dataset: Dataset, question: str, answer: str, pointer: str) -> None:
    with pytest.raises(exceptions.PairError) as refused:
        add(dataset, (question, answer))

    assert [error["pointer"] for error in refused.value.extra["errors"]] == [pointer]
    assert not Document.objects.exists()


def test_the_first_pair_needs_a_place_in_the_plan(dataset: Dataset, acme: Tenant) -> None:
    acme.plan = Plan.objects.create(code="small", name="Small", max_documents=0)
    acme.save()

    with pytest.raises(exceptions.DocumentQuotaError):
        add(dataset)


def test_each_change_leaves_a_line_in_the_audit_log(dataset: Dataset) -> None:
    pair = add(dataset)
    services.update_pair(by=SYSTEM, pair=pair, answer="No.")
    services.update_pair(by=SYSTEM, pair=pair, answer="No.")
    services.delete_pair(by=SYSTEM, pair=pair)

    lines = AuditEvent.objects.filter(action__startswith="qa_pair.").order_by("id")
    assert list(lines.values_list("action", flat=True)) == ["qa_pair.create", "qa_pair.update", "qa_pair.delete"]


# --- indexing ---------------------------------------------------------------------------------------------


def test_what_is_changed_while_it_is_embedded_is_embedded_once_more(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = add(dataset)
    embed, times = embedding.embed_passages, []

    def meanwhile(model: Any, texts: list[str]) -> Any:
        times.append(texts)
        if len(times) == 1:
            services.update_pair(by=SYSTEM, pair=pair, answer="Not at present.")
        return embed(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", meanwhile)

    document = index(dataset)

    assert (document.state, len(times)) == ("ready", 2)
    assert best(NORWAY[0], dataset) == "Not at present."
    assert_statistics_are_true(dataset)


def test_a_worker_that_dies_leaves_what_it_did_and_another_goes_on(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing_pairs, "AT_ONCE", 1)
    add(dataset)
    add(dataset, GIFT)
    embed, times = embedding.embed_passages, []

    def dying(model: Any, texts: list[str]) -> Any:
        times.append(texts)
        if len(times) == 2:
            raise ProviderUnavailable("It is away.")
        return embed(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", dying)
    with pytest.raises(ProviderUnavailable):
        index(dataset)
    assert QAPair.objects.filter(is_indexed=True).count() == 1
    assert_statistics_are_true(dataset)

    assert index(dataset).state == "ready"

    assert len(times) == 3
    assert_statistics_are_true(dataset)


def test_when_no_attempt_is_left_the_pairs_say_so_until_they_are_tried_again(dataset: Dataset) -> None:
    pair = add(dataset)
    document = Document.objects.get()
    pipeline.give_up(document.pk, "The model is away.")
    pair.refresh_from_db()
    assert pair.state == "failed"

    services.retry_document(by=SYSTEM, document=document)

    assert index(dataset).state == "ready"


def test_a_chunk_of_a_pair_is_changed_as_a_pair_only(dataset: Dataset) -> None:
    add(dataset)
    document = index(dataset)
    chunk = Chunk.objects.select_related("document__dataset").get()

    with pytest.raises(exceptions.ChunkOfPairError):
        services.prepare_edit(chunk=chunk, text="No.")
    with pytest.raises(exceptions.ChunkOfPairError):
        services.delete_chunk(by=SYSTEM, chunk=chunk)
    with pytest.raises(exceptions.ChunkOfPairError):
        services.add_chunk(by=SYSTEM, document=document, text="More.")


def test_splitting_a_dataset_anew_leaves_pairs_as_they_are(dataset: Dataset) -> None:
    add(dataset)
    before = index(dataset)

    services.resplit_dataset(by=SYSTEM, dataset=dataset, chunk_tokens=100, chunk_overlap=10)

    before.refresh_from_db()
    assert (before.state, before.chunk_count) == (DocumentState.READY, 1)


# --- by file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'question,answer\nA?,One\n\n"B, or C?","Two\nlines"\n',
        '\ufeffAnswer;Question;Note\nOne;A?;x\n"Two\nlines";B, or C?;\n',
        'A?\tOne\nB, or C?\t"Two\nlines"',
        'question,answer\r\nA?,One\r\n"B, or C?","Two\r\nlines"\r\n',
    ],
    ids=["commas", "semicolons, headings in another order", "tabs, no headings", "line ends of Windows"],
)
def test_files_of_spreadsheets_are_read(text: str) -> None:
    assert pairs_csv.read_pairs(text.encode()) == [("A?", "One"), ("B, or C?", "Two\nlines")]


WINDOWS = 'question;answer\r\nWo, bitte?;"Hier; dort."\r\nGröße?;40 cm\r\n'


@pytest.mark.parametrize(
    "text",
    [
        WINDOWS,
        f"sep=;\r\n{WINDOWS}",
        f'"sep=;"\r\n{WINDOWS}',
        f"SEP=;\n{WINDOWS}",
        "sep=;\r\nWo, bitte?;'Hier; dort.'\r\n".replace("'", '"') + "Größe?;40 cm",
        "sep=|\nquestion|answer\nWo, bitte?|Hier; dort.\nGröße?|40 cm\n",
        'Wo, bitte?;"Hier; dort."\nGröße?;40 cm\n',
        "Wo, bitte?\tHier; dort.\nGröße?\t40 cm\n",
        'sep=,\nquestion,answer\n"Wo, bitte?",Hier; dort.\nGröße?,40 cm\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "cp1252"])
def test_what_spreadsheets_of_other_countries_write_is_read(text: str, encoding: str) -> None:
    if encoding.endswith("-bom"):
        data = ("\ufeff" + text).encode(encoding.removesuffix("-bom"))
    else:
        data = text.encode(encoding)
    wanted = [("Wo, bitte?", "Hier; dort."), ("Größe?", "40 cm")]
    if encoding == "cp1252":
        assert [answer for _, answer in pairs_csv.read_pairs(data)] == [answer for _, answer in wanted]
    else:
        assert pairs_csv.read_pairs(data) == wanted


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"sep=;", "nothing in this file"),
        (b"sep=;\r\n", "nothing in this file"),
        (b"", "nothing in this file"),
        (b"question,answer\nA?\n", "Row 1 has one column"),
        (b'"A?', "cannot be read as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfd", "cannot be read|one column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, complaint: str) -> None:
    with pytest.raises(exceptions.UnreadableCSVError, match=complaint):
        pairs_csv.read_pairs(content)


def test_taking_in_a_file_adds_changes_and_leaves_and_twice_is_once(dataset: Dataset) -> None:
    add(dataset)
    add(dataset, GIFT)
    index(dataset)
    wanted = [(NORWAY[0].upper(), "Not at present."), GIFT, ("A?", "One"), ("a?", "The later one counts.")]

    taken = services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=wanted)
    again = services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=wanted)

    assert (taken.added, taken.changed, taken.unchanged) == (1, 1, 1)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert index(dataset).chunk_count == 3
    assert best("A?", dataset) == "The later one counts."
    assert best(NORWAY[0], dataset) == "Not at present."
    assert_statistics_are_true(dataset)


def test_a_file_with_a_fault_changes_nothing_and_names_the_row(dataset: Dataset) -> None:
    with pytest.raises(exceptions.PairError) as refused:
        services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=[NORWAY, ("B?", "")])

    assert refused.value.detail.startswith("Row 2:")
    assert not QAPair.objects.exists()


def test_a_dataset_takes_no_more_pairs_than_it_can_have(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.services.pairs.MAX_PAIRS", 1)
    add(dataset)

    with pytest.raises(exceptions.TooManyPairsError):
        add(dataset, GIFT)
    with pytest.raises(exceptions.TooManyPairsError):
        services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=[NORWAY, GIFT])


def test_what_is_exported_can_be_imported_as_it_is_formulas_included(dataset: Dataset) -> None:
    wanted = [
        NORWAY,
        ("=1+1?", '-2, says "Ann"\nand Bob'),
        ("＝1+1?", "\u200b@now"),
        ("'quoted'", "'tis"),
        ("'=1?", "Two:\n- a;-b"),
    ]
    services.take_in_pairs(by=SYSTEM, dataset=dataset, pairs=wanted)

    exported = pairs_csv.exported(dataset)

    assert b"'=1+1?" in exported
    assert pairs_csv.read_pairs(exported) == wanted


# --- over HTTP --------------------------------------------------------------------------------------------


def test_pairs_are_managed_over_http(client: APIClient, dataset: Dataset) -> None:
    path = f"/v1/tenant/datasets/{dataset.pk}/qa"

    made = client.post(path, {"question": NORWAY[0], "answer": NORWAY[1]}, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    url = f"/v1/tenant/qa/{made.json()['id']}"
    index(dataset)
    shown = client.get(url)
    assert (shown.json()["state"], shown.json()["dataset_id"]) == ("ready", str(dataset.pk))
    stale = {"If-Match": made["ETag"]}
    changed = client.patch(url, {"answer": "No."}, format="json", headers={"If-Match": shown["ETag"]})
    assert (changed.status_code, changed.json()["answer"], changed.json()["question"]) == (200, "No.", NORWAY[0])
    assert client.patch(url, {"answer": "Yes."}, format="json", headers=stale).status_code == 412
    assert [one["answer"] for one in client.get(path, {"search": "norway"}).json()["results"]] == ["No."]
    assert client.get(path, {"is_indexed": "true"}).json()["results"] == []
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["code"] == "no_such_pair"


def test_files_go_in_and_out_over_http(client: APIClient, dataset: Dataset) -> None:
    path = f"/v1/tenant/datasets/{dataset.pk}/qa"
    file = SimpleUploadedFile("faq.csv", "question,answer\nA?,Öne\n".encode())

    taken = client.post(f"{path}/import", {"file": file}, format="multipart")
    exported = client.get(f"{path}/export")
    bad = client.post(f"{path}/import", {"file": SimpleUploadedFile("x.csv", b"A?,\n")}, format="multipart")

    assert (taken.status_code, taken.json()) == (200, {"added": 1, "changed": 0, "unchanged": 0})
    assert exported.content.decode() == "\ufeffquestion,answer\r\nA?,Öne\r\n"
    assert "attachment" in exported["Content-Disposition"]
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/0/answer")


def test_a_list_of_pairs_costs_the_same_for_one_and_for_three(client: APIClient, dataset: Dataset) -> None:
    path = f"/v1/tenant/datasets/{dataset.pk}/qa"
    add(dataset)
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    add(dataset, GIFT)
    add(dataset, ("A?", "One"))

    with CaptureQueriesContext(connection) as three:
        assert len(client.get(path).json()["results"]) == 3

    assert len(three) == len(one)


def test_a_key_for_other_datasets_knows_nothing_of_a_pair(acme: Tenant, dataset: Dataset) -> None:
    pair = add(dataset)
    key, text = factories.make_api_key(acme)
    key.dataset_ids = [str(uuid.uuid4())]
    key.save()
    limited = APIClient(headers=factories.bearer(text))

    assert limited.get(f"/v1/tenant/qa/{pair.pk}").status_code == 404
    assert limited.get(f"/v1/tenant/datasets/{dataset.pk}/qa").status_code == 404
