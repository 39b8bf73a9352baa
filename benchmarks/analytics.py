"""Measures how quickly figures are had with a year of conversations in a tenant, over HTTP.

    python benchmarks/analytics.py                          # services of its own in a temporary folder
    python benchmarks/analytics.py --conversations 100000 --requests 40

Starts PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name some) and the product, fills a tenant with
conversations of four messages over 400 days, sums them up as the task does, and asks for each kind of figures for 30,
90 and 400 days, one request after the other. Prints the server's milliseconds (`X-Process-Time`); 1 when the slowest in
twenty takes more than 150. Everything it made is gone afterwards.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from served import served, server_ms

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PORT = 9303
TARGET_MS = 150
DOCUMENTS = 300
ROUTES = (
    "analytics?",
    "analytics?channel=widget&",
    "analytics/breakdown?by=day&",
    "analytics/breakdown?by=bot&",
    "analytics/breakdown?by=model&",
    "analytics/breakdown.csv?by=day&",
    "analytics/documents?",
    "analytics/documents?order=least&",
)


def main() -> int:
    """Measure and print; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40, help="of each kind")
    chosen = parser.parse_args()
    with served(PORT, lambda: _make_tenant(chosen.conversations)) as key:
        base = f"http://127.0.0.1:{PORT}/v1/tenant/"
        with httpx2.Client(base_url=base, headers={"authorization": f"Bearer {key}"}) as web:
            # The first one loads what it takes.
            web.get("analytics").raise_for_status()
            slowest = max(_measure(web, route, chosen.requests) for route in ROUTES)
    print(f"slowest p95 {slowest:.0f} ms, target {TARGET_MS} ms")
    return int(slowest > TARGET_MS)


def _measure(web: httpx2.Client, route: str, requests: int) -> float:
    worst = 0.0
    for days in (30, 90, 400):
        since = datetime.now(tz=UTC).date() - timedelta(days=days - 1)
        p50, p95 = server_ms(web, f"{route}since={since}", requests)
        print(f"{route.rstrip('?&'):32} {days:4} days   p50 {p50:5.0f} ms   p95 {p95:5.0f} ms")
        worst = max(worst, p95)
    return worst


def _make_tenant(conversations: int) -> str:
    """Migrate the database, make a tenant with a past, and return the plain text of a key of it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.settings"
    import django

    django.setup()
    from filling import tenant_with_past

    from chat.analytics.services.day_sums import sum_up
    from tenants.context import tenant_scope
    from tenants.enums import Scope
    from tenants.services import api_keys
    from tenants.types import SYSTEM

    tenant = tenant_with_past(conversations=conversations, documents=DOCUMENTS).tenant
    with tenant_scope(tenant):
        began = time.perf_counter()
        days = sum_up(tenant_id=tenant.pk)
        print(f"summed up {days} days in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        sum_up(tenant_id=tenant.pk)
        print(f"summed up what changed in {time.perf_counter() - began:.2f} s")
    return api_keys.create_api_key(by=SYSTEM, tenant=tenant, name="bench", scopes=[Scope.READ])[1]


if __name__ == "__main__":
    sys.exit(main())
