"""Writes a document's chunks with both their indexes, and takes them away again; statistics always agree with them.

Everything here runs inside the caller's transaction, which holds the document's row locked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from chatcms.core.db.ids import uuid7
from datasets.analysis import VERSION, heading_and_text, prepared, term_sql, terms_sql
from datasets.languages import configuration_of
from datasets.models import Chunk, Document, ref_of
from datasets.types import Vector

_ANALYSED_AT_ONCE = 500
_LARGEST_SMALLINT = 32_767

_COPY_CHUNKS = """
COPY chunks (id, document_id, dataset_id, ref, version, seq, text, section, page, token_count) FROM STDIN
"""
_COPY_VECTORS = "COPY chunk_vectors (chunk_id, dataset_id, model_id, embedding) FROM STDIN"

_INSERT_POSTINGS = f"""
WITH terms AS (
    SELECT c.ref, {term_sql(dataset="%(dataset)s", lexeme="t.lexeme")} AS term, sum(t.tf) AS tf
    FROM unnest(%(refs)s::bigint[], %(texts)s::text[], %(bare)s::text[]) AS c (ref, text, bare),
         LATERAL ({terms_sql(config="%(config)s::regconfig", text="c.text", bare="c.bare")}) AS t
    GROUP BY 1, 2
), written AS (
    INSERT INTO chunk_terms (term, chunk_ref, tf, length)
    SELECT term, ref, least(tf, {_LARGEST_SMALLINT}), least(sum(tf) OVER (PARTITION BY ref), {_LARGEST_SMALLINT})
    FROM terms
    RETURNING tf
)
SELECT coalesce(sum(tf), 0) FROM written
"""  # noqa: S608 - built from constants of this module and of datasets.analysis
_DELETE_POSTINGS = """
WITH taken AS (
    DELETE FROM chunk_terms WHERE chunk_ref IN (SELECT ref FROM chunks WHERE document_id = %s) RETURNING tf
) SELECT coalesce(sum(tf), 0) FROM taken
"""
_TAKE_POSTINGS = """
WITH taken AS (DELETE FROM chunk_terms WHERE chunk_ref = %s RETURNING tf) SELECT coalesce(sum(tf), 0) FROM taken
"""
_DELETE_VECTORS = "DELETE FROM chunk_vectors WHERE chunk_id IN (SELECT id FROM chunks WHERE document_id = %s)"
_DELETE_CHUNKS = "DELETE FROM chunks WHERE document_id = %s"

# The row of the dataset is the one that all uploads to it share: it is locked last and for this statement only.
_COUNT = """
UPDATE datasets SET
    chunk_count = chunk_count + %(chunks)s,
    term_total = term_total + %(terms)s,
    languages = jsonb_strip_nulls(jsonb_set(languages, ARRAY[%(language)s], coalesce(to_jsonb(nullif(
        coalesce((languages ->> %(language)s)::int, 0) + %(chunks)s, 0)), 'null')))
WHERE id = %(dataset)s
"""


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk that is to be written, with its vector."""

    text: str
    section: str
    page: int | None
    token_count: int
    vector: Vector


def write_chunks(document: Document, chunks: Sequence[NewChunk], *, model_id: str, language: str) -> None:
    """Put `chunks` in the place of what the document had, as its next version; sets its fields, saves nothing else.

    `document` gets `version`, `chunk_count`, `term_total` and `language`; the caller saves it.
    """
    remove_chunks(document)
    document.version += 1
    ids = [uuid7() for _ in chunks]
    _copy_chunks(document, ids, chunks)
    _copy_vectors(document, zip(ids, (chunk.vector for chunk in chunks), strict=True), model_id)
    terms = 0
    for start in range(0, len(chunks), _ANALYSED_AT_ONCE):
        batch = slice(start, start + _ANALYSED_AT_ONCE)
        terms += _insert_postings(document, ids[batch], chunks[batch], language)
    document.chunk_count, document.term_total, document.language = len(chunks), terms, language
    document.analysis_version = VERSION
    if chunks:
        _add(document, chunks=len(chunks), terms=terms)


def remove_chunks(document: Document) -> None:
    """Delete the document's chunks, vectors and postings and take them out of the dataset's statistics.

    What counts is what was there, and not what the document says of itself: a wrong count must not keep it alive.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_POSTINGS, [document.pk])
        terms = int(cursor.fetchone()[0])
        cursor.execute(_DELETE_VECTORS, [document.pk])
        found = cursor.rowcount
        cursor.execute(_DELETE_CHUNKS, [document.pk])
    if found:
        _add(document, chunks=-found, terms=-terms)
    document.chunk_count, document.term_total = 0, 0


def analyse_again(document: Document, *, language: str) -> None:
    """Write the postings of the document's chunks anew, a batch at a time; sets its fields, saves nothing.

    `document` gets `language`, `term_total` and `analysis_version`; the caller, who holds its row locked, saves it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_POSTINGS, [document.pk])
        old = int(cursor.fetchone()[0])
    active = Chunk.objects.filter(document=document, version=document.version, is_active=True)
    count, terms, last = 0, 0, -1
    while batch := list(active.filter(seq__gt=last).order_by("seq")[:_ANALYSED_AT_ONCE]):
        terms += _insert_postings(document, [chunk.pk for chunk in batch], batch, language)
        count, last = count + len(batch), batch[-1].seq
    if count:
        _add(document, chunks=-count, terms=-old)
        document.language = language
        _add(document, chunks=count, terms=terms)
    document.language, document.term_total, document.analysis_version = language, terms, VERSION


def index_chunk(document: Document, chunk: Chunk, vector: Vector, *, model_id: str) -> None:
    """Let a chunk of the document be found; the caller saves the document's `chunk_count` and `term_total`."""
    written = NewChunk(chunk.text, chunk.section, chunk.page, chunk.token_count, vector)
    _copy_vectors(document, [(chunk.pk, vector)], model_id)
    terms = _insert_postings(document, [chunk.pk], [written], document.language)
    _count_one(document, sign=1, terms=terms)


def replace_vectors(document: Document, vectors: Sequence[tuple[uuid.UUID, Vector]], *, model_id: str) -> None:
    """Give chunks of the document their vectors by this model, in the place of those that they have by any."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chunk_vectors WHERE chunk_id = ANY(%s)", [[chunk_id for chunk_id, _ in vectors]])
    _copy_vectors(document, vectors, model_id)


def unindex_chunk(document: Document, chunk: Chunk) -> None:
    """Take away by what a chunk can be found; the caller saves the document's `chunk_count` and `term_total`."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chunk_vectors WHERE chunk_id = %s", [chunk.pk])
        cursor.execute(_TAKE_POSTINGS, [chunk.ref])
        terms = int(cursor.fetchone()[0])
    _count_one(document, sign=-1, terms=terms)


def _copy_chunks(document: Document, ids: Iterable[uuid.UUID], chunks: Sequence[NewChunk]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY_CHUNKS) as copy:
        for seq, (chunk_id, chunk) in enumerate(zip(ids, chunks, strict=True)):
            copy.write_row((
                chunk_id, document.pk, document.dataset_id, ref_of(chunk_id), document.version, seq,
                chunk.text, chunk.section, chunk.page, chunk.token_count,
            ))  # fmt: skip


def _copy_vectors(document: Document, vectors: Iterable[tuple[uuid.UUID, Vector]], model_id: str) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY_VECTORS) as copy:
        for chunk_id, vector in vectors:
            copy.write_row((chunk_id, document.dataset_id, model_id, literal(vector)))


def literal(vector: Vector) -> str:
    """Return a vector as PostgreSQL reads it; six digits are more than half a float holds."""
    return f"[{','.join(f'{number:.6g}' for number in vector)}]"


def _insert_postings(
    document: Document, ids: Sequence[uuid.UUID], chunks: Sequence[NewChunk | Chunk], language: str
) -> int:
    texts = [prepared(heading_and_text(chunk.section, chunk.text), language) for chunk in chunks]
    values: dict[str, Any] = {
        "dataset": str(document.dataset_id),
        "refs": [ref_of(chunk_id) for chunk_id in ids],
        "texts": [text.text for text in texts],
        "bare": [text.bare for text in texts],
        "config": configuration_of(language),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_POSTINGS, values)
        return int(cursor.fetchone()[0])


def _count_one(document: Document, *, sign: int, terms: int) -> None:
    _add(document, chunks=sign, terms=sign * terms)
    document.chunk_count += sign
    document.term_total += sign * terms


def _add(document: Document, *, chunks: int, terms: int) -> None:
    values: dict[str, Any] = {
        "dataset": document.dataset_id,
        "language": document.language,
        "chunks": chunks,
        "terms": terms,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
