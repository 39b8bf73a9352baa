"""Show 4: a hundred streams of eight seconds on a pool of eight connections."""

from __future__ import annotations

import asyncio

import aiohttp
import psutil
import pytest
from asgiref.sync import sync_to_async

from chat.models import Message
from chat.tests.fixtures import MakeBot
from chatcms.tests import live
from chatcms.tests.waiting import delay
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant

STREAMS = 100
MOST_THREADS = 40


@pytest.mark.django_db(transaction=True)
async def test_a_hundred_long_streams_share_eight_connections_and_hold_no_threads(
    make_bot: MakeBot, api_key: str, acme: Tenant, fake: FakeProvider
) -> None:
    # Eight tokens a second apart are seven seconds and more.
    await sync_to_async(make_bot)("slow-1000")
    threads: list[int] = []

    async def ask(session: aiohttp.ClientSession, url: str) -> bool:
        async with session.post(url, json={"message": "Why?", "stream": True}) as answer:
            return answer.status == 200 and b"event: done" in await answer.read()

    async def watch(port: int) -> None:
        while True:
            threads.append(_threads_of(port))
            await delay(1)

    extra = {"EGRESS_PRIVATE_HOSTS": fake.host, "DB_POOL_SIZE": "8"}
    with live.web_server(extra=extra) as address:
        watching = asyncio.create_task(watch(int(address.rpartition(":")[2])))
        connector = aiohttp.TCPConnector(limit=0)
        headers = {"authorization": f"Bearer {api_key}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            url = f"{address}/v1/chat/bots/guide/messages"
            whole = await asyncio.gather(*(ask(session, url) for _ in range(STREAMS)))
        watching.cancel()

    assert whole == [True] * STREAMS
    assert max(threads) < MOST_THREADS

    def complete() -> int:
        with tenant_scope(acme):
            return Message.objects.filter(role="assistant", status="complete").count()

    assert await sync_to_async(complete)() == STREAMS


def _threads_of(port: int) -> int:
    listening = [one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port]
    return psutil.Process(listening[0]).num_threads() if listening and listening[0] else 0
