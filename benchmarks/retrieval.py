"""Prints how well retrieval finds the right documents of a judged collection, through the product's whole path.

python benchmarks/retrieval.py --data DIR --set scifact --set productdocs \
    --url http://127.0.0.1:8000 --email owner@demo.example --password ...

DIR/SET holds corpus.jsonl {id, title, text}, queries.jsonl {id, text} and qrels.tsv (query, document, grade). With
--url each item is uploaded as a file to a dataset of its own, and each query asked of it, over the API of a running
instance; the dataset is deleted at the end. With --direct the same services run in this process, in a tenant of
their own that is dropped at the end: for trying things out, and for the time of a search without HTTP; then each
leg is measured alone as well. The set "codes" needs no --data: it is a made-up manual of 1,000 pages
(`benchmarks/manual.py`) of which 200 codes are asked.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import manual

ROOT = Path(__file__).resolve().parent.parent
PASSAGES = 100
CUT = 10
RECALL_CUT = 100
CODES = "codes"


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, questions, and which documents answer which question how well."""

    name: str
    documents: list[dict[str, str]]
    questions: list[dict[str, str]]
    grades: dict[str, dict[str, int]]

    @classmethod
    def load(cls, folder: Path, name: str) -> Collection:
        """Read a collection; questions that nothing answers are left out."""
        grades: dict[str, dict[str, int]] = {}
        for line in (folder / name / "qrels.tsv").read_text().splitlines():
            question, document, grade = line.split("\t")[:3]
            if grade.isdigit() and int(grade):
                grades.setdefault(question, {})[document] = int(grade)
        questions = [one for one in _lines(folder / name / "queries.jsonl") if one["id"] in grades]
        return cls(name, _lines(folder / name / "corpus.jsonl"), questions, grades)

    @classmethod
    def of_codes(cls) -> Collection:
        """Return the pages of a manual, each a document, and questions that name the code of one."""
        made = manual.make()
        documents = [{"id": name, "text": text} for name, text in made.pages.items()]
        questions = [{"id": str(number), "text": text} for number, (text, _) in enumerate(made.questions)]
        grades = {str(number): {page: 1} for number, (_, page) in enumerate(made.questions)}
        return cls(CODES, documents, questions, grades)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The found documents of each question, best first, and what it took; and those of each leg, where it is known."""

    found: dict[str, list[str]]
    ingest_seconds: float
    search_ms: list[float]
    by_words: dict[str, list[str]] = field(default_factory=dict)
    by_meaning: dict[str, list[str]] = field(default_factory=dict)


def main() -> int:
    """Print a line per collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--set", action="append", required=True, dest="names")
    parser.add_argument("--url")
    parser.add_argument("--email")
    parser.add_argument("--password")
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--documents", type=int, help="take only so many documents: quicker, not comparable")
    options = parser.parse_args()
    if not options.direct and not (options.url and options.email and options.password):
        parser.error("give --url, --email and --password of a running instance, or --direct")
    print(
        f"{'set':14} documents questions nDCG@{CUT} first recall@{RECALL_CUT}  ingest   search p50    p95  "
        "words  meaning (nDCG alone)"
    )
    with _direct() if options.direct else _over_http(options) as measure:
        for name in options.names:
            collection = Collection.of_codes() if name == CODES else Collection.load(options.data, name)
            del collection.documents[options.documents or len(collection.documents) :]
            _print(collection, measure(collection))
    return 0


def _print(collection: Collection, outcome: Outcome) -> None:
    gains = [ndcg(outcome.found[question], grades) for question, grades in _judged(collection, outcome)]
    recalls = [recall(outcome.found[question], grades) for question, grades in _judged(collection, outcome)]
    first = statistics.mean(bool(outcome.found[one][:1] and outcome.found[one][0] in grades)
                            for one, grades in _judged(collection, outcome))  # fmt: skip
    legs = " ".join(
        f"{statistics.mean(ndcg(leg[one], grades) for one, grades in _judged(collection, outcome)):7.3f}" if leg else ""
        for leg in (outcome.by_words, outcome.by_meaning)
    )
    median, slow = statistics.median(outcome.search_ms), statistics.quantiles(outcome.search_ms, n=20)[-1]
    print(
        f"{collection.name:14} {len(collection.documents):9} {len(gains):9} {statistics.mean(gains):7.3f} {first:5.3f} "
        f"{statistics.mean(recalls):10.3f} {outcome.ingest_seconds:6.0f} s {median:8.1f} ms {slow:6.1f} ms {legs}",
        flush=True,
    )


def _judged(collection: Collection, outcome: Outcome) -> Iterator[tuple[str, dict[str, int]]]:
    return ((question, grades) for question, grades in collection.grades.items() if question in outcome.found)


def ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """Return the discounted gain of the first `CUT` documents, linear in their grades, of the best possible."""
    gain = sum(grades.get(one, 0) / math.log2(rank + 2) for rank, one in enumerate(found[:CUT]))
    best = sorted(grades.values(), reverse=True)[:CUT]
    return float(gain / sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best)))


def recall(found: Sequence[str], grades: dict[str, int]) -> float:
    """Return the share of the right documents among the first `RECALL_CUT`."""
    return len(set(found[:RECALL_CUT]) & set(grades)) / len(grades)


def as_file(document: dict[str, str]) -> bytes:
    """Return a document as a text file: its title, a blank line, its text."""
    title, text = document.get("title", ""), document["text"]
    return (f"{title}\n\n{text}" if title else text).encode()


Measure = Callable[[Collection], Outcome]


@contextmanager
def _over_http(options: argparse.Namespace) -> Iterator[Measure]:
    import httpx2

    with httpx2.Client(base_url=options.url, timeout=60) as client:

        def sign_in() -> None:
            answer = client.post("/v1/auth/token", json={"email": options.email, "password": options.password})
            client.headers["Authorization"] = f"Bearer {_json(answer)['access']}"

        def call(method: str, path: str, **body: Any) -> Any:
            answer = client.request(method, path, **body)
            if answer.status_code == 401:
                sign_in()
                answer = client.request(method, path, **body)
            return _json(answer)

        sign_in()
        yield lambda collection: _measure_over_http(call, collection)


def _json(answer: Any) -> Any:
    if answer.is_error:
        raise SystemExit(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}")
    return answer.json() if answer.content else None


def _measure_over_http(call: Callable[..., Any], collection: Collection) -> Outcome:
    dataset = call("POST", "/v1/tenant/datasets", json={"name": f"Benchmark {collection.name}"})["id"]
    path = f"/v1/tenant/datasets/{dataset}"
    try:
        start = time.perf_counter()
        ids: dict[str, list[str]] = {}

        def upload(numbered: tuple[int, tuple[bytes, list[str]]]) -> None:
            number, (content, named) = numbered
            files = {"file": (f"{number}.txt", content, "text/plain")}
            ids[call("POST", f"{path}/documents", files=files)["id"]] = named

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(upload, enumerate(_files(collection))))
        _wait_until_ready(call, path)
        seconds = time.perf_counter() - start
        found: dict[str, list[str]] = {}
        times = []
        for question in collection.questions:
            before = time.perf_counter()
            answer = call("POST", f"{path}/search", json={"query": question["text"], "limit": PASSAGES})
            times.append((time.perf_counter() - before) * 1000)
            found[question["id"]] = _documents(ids, (passage["document_id"] for passage in answer["passages"]))
        return Outcome(found, seconds, times)
    finally:
        call("DELETE", path)


def _wait_until_ready(call: Callable[..., Any], path: str) -> None:
    while True:
        dataset = call("GET", path)
        done = dataset["ready_count"] + dataset["failed_count"]
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {dataset['document_count']} documents ingested ")
        if done == dataset["document_count"]:
            if dataset["failed_count"]:
                sys.stderr.write(f"{dataset['failed_count']} documents failed\n")
            return
        time.sleep(2)


def _files(collection: Collection) -> list[tuple[bytes, list[str]]]:
    """Return each content once, with the ids that it has in the collection: a dataset takes no file twice or empty."""
    files: dict[bytes, list[str]] = {}
    for document in collection.documents:
        files.setdefault(as_file(document), []).append(document["id"])
    return [(content, ids) for content, ids in files.items() if content.strip()]


def _documents(ids: dict[str, list[str]], found: Iterable[Any]) -> list[str]:
    """Return the collection's ids of the passages' documents, each once, in the order of their best passage."""
    return [name for one in dict.fromkeys(str(document_id) for document_id in found) for name in ids[one]]


@contextmanager
def in_a_tenant() -> Iterator[None]:
    """Work inside a tenant of the database at hand, which is dropped at the end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from datetime import timedelta

    from tenants.context import tenant_scope
    from tenants.services import lifecycle, provisioning
    from tenants.types import SYSTEM

    tenant = provisioning.create_tenant(by=SYSTEM, name="Benchmark", slug=f"benchmark-{secrets.token_hex(4)}")
    try:
        with tenant_scope(tenant):
            yield
    finally:
        lifecycle.request_deletion(by=SYSTEM, tenant=tenant, grace=timedelta(0))
        lifecycle.drop_due()


@contextmanager
def _direct() -> Iterator[Measure]:
    with in_a_tenant():
        yield _measure_directly


def _measure_directly(collection: Collection) -> Outcome:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from datasets import retrieval, services
    from datasets.ingestion import pipeline
    from tenants.types import SYSTEM

    dataset = services.create_dataset(by=SYSTEM, name=collection.name)
    start = time.perf_counter()
    ids: dict[str, list[str]] = {}
    for number, (content, named) in enumerate(_files(collection)):
        name = f"{number}.txt"
        file = SimpleUploadedFile(name, content)
        row = services.upload_document(by=SYSTEM, dataset=dataset, name=name, file=file).document
        pipeline.ingest(row.pk)
        ids[str(row.pk)] = named
    seconds = time.perf_counter() - start
    found: dict[str, list[str]] = {}
    by_words: dict[str, list[str]] = {}
    by_meaning: dict[str, list[str]] = {}
    times = []
    for question in collection.questions:
        text = question["text"]
        plan = retrieval.plan_search(dataset_ids=[dataset.pk])
        vectors = retrieval.embed_query_sync(plan, text)
        before = time.perf_counter()
        result = retrieval.search(plan, text, vectors, limit=PASSAGES)
        times.append((time.perf_counter() - before) * 1000)
        found[question["id"]] = _documents(ids, (passage.document_id for passage in result.passages))
        # All that either leg has found, up to a hundred each.
        every = retrieval.search(plan, text, vectors, limit=2 * PASSAGES).passages
        for leg, rank in ((by_words, "lexical_rank"), (by_meaning, "dense_rank")):
            ranked = sorted((one for one in every if getattr(one, rank)), key=lambda one: getattr(one, rank))
            leg[question["id"]] = _documents(ids, (passage.document_id for passage in ranked))
    return Outcome(found, seconds, times, by_words, by_meaning)


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
