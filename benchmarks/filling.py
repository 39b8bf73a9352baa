"""Fills a tenant with conversations as they would have come over a year, by statements: minutes instead of days.

Every conversation has two questions and two answers. Of the answers one in ten found nothing, one in fifty failed and
one in thirty was written by people; one in six is rated. Who asks what is made of hashes: two runs are alike.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.models import Tenant

DAYS = 400
BOTS = 4
VISITORS_PER_CONVERSATION = 0.6
TOPICS = (
    "returns", "delivery", "warranty", "invoices", "accounts", "privacy", "repairs", "gift cards", "opening hours",
    "discounts", "jobs", "parking", "newsletters", "sizes", "materials", "payment", "customs", "subscriptions",
)  # fmt: skip
WAYS = (
    "How do {0} work?", "Tell me about {0}.", "I have a question about {0}", "What should I know about {0}?",
    "Where do I find your {0} rules?", "Who is in charge of {0}?", "Can I get help with {0}?",
)  # fmt: skip

_CONVERSATIONS = """
CREATE TEMPORARY TABLE filled AS
SELECT n, now() - interval '1 day' * %(days)s * (1 - n::float8 / %(count)s) - interval '1 minute' AS at,
    (%(bots)s::uuid[])[1 + abs(hashint4(n)) %% array_length(%(bots)s::uuid[], 1)] AS bot,
    (ARRAY['widget', 'widget', 'widget', 'api', 'openai'])[1 + abs(hashint4(n + 1)) %% 5] AS channel,
    ('00000000-0000-4000-8000-' || lpad(to_hex(abs(hashint4(n + 2)) %% %(visitors)s), 12, '0'))::uuid AS visitor
FROM generate_series(1, %(count)s) AS n;
ALTER TABLE filled ADD id uuid;
UPDATE filled SET id = uuidv7(at - now());
INSERT INTO conversations (
    id, bot_id, title, channel, actor_type, actor_id, message_count, started_at, last_message_at, ended_at
) SELECT id, bot, 'Question ' || n, channel, 'visitor', visitor, 4, at, at + interval '1 minute', at FROM filled;
"""
_MESSAGES = """
CREATE TEMPORARY TABLE turns AS
SELECT filled.*, turn, uuidv7(at + interval '20 seconds' * turn - now()) AS question,
    uuidv7(at + interval '20 seconds' * turn + interval '1 second' - now()) AS answer,
    abs(hashint8(n * 7 + turn)) AS dice, n * 2 + turn AS number
FROM filled, generate_series(0, 1) AS turn;
INSERT INTO messages (id, conversation_id, seq, role, content, status, created_at)
SELECT question, id, turn * 2 + 1, 'user',
    replace((%(ways)s::text[])[1 + dice %% array_length(%(ways)s::text[], 1)], '{0}',
        (%(topics)s::text[])[1 + (dice / 16) %% array_length(%(topics)s::text[], 1)]),
    'complete', at + interval '20 seconds' * turn FROM turns;
INSERT INTO messages (
    id, conversation_id, seq, role, content, status, model, provider_name, citations, retrieval, first_token_ms,
    total_ms, reply_to_id, created_at
) SELECT answer, id, turn * 2 + 2, 'assistant', 'It takes ' || number %% 90 || ' days, as the handbook says [1].',
    CASE WHEN dice %% 50 = 3 THEN 'failed' ELSE 'complete' END, 'model-' || dice %% 2, 'Bench',
    CASE WHEN dice %% 10 = 1 THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
        'number', 1, 'document_id', (%(documents)s::uuid[])[1 + (dice / 64) %% array_length(%(documents)s::uuid[], 1)],
        'document', 'Handbook', 'page', 1, 'section', '', 'chunk_id', answer)) END,
    jsonb_build_object('has_evidence', dice %% 10 <> 1, 'passages', '[]'::jsonb),
    300 + (dice / 8) %% 1200, 1500 + (dice / 8) %% 6000, question,
    at + interval '20 seconds' * turn + interval '1 second' FROM turns;
"""
_USAGE = """
INSERT INTO usage (
    id, message_id, bot_id, channel, person, model, prompt_tokens, completion_tokens, estimated, cost, currency, day,
    asked_at, changed_at, outcome, opens, answered_by, has_evidence, cited, rating, first_token_ms, total_ms
) SELECT uuidv7(at - now()), answer, bot, channel,
    ('x' || left(md5('visitor:' || visitor), 16))::bit(64)::bigint & ~3, 'model-' || dice %% 2,
    400 + dice %% 900, 60 + dice %% 200, false, 0.0001 * (1 + dice %% 40), 'USD', (at AT TIME ZONE 'UTC')::date,
    at, at, CASE WHEN dice %% 50 = 3 THEN 'failed' ELSE 'complete' END, turn = 0,
    CASE WHEN dice %% 30 = 4 THEN 'curated' ELSE 'model' END, CASE WHEN dice %% 30 <> 4 THEN dice %% 10 <> 1 END,
    CASE WHEN dice %% 10 = 1 THEN '{}' ELSE
        ARRAY[(%(documents)s::uuid[])[1 + (dice / 64) %% array_length(%(documents)s::uuid[], 1)]] END,
    CASE dice %% 12 WHEN 0 THEN 1 WHEN 5 THEN -1 END, 300 + (dice / 8) %% 1200, 1500 + (dice / 8) %% 6000
FROM turns;
INSERT INTO feedback (id, message_id, rating, comment, actor_type, actor_id)
SELECT uuidv7(at - now()), answer, CASE dice %% 12 WHEN 0 THEN 1 ELSE -1 END, '', 'visitor', visitor
FROM turns WHERE dice %% 12 IN (0, 5);
DROP TABLE turns; DROP TABLE filled;
"""
_AFTERWARDS = "ANALYZE conversations; ANALYZE messages; ANALYZE usage; ANALYZE feedback"


@dataclass(frozen=True)
class Past:
    """A tenant with conversations, and what they were about."""

    tenant: Tenant
    dataset: uuid.UUID
    bots: list[uuid.UUID]


def tenant_with_past(*, conversations: int, documents: int) -> Past:
    """Migrate the database, make the tenant "bench", fill it, and print how long that took; Django is set up."""
    from django.core.management import call_command

    from bots.services import create_bot
    from datasets.models import Document
    from datasets.services import create_dataset
    from tenants.context import tenant_scope
    from tenants.services import provisioning
    from tenants.types import SYSTEM

    call_command("migrate", verbosity=0)
    tenant = provisioning.create_tenant(by=SYSTEM, name="Bench", slug="bench")
    with tenant_scope(tenant):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        bots = [create_bot(by=SYSTEM, name=f"Bot {n}", dataset_ids=[dataset.pk]).pk for n in range(BOTS)]
        made = Document.objects.bulk_create(
            Document(dataset=dataset, name=f"Part {n}", sha256=str(n), size_bytes=1, state="ready", version=1)
            for n in range(documents)
        )
        took = fill(bots=bots, documents=[one.pk for one in made], conversations=conversations)
    print(f"filled with {conversations} conversations in {took:.0f} s")
    return Past(tenant=tenant, dataset=dataset.pk, bots=bots)


def fill(*, bots: list[uuid.UUID], documents: list[uuid.UUID], conversations: int) -> float:
    """Fill the tenant in force with conversations with these bots, citing these documents; return the seconds."""
    from django.db import connection, transaction

    started = time.perf_counter()
    values: dict[str, Any] = {
        "count": conversations,
        "days": DAYS,
        "visitors": int(conversations * VISITORS_PER_CONVERSATION),
        "bots": bots,
        "documents": documents,
        "topics": list(TOPICS),
        "ways": list(WAYS),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statements in (_CONVERSATIONS, _MESSAGES, _USAGE):
            for statement in statements.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute(_AFTERWARDS)
    return time.perf_counter() - started
