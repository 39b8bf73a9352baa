"""Measures how much of a conversation's prompts a vendor's cache holds, and whether the bill is what is booked.

    python benchmarks/cache.py                          # services of its own in a temporary folder
    python benchmarks/cache.py --turns 20 --instructions 1500

Starts PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name some), a fake vendor and the product; makes a bot
with long instructions and a dataset for each of the two ways in which vendors cache: OpenAI's, which keeps every prompt
by itself in steps of 128 tokens, and Anthropic's, which keeps what is marked. Has one conversation with each through
the API and prints, turn by turn, the tokens of the prompt and those read from the cache, and at the end what the vendor
bills and what the product has booked. 1 when a turn missed a part of the stable prefix, less than 58 % came from the
cache, or the two amounts differ.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
from chat_turns import ROOT, database, provide_services, start, wait_for

sys.path.insert(0, str(ROOT))

from providers.tests.fake_caching import STEP, stable_tokens, tokens_of
from providers.tests.fake_provider import FakeProvider

PORT = 9303
LEAST_SHARE = 0.58
ANSWER_TOKENS = 100
# Of each passage, which has 250 tokens then by the fake's count, with its heading
SENTENCES = 15
# By the vendors' lists of late 2026: GPT-4.1 and Claude Sonnet 4.6, US dollars per million tokens
PRICES = {
    "openai_compatible": {"input_price": "2", "output_price": "8", "cache_read_price": "0.50"},
    "anthropic": {
        "input_price": "3",
        "output_price": "15",
        "cache_read_price": "0.30",
        "cache_write_price": "3.75",
    },
}
THINGS = ("bags", "beds", "bikes", "books", "caps", "cars", "desks", "dogs", "lamps", "pens", "shoes", "toys")


@dataclass(frozen=True)
class Chat:
    """What it takes to ask a bot, and how its vendor is paid."""

    kind: str
    bot: str
    key: str


def main() -> int:
    """Measure and print; 1 when the cache or the bill is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--instructions", type=int, default=4000, help="tokens of the bot's instructions")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcms-bench-")))
        provide_services(stack, folder)
        dsn = stack.enter_context(database())
        vendor = stack.enter_context(FakeProvider.start())
        os.environ |= {"DATABASE_URL": dsn, "MEDIA_ROOT": str(folder / "media"), "EGRESS_PRIVATE_HOSTS": vendor.host}
        chats = _make_chats(vendor, chosen.instructions)
        start(stack, ["-m", "chatcms.server", "--port", str(PORT), "--log-level", "warning"], CHATCMS_PROCESS="web")
        wait_for("product", PORT)
        # Not one that gives up early: every turn is to be seen.
        results = [_converse(vendor, chat, chosen.turns) for chat in chats]
    return int(not all(results))


def _converse(vendor: FakeProvider, chat: Chat, turns: int) -> bool:
    """Have one conversation and print what became of it; return whether all is as it should be."""
    vendor.reset()
    print(f"{chat.kind}\n{'turn':>6} {'prompt':>8} {'stable':>8} {'cached':>8}")
    conversation, booked, is_whole = None, Decimal(0), True
    asked = cached = 0
    before: dict[str, Any] | None = None
    headers = {"authorization": f"Bearer {chat.key}"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{PORT}", headers=headers, timeout=60) as web:
        for turn in range(1, turns + 1):
            body = {"message": _question(turn), "stream": False}
            body |= {"conversation_id": conversation} if conversation else {}
            answer = web.post(f"/v1/chat/bots/{chat.bot}/messages", json=body).raise_for_status().json()
            conversation, usage, sent = answer["conversation_id"], answer["usage"], vendor.stats()["last_body"]
            stable = stable_tokens(before, sent) if before else 0
            # Left out where it is 0
            read = usage.get("cache_read_tokens", 0)
            is_whole &= read >= _cacheable(chat.kind, stable)
            before, asked, cached = sent, asked + usage["prompt_tokens"], cached + read
            booked += Decimal(usage["cost"])
            print(f"{turn:6} {usage['prompt_tokens']:8} {stable:8} {read:8}")
    bill = vendor.bill(PRICES[chat.kind])
    print(f"{cached / asked:6.1%} of {asked} tokens read from the cache; every turn read all that can be: {is_whole}")
    print(f"billed {bill:.8f} USD, booked {booked:.8f} USD\n")
    return is_whole and cached / asked >= LEAST_SHARE and bill == booked


def _cacheable(kind: str, stable: int) -> int:
    return stable if kind == "anthropic" else stable // STEP * STEP


def _question(turn: int) -> str:
    return f"How many days may one keep {THINGS[turn % len(THINGS)]} that one buys?"


def _make_chats(vendor: FakeProvider, instructions: int) -> list[Chat]:
    """Migrate the database and make a tenant with a dataset, an API key, and a bot for each kind of vendor."""
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
    model = f"tokens-{ANSWER_TOKENS}-cached"
    bots = []
    with tenant_scope(tenant):
        dataset = create_dataset(by=SYSTEM, name="Rules", chunk_tokens=250, chunk_overlap=0)
        file = ContentFile(_document().encode())
        upload_document(by=SYSTEM, dataset=dataset, name="rules.md", file=file)
        for kind, prices in PRICES.items():
            address = vendor.anthropic_url if kind == "anthropic" else vendor.openai_url
            listed = {"id": model, "context_tokens": 128_000, **prices}
            row = create_provider(
                by=SYSTEM, name=kind, provider_type=kind, api_key="x", config={"base_url": address, "models": [listed]}
            )
            bot = create_bot(
                by=SYSTEM,
                name=kind,
                tenant_ai_provider_id=row.pk,
                model=model,
                dataset_ids=[dataset.pk],
                system_prompt=_words(instructions),
            )
            bots.append((kind, bot.slug))
    run_due()
    _, key = api_keys.create_api_key(by=SYSTEM, tenant=tenant, name="bench", scopes=[Scope.CHAT])
    return [Chat(kind, slug, key) for kind, slug in bots]


def _words(count: int) -> str:
    """So many tokens of instructions."""
    text = " ".join(["Keep", "calm,", "help", "well,", "take", "care."] * (count // 6 + 1))
    return "".join(tokens_of(text)[:count])


def _document() -> str:
    """A passage on each of the things, which is one chunk each."""
    return "\n\n".join(
        f"# How many days one may keep {thing}\n\n" + " ".join(_sentences(thing, number))
        for number, thing in enumerate(THINGS)
    )


def _sentences(thing: str, number: int) -> list[str]:
    return [
        f"Customers everywhere may keep {thing} for {number + 14} days in different case {case}."
        for case in range(SENTENCES)
    ]


if __name__ == "__main__":
    sys.exit(main())
