"""Builds the graph index over a model's vectors once there are so many that reading them all takes too long."""

from __future__ import annotations

import hashlib

from django.db import connection, transaction
from django.db.models import Sum
from psycopg import sql

from datasets.candidates import EXACT_BELOW
from datasets.models import ChunkVector, Dataset

MOST_DIMENSIONS = 4000
# 64 MB, the default, takes twice as long at 50,000 rows
_MEMORY = "256MB"
_CREATE = sql.SQL(
    "CREATE INDEX IF NOT EXISTS {name} ON chunk_vectors USING hnsw ((embedding::halfvec({dims})) halfvec_cosine_ops) "
    "WHERE model_id = {model_id}"
)


def index_name(model_id: str) -> str:
    """Return the name of the model's index."""
    return f"chunk_vectors_graph_{hashlib.sha256(model_id.encode()).hexdigest()[:16]}"


def ensure(model_id: str, *, dims: int, from_rows: int = EXACT_BELOW) -> bool:
    """Build the model's index if the tenant has `from_rows` vectors of it and no index yet; True if it was built.

    Uploads of the tenant wait while it is built (half a minute at 50,000 rows), searches do not. In a
    transaction of its own, so that nothing is left of a build that was interrupted.
    """
    chunks = Dataset.objects.aggregate(total=Sum("chunk_count", default=0))["total"]
    if dims > MOST_DIMENSIONS or chunks < from_rows or exists(model_id):
        return False
    if ChunkVector.objects.filter(model_id=model_id).count() < from_rows:
        return False
    statement = _CREATE.format(
        name=sql.Identifier(index_name(model_id)), dims=sql.Literal(dims), model_id=sql.Literal(model_id)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [_MEMORY])
        cursor.execute(statement)
    return True


def exists(model_id: str) -> bool:
    """Whether the tenant in force has the model's index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [index_name(model_id)])
        return bool(cursor.fetchone()[0])
