"""Measures chat turns a second against the floor: retrieval, storage, 64 streamed tokens, many at once.

    python benchmarks/chat_turns.py                     # services of its own in a temporary folder
    python benchmarks/chat_turns.py --requests 400 --concurrency 20 --rounds 3 --workers 1

Starts PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name some), the fake provider, `floor.py` and the
product; makes a tenant with documents, a bot and an API key; asks both in alternating rounds and prints turns a
second, their ratio, and the time to the first word. Everything it made is gone afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from load import Target, measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatcms.runtime.services import start_services, stop_services  # noqa: E402 - found by the line above
from providers.adapters.local.install_model import install  # noqa: E402

QUESTION = "How long may a customer return a purchase, and who pays for the way back?"
FLOOR_PORT, PRODUCT_PORT = 9301, 9302
START_SECONDS = 120
MODEL = ROOT / "var" / "models" / "all-MiniLM-L6-v2"
TOPICS = ("returns", "delivery", "warranty", "invoices", "accounts", "privacy", "repairs", "gift cards")


@dataclass(frozen=True)
class Chat:
    """What it takes to ask the product."""

    bot: str
    key: str


def main() -> int:
    """Measure and print; 1 when an answer was missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400, help="per round")
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1, help="processes of the product")
    parser.add_argument("--documents", type=int, default=40)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcms-bench-")))
        provide_services(stack, folder)
        dsn = stack.enter_context(database())
        os.environ |= {"DATABASE_URL": dsn, "MEDIA_ROOT": str(folder / "media"), "EGRESS_PRIVATE_HOSTS": "*"}
        provider = _fake_provider(stack)
        chat = _make_chat(provider, chosen.documents)
        targets = [_floor(stack, dsn, provider), _product(stack, chat, chosen.workers)]
        for target, port in zip(targets, (FLOOR_PORT, PRODUCT_PORT), strict=True):
            wait_for(target.name, port)
        asyncio.run(measure(targets, requests=chosen.requests, concurrency=chosen.concurrency, rounds=chosen.rounds))
    _report(*targets)
    return int(any(target.failures for target in targets))


def _report(floor: Target, product: Target) -> None:
    for target in (floor, product):
        first, whole = target.milliseconds(target.first_word), target.milliseconds(target.whole)
        answers = len(target.whole)
        print(f"{target.name:8} {target.rate:7.1f} turns/s   first word {first}   whole {whole}   {answers} answers")
        for failure, count in target.failures.most_common():
            print(f"{'':8} {count} x {failure}")
    print(f"product / floor: {product.rate / floor.rate:.0%}")


def provide_services(stack: ExitStack, folder: Path) -> None:
    """Name services in the environment; start those that it does not name, which end before their `folder` goes.

    The model is the checkout's own.
    """
    os.environ.setdefault("LOCAL_MODEL_DIR", str(MODEL))
    install(Path(os.environ["LOCAL_MODEL_DIR"]))
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    services = start_services(folder / "var", durable=False)
    stack.callback(stop_services, services)
    os.environ.update(services.environment)


@contextmanager
def database() -> Iterator[str]:
    """A database of its own on the server that DATABASE_URL names; gone afterwards."""
    url = os.environ["DATABASE_URL"]
    base, _, query = url.partition("?")
    name = f"chatcms_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    for attempt in range(20):
        try:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        except psycopg.errors.InsufficientPrivilege:
            # Autovacuum is at work in it, and may not be ended by us.
            time.sleep(attempt / 2)
        else:
            return


def start(stack: ExitStack, argv: list[str], **environment: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, *argv], cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    stack.callback(process.wait, timeout=20)
    stack.callback(process.terminate)
    return process


def _fake_provider(stack: ExitStack) -> str:
    process = start(stack, ["-m", "providers.tests.fake_provider", "--port", "0", "--tokens", "64"])
    assert process.stdout is not None
    return f"http://127.0.0.1:{int(process.stdout.readline().split()[1])}/v1"


def _floor(stack: ExitStack, dsn: str, provider: str) -> Target:
    upstream = f"{provider}/chat/completions"
    start(stack, ["benchmarks/floor.py", "--port", str(FLOOR_PORT), "--dsn", dsn, "--upstream", upstream])
    body = json.dumps({"model": "fake", "stream": True, "messages": [{"role": "user", "content": QUESTION}]})
    return Target("floor", f"http://127.0.0.1:{FLOOR_PORT}/", body.encode(), {"content-type": "application/json"})


def _product(stack: ExitStack, chat: Chat, workers: int) -> Target:
    argv = ["-m", "chatcms.server", "--port", str(PRODUCT_PORT), "--workers", str(workers)]
    start(stack, [*argv, "--log-level", "warning"], CHATCMS_PROCESS="web")
    headers = {"content-type": "application/json", "authorization": f"Bearer {chat.key}"}
    body = json.dumps({"message": QUESTION, "stream": True}).encode()
    return Target("product", f"http://127.0.0.1:{PRODUCT_PORT}/v1/chat/bots/{chat.bot}/messages", body, headers)


def wait_for(name: str, port: int) -> None:
    """Wait until the server listens, which it does when it is ready; the floor fills its table first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{name} did not start")


def _make_chat(provider: str, documents: int) -> Chat:
    """Migrate the database and make a tenant with a dataset of `documents`, a bot and an API key."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.settings"
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from bots.services import create_bot
    from chatcms.jobs.runner import run_due
    from datasets.services import create_dataset, upload_document
    from providers.services import create_provider
    from tenants.context import tenant_scope
    from tenants.enums import Scope
    from tenants.services import api_keys, provisioning
    from tenants.types import SYSTEM

    call_command("migrate", verbosity=0)
    tenant = provisioning.create_tenant(by=SYSTEM, name="Bench", slug="bench")
    with tenant_scope(tenant):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        for number in range(documents):
            file = ContentFile(_document(number).encode())
            upload_document(by=SYSTEM, dataset=dataset, name=f"part-{number}.md", file=file)
        row = create_provider(
            by=SYSTEM, name="Fake", provider_type="openai_compatible", config={"base_url": provider}, api_key="x"
        )
        bot = create_bot(by=SYSTEM, name="Bench", tenant_ai_provider_id=row.pk, model="fake", dataset_ids=[dataset.pk])
    run_due()
    _, key = api_keys.create_api_key(by=SYSTEM, tenant=tenant, name="bench", scopes=[Scope.CHAT])
    return Chat(bot.slug, key)


def _document(number: int) -> str:
    topic = TOPICS[number % len(TOPICS)]
    parts = [f"# Part {number}: {topic}\n"]
    for section in range(6):
        parts.append(f"## Section {section} on {topic}\n")
        parts.append(
            f"Rule {number}.{section} on {topic}: a customer may return a purchase within {number + 14} days. "
            f"The shop pays for the way back when the fault is ours; case {section} of {topic} needs a receipt. " * 6
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
