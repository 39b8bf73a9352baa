"""Prints which questions are answered, of those whose document is there and of those whose document is missing.

python -m chatcms.runtime throwaway sh -c "python manage.py migrate && \\
    python benchmarks/evidence.py --data DIR --set xquad/de --set xquad/fr"

DIR/SET holds what `benchmarks/retrieval.py` reads. The documents go into two datasets, by turns and `--together` of
them at a time, so that what an article says in several documents is in one dataset. Each question is asked of the
dataset that holds its document, and of the other one. Exits with 1 when a set has less evidence for its own questions,
or more for the others, than is promised.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from retrieval import Collection, in_a_tenant

OWN_SHARE, OTHERS_SHARE = 0.95, 0.05


def measured(collection: Collection, together: int) -> tuple[float, float]:
    """Return the shares of the questions that are answered by their own dataset, and by the other one."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from datasets import services
    from datasets.ingestion import pipeline
    from tenants.types import SYSTEM

    halves = [services.create_dataset(by=SYSTEM, name=f"{collection.name} {half}") for half in range(2)]
    half_of = {}
    for number, document in enumerate(collection.documents):
        half_of[document["id"]] = half = number // together % 2
        file = SimpleUploadedFile(f"{number}.txt", f"{document['title']}\n\n{document['text']}".strip().encode())
        taken = services.upload_document(by=SYSTEM, dataset=halves[half], name=f"{number}.txt", file=file)
        pipeline.ingest(taken.document.pk)
    own = others = 0
    for question in collection.questions:
        home = half_of[max(collection.grades[question["id"]].items(), key=lambda graded: graded[1])[0]]
        own += _has_evidence(halves[home], question["text"])
        others += _has_evidence(halves[1 - home], question["text"])
    return own / len(collection.questions), others / len(collection.questions)


def _has_evidence(dataset: Any, question: str) -> bool:
    from datasets import retrieval

    plan = retrieval.plan_search(dataset_ids=[dataset.pk])
    vectors = retrieval.embed_query_sync(plan, question)
    found = retrieval.search(plan, question, vectors)
    return retrieval.look_closer_sync(plan, question, vectors, found).has_evidence


def main() -> int:
    """Measure each set; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="where the sets are")
    parser.add_argument("--set", action="append", dest="sets", required=True, help="a folder of --data")
    parser.add_argument("--together", type=int, default=5, help="documents in a row that are of one article")
    options = parser.parse_args()
    print(f"{'set':14} questions  own answered  others answered", flush=True)
    is_enough = True
    for name in options.sets:
        with in_a_tenant():
            collection = Collection.load(options.data, name)
            own, others = measured(collection, options.together)
        is_enough = is_enough and own >= OWN_SHARE and others <= OTHERS_SHARE
        print(f"{name:14} {len(collection.questions):9}  {own:12.3f}  {others:15.3f}", flush=True)
    return 0 if is_enough else 1


if __name__ == "__main__":
    sys.exit(main())
