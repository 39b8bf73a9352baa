"""Measures how quickly the portal's pages are had with a year of conversations in a tenant.

    python benchmarks/portal.py                          # services of its own in a temporary folder
    python benchmarks/portal.py --conversations 100000 --requests 40

Starts PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name some) and the product, fills a tenant with
conversations of four messages over 400 days, of which one in five hundred waits for a person or has one, with 300
documents and as many lines of audit as conversations. Asks for each page and filter, one request after the other.
Prints the server's milliseconds (`X-Process-Time`); 1 when the slowest in twenty of a page other than the figures takes
more than 150. Everything it made is gone afterwards.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
from served import served, server_ms

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PORT = 9304
TARGET_MS = 150
DOCUMENTS = 300
ONE_IN = 500
INBOX = "conversations/"
PAGES = (
    "",
    "bots/",
    "bots/{bot}/",
    "datasets/",
    "datasets/{dataset}/",
    "datasets/{dataset}/?state=failed",
    "datasets/{dataset}/qa/",
    INBOX,
    f"{INBOX}?bot={{bot}}",
    f"{INBOX}?channel=api",
    f"{INBOX}?handling=requested",
    f"{INBOX}?handling=person",
    f"{INBOX}?unanswered=on",
    f"{INBOX}?failed=on",
    f"{INBOX}?rating=down",
    f"{INBOX}?rating=down&unanswered=on&bot={{bot}}",
    f"{INBOX}?ended=no",
    f"{INBOX}?since={{since}}&until={{until}}",
    f"{INBOX}?search=warranty",
    f"{INBOX}?search=parking+rules",
    f"{INBOX}?search=nothingofthatkind",
    f"{INBOX}?search=newsletters&handling=requested",
    f"{INBOX}feedback/",
    f"{INBOX}feedback/?rating=down&corrected=no",
    f"{INBOX}{{conversation}}/",
    "settings/providers/",
    "settings/members/",
    "settings/keys/",
    "settings/webhooks/",
    "settings/domains/",
    "settings/budgets/",
    "settings/exports/",
    "settings/security/",
    "settings/audit/",
    "settings/audit/?action=bench.3",
)
# Sums of many days and not a list: told, and not judged. benchmarks/analytics.py has them one by one.
FIGURES = (
    "analytics/",
    "analytics/?since={quarter}&until={until}",
    "analytics/?since={year}&until={until}",
)


@dataclass(frozen=True)
class Filled:
    """What it takes to look at the tenant's pages."""

    cookie: tuple[str, str]
    dataset: str
    bot: str
    conversation: str
    since: str
    quarter: str
    year: str
    until: str


def main() -> int:
    """Measure and print; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40, help="of each kind")
    parser.add_argument("--only", default="", help="pages whose address begins so")
    chosen = parser.parse_args()
    with served(PORT, lambda: _make_tenant(chosen.conversations)) as filled:
        name, value = filled.cookie
        base = f"http://127.0.0.1:{PORT}/t/bench/"
        with httpx2.Client(base_url=base, headers={"cookie": f"{name}={value}", "accept": "text/html"}) as web:
            # The first one loads what it takes.
            web.get("").raise_for_status()
            took = {
                page: _measure(web, page, filled, chosen.requests)
                for page in (*PAGES, *FIGURES)
                if page.startswith(chosen.only)
            }
            slowest = max(p95 for page, p95 in took.items() if page not in FIGURES)
    print(f"slowest p95 {slowest:.0f} ms, target {TARGET_MS} ms")
    return int(slowest > TARGET_MS)


def _measure(web: httpx2.Client, page: str, filled: Filled, requests: int) -> float:
    address = page.format_map(vars(filled))
    assert "<main" in web.get(address).text
    p50, p95 = server_ms(web, address, requests)
    print(f"{page or '(dashboard)':56} p50 {p50:5.0f} ms   p95 {p95:5.0f} ms")
    return p95


def _make_tenant(conversations: int) -> Filled:
    """Migrate the database, make a tenant with a past and an owner, and return a session of theirs."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.utils import timezone
    from filling import tenant_with_past

    from chat.analytics.services.day_sums import sum_up
    from chat.models import Conversation
    from tenants.context import tenant_scope
    from tenants.enums import Role
    from tenants.models import Membership, User

    past = tenant_with_past(conversations=conversations, documents=DOCUMENTS)
    user = User.objects.create_user("owner@bench.example", "correct horse battery", name="Ann")
    Membership.objects.create(user=user, tenant=past.tenant, role=Role.OWNER)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_log (id, at, tenant_id, action, actor_type, actor_label, target_type, target_id, "
            "target_label, detail, request_id) "
            "SELECT uuidv7(interval '-1 minute' * n), now() - interval '1 minute' * n, %s, 'bench.' || n %% 7, "
            "'user', 'owner@bench.example', 'bot', n, 'Bot', '{}', '' FROM generate_series(1, %s) AS n",
            [past.tenant.pk, conversations],
        )
        cursor.execute("ANALYZE audit_log")
    with tenant_scope(past.tenant):
        sum_up(tenant_id=past.tenant.pk)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE conversations SET ended_at = NULL, requested_at = last_message_at, taken_by_name = 'Ann', "
                "handling = CASE abs(hashtext(id::text)) %% 2 WHEN 0 THEN 'requested' ELSE 'person' END "
                "WHERE abs(hashtext(id::text)) %% %s = 0",
                [ONE_IN],
            )
            cursor.execute("ANALYZE conversations")
        conversation = Conversation.objects.order_by("-last_message_at")[0].pk
    client = Client()
    client.force_login(user)
    today = timezone.now().date()
    return Filled(
        cookie=(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value),
        dataset=str(past.dataset),
        bot=str(past.bots[0]),
        conversation=str(conversation),
        since=today.replace(day=1).isoformat(),
        quarter=(today - timedelta(days=89)).isoformat(),
        year=(today - timedelta(days=364)).isoformat(),
        until=today.isoformat(),
    )


if __name__ == "__main__":
    sys.exit(main())
