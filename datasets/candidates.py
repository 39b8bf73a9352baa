"""The one SQL statement that finds candidates: BM25 over the postings, and the nearest vectors of each model."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from datasets.analysis import codes_of, lexeme_sql, prepared, term_sql, without_asking
from datasets.fusion import Candidate
from datasets.indexing import literal
from datasets.languages import configuration_of
from datasets.types import SearchedModel, SearchPlan, Vector

DEPTH = 100
# Below this number of chunks reading all vectors is exact and quick: .7 ms for each thousand. Above it the graph
# index is asked: 3 ms at 20,000, with the same ten passages for each of 100 questions.
EXACT_BELOW = 10_000
EF_SEARCH = 200

# A dataset of a few chunks says nothing about which words are rare: of how many chunks it is then taken for one.
MANY = 1000
# A code that more chunks hold than this tells them apart no more.
FEW = 10

_K1, _B = 1.2, 0.75  # and so a word counts for up to 2.2 times its weight

# A word of the question is what stands at one place of it: the lexemes that it becomes by the grammar of each language
# of the datasets, with its accents and without. A chunk has the word if it has one of them. Words that the language of
# the question leaves out, which comes first, are left out.
_FORMS = f"""
question AS MATERIALIZED (
    SELECT row_number() OVER () AS i, lexemes FROM (
        SELECT DISTINCT array_agg(DISTINCT lexeme ORDER BY lexeme) AS lexemes FROM (
            SELECT form.number, place, CASE WHEN form.config = 'simple'::regconfig THEN t.lexeme
                ELSE {lexeme_sql("t.lexeme")} END AS lexeme
            FROM unnest(%(configs)s::regconfig[], %(questions)s::text[]) WITH ORDINALITY AS form (config, text, number),
            LATERAL unnest(to_tsvector(form.config, form.text)) AS t, LATERAL unnest(t.positions) AS place
        ) AS forms GROUP BY place HAVING min(number) = 1
    ) AS words
)"""  # noqa: S608 - built from constants
_MATCHES = f"""
    SELECT q.i, p.chunk_ref, p.tf, p.length
    FROM question AS q CROSS JOIN unnest(%(datasets)s::uuid[]) AS d (id) CROSS JOIN unnest(q.lexemes) AS l (lexeme)
    JOIN chunk_terms AS p ON p.term = {term_sql(dataset="d.id", lexeme="l.lexeme")}
"""  # noqa: S608 - built from constants
_HITS = f"hits AS MATERIALIZED ({_MATCHES})"
# Where a word has several forms, a chunk may have two of them, and has the word once all the same.
_HITS_BY_FORMS = f"""
matches AS MATERIALIZED ({_MATCHES}), hits AS MATERIALIZED (
    SELECT i, chunk_ref, max(tf) AS tf, max(length) AS length FROM matches GROUP BY i, chunk_ref
)"""  # noqa: S608 - built from constants
_SCORES = f"""
weights AS MATERIALIZED (
    SELECT i, (is_code AND n BETWEEN 1 AND least({FEW}, greatest(%(chunks)s / 10.0, 1))) AS is_code,
        ln(1 + (greatest(%(chunks)s - n, 0) + 0.5) / (n + 0.5)) AS weight,
        ln(1 + (greatest(%(many)s - n, 0) + 0.5) / (greatest(n, 1) + 0.5)) AS share
    FROM (
        SELECT q.i, bool_or(q.lexemes && %(codes)s::text[]) AS is_code, count(h.i)::float8 AS n
        FROM question AS q LEFT JOIN hits AS h USING (i) GROUP BY q.i
    ) AS counted
), scored AS MATERIALIZED (
    SELECT h.chunk_ref, sum(w.share) AS matched, bool_or(w.is_code) AS is_named,
        sum(w.weight * h.tf * {_K1 + 1}::float8
            / (h.tf + {_K1}::float8 * ({1 - _B}::float8 + {_B}::float8 * h.length / %(length)s::float8))) AS bm25
    FROM hits AS h JOIN weights AS w USING (i) GROUP BY h.chunk_ref
), lexical AS MATERIALIZED (
    SELECT chunk_ref, row_number() OVER (ORDER BY bm25 DESC, chunk_ref) AS rank
    FROM (SELECT * FROM scored ORDER BY bm25 DESC, chunk_ref LIMIT {DEPTH}) AS best
)"""  # noqa: S608 - built from constants

_DENSE = """
dense_{leg} AS MATERIALIZED (
    SELECT chunk_id, 1 - distance AS similarity, row_number() OVER (ORDER BY distance, chunk_id) AS rank
    FROM (
        SELECT chunk_id, {column} <=> %(vector_{leg})s::halfvec({dims}) AS distance FROM chunk_vectors
        WHERE dataset_id = ANY(%(datasets_{leg})s::uuid[]) AND model_id = %(model_{leg})s
        ORDER BY {column} <=> %(vector_{leg})s::halfvec({dims}) LIMIT {depth}
    ) AS nearest
)"""

# Each candidate gets its score by either leg, not only by the one that found it. Where several models embedded the
# chunks, each is a candidate of the leg of its own model, and those that none of them embedded are found by words.
_FOUND = """
SELECT c.id, {leg} AS leg, coalesce(d.similarity, 1 - (v.embedding <=> %(vector_{leg})s::halfvec({dims}))), d.rank,
    l.rank, coalesce(s.bm25, 0), coalesce(s.matched / nullif((SELECT sum(share) FROM weights), 0), 0),
    coalesce(s.bm25 / nullif((SELECT sum(weight) FROM weights) * 2.2, 0), 0), coalesce(s.is_named, false)
FROM (
    SELECT chunk_id AS id FROM dense_{leg} UNION SELECT chunks.id FROM lexical JOIN chunks ON ref = chunk_ref
) AS found
JOIN chunks AS c USING (id) JOIN documents ON documents.id = c.document_id AND documents.version = c.version
{join} chunk_vectors AS v ON v.chunk_id = c.id AND v.model_id = %(model_{leg})s
LEFT JOIN dense_{leg} AS d ON d.chunk_id = c.id LEFT JOIN lexical AS l ON l.chunk_ref = c.ref
LEFT JOIN scored AS s ON s.chunk_ref = c.ref
WHERE c.is_active AND c.dataset_id = ANY(%(datasets_{leg})s::uuid[])"""

_FOUND_BY_WORDS = """
SELECT c.id, NULL::int AS leg, NULL::float8, NULL::bigint, l.rank, s.bm25,
    coalesce(s.matched / nullif((SELECT sum(share) FROM weights), 0), 0),
    coalesce(s.bm25 / nullif((SELECT sum(weight) FROM weights) * 2.2, 0), 0), s.is_named
FROM lexical AS l JOIN chunks AS c ON c.ref = l.chunk_ref
JOIN documents ON documents.id = c.document_id AND documents.version = c.version
JOIN scored AS s ON s.chunk_ref = c.ref
WHERE c.is_active AND c.dataset_id = ANY(%(datasets)s::uuid[]) AND NOT EXISTS (
    SELECT FROM chunk_vectors AS v WHERE v.chunk_id = c.id AND v.model_id = ANY(%(models)s)
)"""

_PLACES = """
SELECT c.id, c.document_id, d.name, c.dataset_id, c.page, c.section, c.text, d.source_url
FROM chunks AS c JOIN documents AS d ON d.id = c.document_id WHERE c.id = ANY(%(chunks)s::uuid[])"""


class Place(NamedTuple):
    """A chunk's text and where it stands."""

    chunk_id: uuid.UUID
    document_id: uuid.UUID
    document_name: str
    dataset_id: uuid.UUID
    page: int | None
    section: str
    text: str
    url: str


def find(
    plan: SearchPlan, question: str, legs: Sequence[tuple[SearchedModel, Vector]], *, language: str
) -> list[Candidate]:
    """Return what the words and each model of `legs` find, at most `DEPTH` each. One statement, one visit.

    `language` is the question's; the words are those of every language of the plan as well.
    """
    forms = _forms(question, language, plan.languages)
    parameters: dict[str, Any] = {
        "configs": [config for config, _ in forms],
        "questions": [text for _, text in forms],
        "codes": codes_of(question, language),
        "datasets": list(plan.dataset_ids),
        "chunks": plan.chunk_count,
        "many": max(plan.chunk_count, MANY),
        "length": max(plan.term_total / max(plan.chunk_count, 1), 1.0),
        "models": [searched.embedding.model_id for searched, _ in legs],
    }
    parts, found = [_FORMS, _HITS_BY_FORMS if len(forms) > 1 else _HITS, _SCORES], []
    is_of_one = len(legs) == 1 and set(plan.dataset_ids) == set(legs[0][0].dataset_ids)
    for leg, (searched, vector) in enumerate(legs):
        dims = len(vector)
        column = "embedding" if _is_exact(searched) else f"(embedding::halfvec({dims}))"
        parts.append(_DENSE.format(leg=leg, column=column, dims=dims, depth=DEPTH))
        found.append(_FOUND.format(leg=leg, dims=dims, join="LEFT JOIN" if is_of_one else "JOIN"))
        parameters[f"vector_{leg}"] = literal(vector)
        parameters[f"datasets_{leg}"] = list(searched.dataset_ids)
        parameters[f"model_{leg}"] = searched.embedding.model_id
    if not is_of_one:
        found.append(_FOUND_BY_WORDS)
    statement = f"WITH {','.join(parts)}\n{' UNION ALL '.join(found)}"
    if all(_is_exact(searched) for searched, _ in legs):
        with connection.cursor() as cursor:
            return [Candidate(*row) for row in cursor.fetch_prepared(statement, parameters)]
    with transaction.atomic():
        # Local to this transaction: the session goes back to a pool.
        _rows(
            "SELECT set_config('hnsw.ef_search', %(ef)s, true), set_config('hnsw.iterative_scan', %(scan)s, true)",
            {"ef": str(EF_SEARCH), "scan": "relaxed_order"},
        )
        return [Candidate(*row) for row in _rows(statement, parameters)]


def _forms(question: str, language: str, spoken: Iterable[str]) -> list[tuple[str, str]]:
    """Return the configurations by which the question is analysed, and as which text, its own language's first."""
    about = without_asking(question, language)
    forms: dict[tuple[str, str], None] = {}
    for one in (language, *sorted(spoken)):
        text = prepared(about, one)
        for form in (text.text, text.bare):
            if form is not None:
                forms[configuration_of(one), form] = None
    return list(forms)


def places(chunk_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """Return each chunk's text and where it stands, by its id; those deleted since are not in it."""
    return {row[0]: Place(*row) for row in _rows(_PLACES, {"chunks": list(chunk_ids)})}


def _is_exact(searched: SearchedModel) -> bool:
    return searched.chunk_count < EXACT_BELOW


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
