"""Tests over real sockets: streams as a client reads them, readers who go away, and OpenAI's own clients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import openai
import orjson
import pytest
from asgiref.sync import sync_to_async

from chat.models import Message, Usage
from chat.tests.fixtures import MakeBot
from chatcms.tests.contract import check
from chatcms.tests.waiting import until
from datasets.models import Dataset
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Caller:
    """Someone with a key of acme."""

    server: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    async def events(self, bot: str = "guide", **body: object) -> AsyncIterator[tuple[str, str, Any]]:
        """Ask, and yield name, id and data of each event."""
        url = f"{self.server}/v1/chat/bots/{bot}/messages"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"message": "Why?", "stream": True} | body, headers=self.headers) as answer,
        ):
            assert answer.status == 200
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert answer.headers["x-accel-buffering"] == "no"
            buffer = b""
            async for piece in answer.content.iter_any():
                buffer += piece
                while b"\n\n" in buffer:
                    block, _, buffer = buffer.partition(b"\n\n")
                    if not block.startswith(b":"):
                        yield _parsed(block.decode())


def _parsed(block: str) -> tuple[str, str, Any]:
    found = re.fullmatch(r"event: (\w+)\nid: ([0-9a-f.]+)\ndata: (.*)", block)
    assert found is not None, block
    name, event_id, data = found[1], found[2], orjson.loads(found[3])
    check("ChatEvent", {"event": name, "id": event_id, "data": data})
    return name, event_id, data


@pytest.fixture
def caller(server: str, api_key: str) -> Caller:
    return Caller(server, api_key)


async def _saved(tenant: Tenant) -> list[Message]:
    def read() -> list[Message]:
        with tenant_scope(tenant):
            return list(Message.objects.filter(role="assistant"))

    return await sync_to_async(read)()


async def _ended(tenant: Tenant) -> list[Message]:
    """The answers, once none of them is being written any more."""
    saved = await _saved(tenant)
    return saved if all(message.status != "streaming" for message in saved) else []


async def test_a_stream_has_its_events_in_order_with_ids(
    caller: Caller, make_bot: MakeBot, handbook: Dataset, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("cite", dataset=handbook)

    events = [event async for event in caller.events(message="When may I return a purchase?")]

    names = [name for name, _, _ in events]
    assert names[:2] == ["conversation", "retrieval"]
    assert names[-2:] == ["usage", "done"]
    assert set(names[2:-2]) == {"delta", "citation"}
    assert len({number for _, number, _ in events}) == len(events)
    text = "".join(data["text"] for name, _, data in events if name == "delta")
    citations = [data for name, _, data in events if name == "citation"]
    assert citations[0]["document"] == "rules.txt"
    (saved,) = await _saved(acme)
    assert (saved.content, saved.status, str(saved.pk)) == (text, "complete", events[-1][2]["message_id"])
    assert [one["chunk_id"] for one in saved.citations] == [one["chunk_id"] for one in citations]


async def test_words_are_sent_as_they_come(caller: Caller, make_bot: MakeBot, fake: FakeProvider) -> None:
    await sync_to_async(make_bot)("step")
    words = []

    async for name, _, data in caller.events():
        if name == "delta":
            words.append(data["text"])
            # The provider says the next word only now: one that is held back until then would never come.
            await sync_to_async(fake.step)()

    assert len(words) == 8


async def test_asking_for_events_by_media_type_streams_too(caller: Caller, make_bot: MakeBot) -> None:
    await sync_to_async(make_bot)()
    url = f"{caller.server}/v1/chat/bots/guide/messages"
    headers = caller.headers | {"accept": "text/event-stream"}

    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"message": "Why?"}, headers=headers) as answer,
    ):
        assert answer.content_type == "text/event-stream"
        assert b"event: done" in await answer.read()


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("cut-5", "provider_stream_interrupted", 5),
        ("error-5", "provider_stream_interrupted", 5),
    ],
)
async def test_a_failure_in_a_stream_is_its_last_event(
    caller: Caller, make_bot: MakeBot, acme: Tenant, model: str, code: str, words: int
) -> None:
    await sync_to_async(make_bot)(model)

    events = [event async for event in caller.events()]

    name, _, problem = events[-1]
    assert (name, problem["code"], problem["incomplete"]) == ("error", code, True)
    assert problem["status"] >= 400
    (saved,) = await _saved(acme)
    assert (saved.status, saved.error_code, len(saved.content.split())) == ("failed", code, words)


async def test_a_reader_who_goes_away_stops_the_answer_which_is_kept_so_far(
    caller: Caller, make_bot: MakeBot, acme: Tenant, fake: FakeProvider
) -> None:
    await sync_to_async(make_bot)("step")
    await sync_to_async(fake.step)()  # two words, and no third before everybody has gone

    async def read_two_words() -> str:
        text = ""
        events = caller.events()
        async for name, _, data in events:
            text += data["text"] if name == "delta" else ""
            if len(text.split()) == 2:
                break
        await events.aclose()  # type: ignore[attr-defined]
        return text

    texts = await asyncio.gather(*(read_two_words() for _ in range(10)))

    await until(lambda: fake.stats()["open"] == 0)
    assert fake.stats()["aborted"] == 10
    saved = await until(lambda: _ended(acme), "the end of every answer")
    assert [message.status for message in saved] == ["stopped"] * 10
    assert all(message.content.startswith(texts[0]) for message in saved)

    def settled() -> list[tuple[bool, int]]:
        with tenant_scope(acme):
            return list(Usage.objects.values_list("estimated", "completion_tokens"))

    assert all(estimated and tokens for estimated, tokens in await sync_to_async(settled)())


async def test_a_reader_who_goes_away_before_the_first_word_leaves_nothing_open(
    caller: Caller, make_bot: MakeBot, acme: Tenant, fake: FakeProvider
) -> None:
    await sync_to_async(make_bot)("hang")
    for stream in (True, False):
        url = f"{caller.server}/v1/chat/bots/guide/messages"
        async with aiohttp.ClientSession(headers=caller.headers) as session:
            asking = asyncio.create_task(session.post(url, json={"message": "Why?", "stream": stream}))
            await until(lambda: fake.stats()["open"] == 1)
            if stream:
                (await asking).close()
            asking.cancel()
        await until(lambda: fake.stats()["open"] == 0)

    saved = await until(lambda: _ended(acme), "the end of every answer")
    assert [message.status for message in saved] == ["stopped", "stopped"]


def test_openais_client_streams_and_reads_whole_answers(caller: Caller, make_bot: MakeBot) -> None:
    make_bot("echo")
    client = openai.OpenAI(base_url=f"{caller.server}/v1", api_key=caller.key, max_retries=0)
    messages: Any = [{"role": "user", "content": "Grüße an alle"}]

    whole = client.chat.completions.create(model="guide", messages=messages)
    chunks = list(
        client.chat.completions.create(
            model="guide", messages=messages, stream=True, stream_options={"include_usage": True}
        )
    )

    assert whole.choices[0].message.content == "Grüße an alle"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == "Grüße an alle"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert [model.id for model in client.models.list()] == ["guide"]
    assert client.models.retrieve("guide").object == "model"


async def test_openais_asynchronous_client_streams(caller: Caller, make_bot: MakeBot) -> None:
    await sync_to_async(make_bot)("echo")
    messages: Any = [{"role": "user", "content": "One two"}]

    async with openai.AsyncOpenAI(base_url=f"{caller.server}/v1", api_key=caller.key) as client:
        stream = await client.chat.completions.create(model="guide", messages=messages, stream=True)
        chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "One two"
    assert all(chunk.usage is None for chunk in chunks)


def test_openais_client_raises_its_own_errors(caller: Caller, make_bot: MakeBot) -> None:
    make_bot("fail-429")
    make_bot("cut-5", name="Broken")
    messages: Any = [{"role": "user", "content": "Why?"}]

    def client(key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{caller.server}/v1", api_key=key, max_retries=0)

    with pytest.raises(openai.AuthenticationError):
        client("cms_live_wrong").models.list()
    with pytest.raises(openai.NotFoundError):
        client(caller.key).chat.completions.create(model="nobody", messages=messages)
    with pytest.raises(openai.BadRequestError):
        client(caller.key).chat.completions.create(model="guide", messages=messages, n=2)
    with pytest.raises(openai.RateLimitError):
        client(caller.key).chat.completions.create(model="guide", messages=messages, stream=True)
    with pytest.raises(openai.APIError, match="part"):
        list(client(caller.key).chat.completions.create(model="broken", messages=messages, stream=True))


async def test_the_bytes_of_a_completions_stream_end_as_openais_do(caller: Caller, make_bot: MakeBot) -> None:
    await sync_to_async(make_bot)("echo")
    body = {"model": "guide", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}

    async with (
        aiohttp.ClientSession(headers=caller.headers) as session,
        session.post(f"{caller.server}/v1/chat/completions", json=body) as answer,
    ):
        blocks = (await answer.read()).split(b"\n\n")

    assert blocks[-2:] == [b"data: [DONE]", b""]
    assert all(block.startswith(b"data: ") and b"\n" not in block for block in blocks[:-1])
    first, last = orjson.loads(blocks[0][6:]), orjson.loads(blocks[-3][6:])
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert first["choices"][0]["finish_reason"] is None
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "stop")
    assert last["chatcms"]["citations"] == []


async def test_the_api_keeps_its_headers_on_the_lean_path(caller: Caller) -> None:
    origin = {"origin": "http://localhost:3000"}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{caller.server}/v1/chat/bots", headers=caller.headers | origin) as answer:
            assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert float(answer.headers["x-process-time"]) > 0
            assert answer.headers["x-request-id"]
            assert "set-cookie" not in answer.headers
        preflight = origin | {"access-control-request-method": "POST"}
        async with session.options(f"{caller.server}/v1/chat/completions", headers=preflight) as answer:
            assert answer.status == 200
            assert "POST" in answer.headers["access-control-allow-methods"]
        async with session.get(f"{caller.server}/v1/chat/bots", headers={"host": "evil.example"}) as answer:
            assert answer.status == 400
