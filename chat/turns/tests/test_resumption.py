"""Coming back to an answer, stopping it and asking for it twice: with real web processes, one of which is killed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
import psutil
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from bots.models import Bot
from chat.models import Conversation, Message, Usage
from chat.tests.fixtures import MakeBot
from chat.turns.services.abandonment import fail_abandoned
from chatcms.tests import live
from chatcms.tests.waiting import delay, settle, until
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = 8
QUESTION = {"message": "Why?", "stream": True}


@contextmanager
def mortal_server(fake: FakeProvider) -> Iterator[tuple[str, int]]:
    """Another web process, with its number, so that it can be killed."""
    with live.web_server(extra={"EGRESS_PRIVATE_HOSTS": fake.host}) as address:
        port = int(address.rpartition(":")[2])
        listening = (one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
        yield address, next(int(one.pid or 0) for one in listening if one.laddr.port == port)


@dataclass
class Got:
    """What a client has put together from the events, as the documentation tells it to."""

    text: str = ""
    last_id: str = ""
    names: list[str] = field(default_factory=list)
    first: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)

    def take(self, name: str, event_id: str, data: dict[str, Any]) -> None:
        self.names.append(name)
        self.last_id, self.last = event_id, data
        if name == "conversation":
            self.first = data
        elif name == "reset":
            self.text = ""
        elif name == "delta":
            self.text += data["text"]

    @property
    def message_id(self) -> str:
        return str(self.first["message_id"])


@dataclass(frozen=True)
class Client:
    """Someone with a key of acme."""

    key: str

    async def ask(
        self,
        server: str,
        got: Got,
        *,
        words: int = 0,
        victim: int | None = None,
        key: str = "",
        bot: str = "guide",
        **body: Any,
    ) -> None:
        """Ask and read until so many words have come, or to the end.

        `victim` is a process that is killed then, while it still believes that it has a reader.
        """
        headers = {"idempotency-key": key} if key else {}
        url = f"{server}/v1/chat/bots/{bot}/messages"
        await self._read("POST", url, got, words, headers, QUESTION | body, victim)

    async def come_back(self, server: str, got: Got, *, words: int = 0) -> None:
        """Read on from the last event."""
        headers = {"last-event-id": got.last_id}
        await self._read("GET", f"{server}/v1/chat/messages/{got.message_id}/events", got, words, headers, None)

    async def post(self, url: str, *, key: str = "", **body: Any) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Send a request; return status, document and headers."""
        headers = self.headers | ({"idempotency-key": key} if key else {})
        async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
            return answer.status, orjson.loads(await answer.read()), answer.headers

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    async def _read(
        self,
        method: str,
        url: str,
        got: Got,
        words: int,
        headers: dict[str, str],
        body: Any,
        victim: int | None = None,
    ) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body, headers=self.headers | headers) as answer,
        ):
            assert answer.status == 200, await answer.text()
            async for name, event_id, data in _events(answer):
                got.take(name, event_id, data)
                if words and len(got.text.split()) >= words:
                    if victim is not None:
                        psutil.Process(victim).kill()
                    return


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
    buffer = b""
    async for piece in answer.content.iter_any():
        buffer += piece
        while b"\n\n" in buffer:
            block, _, buffer = buffer.partition(b"\n\n")
            found = re.fullmatch(r"event: (\w+)\nid: ([0-9a-f.]+)\ndata: (.*)", block.decode())
            if found:
                yield found[1], found[2], orjson.loads(found[3])


@pytest.fixture
def client(api_key: str) -> Client:
    return Client(api_key)


@sync_to_async
def _answers(tenant: Tenant) -> list[Message]:
    with tenant_scope(tenant):
        return list(Message.objects.filter(role="assistant").order_by("id"))


@sync_to_async
def _used(tenant: Tenant) -> list[Usage]:
    with tenant_scope(tenant):
        return list(Usage.objects.order_by("id"))


async def _ended(tenant: Tenant) -> list[Message]:
    """Wait until no answer is under way; return them all."""

    async def ended() -> list[Message]:
        answers = await _answers(tenant)
        return answers if all(message.status != "streaming" for message in answers) else []

    return await until(ended, "the end of every answer")


@sync_to_async
def _change_model(tenant: Tenant, model: str) -> None:
    with tenant_scope(tenant):
        Bot.objects.update(model=model)


# --- resume --------------------------------------------------------------------------------------------------


async def test_after_a_web_process_was_killed_another_gives_the_rest_once(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-150")
    got = Got()
    with mortal_server(fake) as (other, pid):
        await client.ask(other, got, words=3, victim=pid)

    await client.come_back(server, got)

    assert got.names[-2:] == ["usage", "done"]
    assert (got.names.count("conversation"), got.names.count("retrieval"), got.names.count("reset")) == (1, 1, 0)
    assert len(got.text.split()) == WORDS
    (saved,) = await _ended(acme)
    assert (saved.content, saved.status, saved.setting["attempt"]) == (got.text, "complete", 1)
    lost, whole = await _used(acme)
    assert lost.estimated
    assert lost.completion_tokens > 0
    assert (whole.estimated, str(whole.message_id)) == (False, got.message_id)


async def test_an_answer_that_turns_out_differently_is_begun_anew(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-150")
    got = Got()
    with mortal_server(fake) as (other, pid):
        await client.ask(other, got, words=3, victim=pid, message="Something else altogether")

    await _change_model(acme, "echo")
    await client.come_back(server, got)

    assert got.names.count("reset") == 1
    assert got.text == "Something else altogether"
    assert got.names[-1] == "done"
    assert (await _ended(acme))[0].content == got.text


async def test_another_process_follows_an_answer_under_way(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-100")
    asked, followed = Got(), Got()
    with mortal_server(fake) as (other, _):
        asking = asyncio.create_task(client.ask(other, asked))
        await until(lambda: len(asked.text.split()) >= 2)
        followed.first = asked.first
        await asyncio.gather(asking, client.come_back(server, followed))

    assert followed.text == asked.text
    assert followed.names.count("conversation") == 1
    assert followed.names[-1] == asked.names[-1] == "done"
    assert fake.stats()["requests"] == 1


async def test_a_reader_whose_connection_broke_gets_the_whole_answer_in_any_number_of_pieces(
    client: Client, make_bot: MakeBot, server: str, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-60")
    got = Got()
    await client.ask(server, got, words=1)
    for words in range(2, WORDS + 1, 2):
        await client.come_back(server, got, words=words)

    await client.come_back(server, got)

    assert got.names[-1] == "done"
    assert "reset" not in got.names
    assert len(got.text.split()) == WORDS
    assert (await _ended(acme))[0].content == got.text


async def test_an_answer_that_is_to_be_finished_goes_on_without_its_reader(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-60")
    got = Got()
    await client.ask(server, got, words=2, if_disconnected="finish")

    (saved,) = await _ended(acme)
    await client.come_back(server, got)

    assert (saved.status, len(saved.content.split())) == ("complete", WORDS)
    assert got.text == saved.content
    assert fake.stats()["requests"] == 1


async def test_who_has_all_gets_nothing_and_who_has_nothing_gets_all(
    client: Client, make_bot: MakeBot, server: str
) -> None:
    await sync_to_async(make_bot)()
    got = Got()
    await client.ask(server, got)
    again, afresh = Got(first=got.first, last_id=got.last_id), Got(first=got.first)

    await client.come_back(server, again)
    await client.come_back(server, afresh)

    assert again.names == []
    assert afresh.text == got.text
    assert afresh.last == got.last


async def test_many_who_come_back_at_once_get_one_new_answer(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-100")
    got = Got()
    with mortal_server(fake) as (other, pid):
        await client.ask(other, got, words=2, victim=pid)
    readers = [Got(got.text, got.last_id, first=got.first) for _ in range(5)]

    await asyncio.gather(*(client.come_back(server, reader) for reader in readers))

    assert {len(reader.text.split()) for reader in readers} == {WORDS}
    assert {reader.names[-1] for reader in readers} == {"done"}
    assert fake.stats()["requests"] == 2
    assert (await _ended(acme))[0].setting["attempt"] == 1


@pytest.mark.parametrize("event_id", ["seven", "1.2", "9.1.1.0", "1.2.3.zz"])
async def test_what_is_no_events_id_is_refused(client: Client, make_bot: MakeBot, server: str, event_id: str) -> None:
    await sync_to_async(make_bot)()
    got = Got()
    await client.ask(server, got)
    url = f"{server}/v1/chat/messages/{got.message_id}/events"

    headers = client.headers | {"last-event-id": event_id}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        problem = orjson.loads(await answer.read())
        assert (answer.status, problem["code"]) == (400, "invalid_event_id")


# --- disconnects ---------------------------------------------------------------------------------------------


async def test_of_fifty_readers_who_go_away_none_leaves_anything_open(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-200")
    readers = [Got() for _ in range(50)]

    await asyncio.gather(*(client.ask(server, got, words=1 + number % 3) for number, got in enumerate(readers)))

    await until(lambda: fake.stats()["open"] == 0)
    saved = {str(message.pk): message for message in await _ended(acme)}
    assert {message.status for message in saved.values()} == {"stopped"}
    assert all(saved[got.message_id].content.startswith(got.text) for got in readers)
    used = await _used(acme)
    assert len({usage.message_id for usage in used}) == len(used) == len(readers)
    assert all(usage.cost for usage in used)


async def test_who_goes_away_while_a_turn_is_started_leaves_it_ended(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("hang")
    url = f"{server}/v1/chat/bots/guide/messages"

    async with aiohttp.ClientSession(headers=client.headers) as session:
        for milliseconds in range(0, 40, 2):
            asking = asyncio.create_task(session.post(url, json=QUESTION))
            await delay(milliseconds / 1000)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    await until(lambda: fake.stats()["open"] == 0)
    await settle()  # a turn that was being started when its reader left may begin only now
    assert {message.status for message in await _ended(acme)} == {"stopped"}


# --- stop and regenerate -------------------------------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_an_answer_is_stopped_from_any_process_and_its_reader_told(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant, elsewhere: bool
) -> None:
    await sync_to_async(make_bot)("step")  # nobody asks for a second word: it does not end by itself
    got = Got()
    with mortal_server(fake) as (other, _):
        asking = asyncio.create_task(client.ask(other, got))
        await until(lambda: got.text)
        place = server if elsewhere else other
        status, shown, _ = await client.post(f"{place}/v1/chat/messages/{got.message_id}/stop")
        await asking

    assert (status, shown["status"], shown["finish_reason"]) == (200, "stopped", "stopped")
    assert got.names[-2:] == ["usage", "done"]
    assert got.last["finish_reason"] == "stopped"
    assert shown["content"] == got.text
    assert fake.stats()["open"] == 0
    assert len(await _used(acme)) == 1
    status, problem, _ = await client.post(f"{server}/v1/chat/messages/{got.message_id}/stop")
    assert (status, problem["code"]) == (409, "answer_not_under_way")


async def test_a_stopped_answer_is_not_begun_anew_for_who_comes_back(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider
) -> None:
    await sync_to_async(make_bot)("step")
    got = Got()
    asking = asyncio.create_task(client.ask(server, got))
    await until(lambda: got.text)
    await client.post(f"{server}/v1/chat/messages/{got.message_id}/stop")
    await asking
    again = Got(first=got.first)

    await client.come_back(server, again)

    assert (again.text, again.last["finish_reason"]) == (got.text, "stopped")
    assert fake.stats()["requests"] == 1


async def test_a_new_answer_takes_the_place_of_the_last_one(
    client: Client, make_bot: MakeBot, server: str, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("echo")
    got = Got()
    await client.ask(server, got, message="Hello there")

    status, document, _ = await client.post(f"{server}/v1/chat/messages/{got.message_id}/regenerate")

    assert (status, document["answer"]) == (200, "Hello there")
    assert document["conversation_id"] == got.first["conversation_id"]
    old, new = await _answers(acme)
    assert (old.superseded, new.superseded, new.reply_to_id) == (True, False, old.reply_to_id)
    status, problem, _ = await client.post(f"{server}/v1/chat/messages/{got.message_id}/regenerate")
    assert (status, problem["code"]) == (409, "not_the_last_answer")


async def test_an_answer_under_way_is_not_made_anew(client: Client, make_bot: MakeBot, server: str) -> None:
    await sync_to_async(make_bot)("slow-200")
    got = Got()
    asking = asyncio.create_task(client.ask(server, got))
    await until(lambda: bool(got.text))

    status, problem, _ = await client.post(f"{server}/v1/chat/messages/{got.message_id}/regenerate")

    assert (status, problem["code"]) == (409, "answer_under_way")
    await client.post(f"{server}/v1/chat/messages/{got.message_id}/stop")
    await asking


# --- Idempotency-Key -----------------------------------------------------------------------------------------


async def test_the_same_key_gives_the_same_answer_without_asking_again(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)()
    url = f"{server}/v1/chat/bots/guide/messages"
    first = await client.post(url, key="one", message="Why?")
    again = await client.post(url, key="one", message="Why?")
    other = await client.post(url, key="one", message="Why not?")
    streamed, repeated = Got(), Got()
    await client.ask(server, streamed, key="two")
    await client.ask(server, repeated, key="two")

    assert first[:2] == again[:2]
    assert ("Idempotency-Replayed" in first[2], again[2]["Idempotency-Replayed"]) == (False, "true")
    assert (other[0], other[1]["code"]) == (422, "idempotency_key_reused")
    assert (repeated.text, repeated.last) == (streamed.text, streamed.last)
    assert fake.stats()["requests"] == 2
    assert len(await _answers(acme)) == 2


async def test_while_an_answer_is_under_way_its_key_is_refused(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider
) -> None:
    await sync_to_async(make_bot)("slow-100")
    url = f"{server}/v1/chat/bots/guide/messages"

    replies = await asyncio.gather(*(client.post(url, key="once", message="Why?") for _ in range(8)))

    assert sorted(status for status, _, _ in replies) == [200, *[409] * 7]
    refused = next(reply for reply in replies if reply[0] == 409)
    assert refused[1]["code"] == "idempotency_in_flight"
    assert refused[2]["Retry-After"] == "1"
    assert fake.stats()["requests"] == 1


async def test_a_question_that_failed_is_answered_when_it_is_sent_again(
    client: Client, make_bot: MakeBot, server: str, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("fail-401")
    url = f"{server}/v1/chat/bots/guide/messages"

    failed = await client.post(url, key="once", message="Why?")
    await _change_model(acme, "echo")
    answered = await client.post(url, key="once", message="Why?")

    assert (failed[0], failed[1]["code"]) == (424, "provider_auth")
    assert answered[0] == 200
    (saved,) = await _answers(acme)
    assert (saved.status, saved.content) == ("complete", answered[1]["answer"])


async def test_a_client_may_post_again_with_its_key_and_its_last_event(
    client: Client, make_bot: MakeBot, server: str, fake: FakeProvider
) -> None:
    await sync_to_async(make_bot)("slow-60")
    got = Got()
    await client.ask(server, got, words=2, key="mine", if_disconnected="finish")
    url = f"{server}/v1/chat/bots/guide/messages"
    headers = client.headers | {"idempotency-key": "mine", "last-event-id": got.last_id}

    async with aiohttp.ClientSession() as session:
        body = QUESTION | {"if_disconnected": "finish"}
        async with session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200
            async for event in _events(answer):
                got.take(*event)

    assert len(got.text.split()) == WORDS
    assert got.names.count("conversation") == 1
    assert fake.stats()["requests"] == 1


async def test_openais_face_asks_once_too(client: Client, make_bot: MakeBot, server: str, fake: FakeProvider) -> None:
    await sync_to_async(make_bot)("echo")
    body = {"model": "guide", "messages": [{"role": "user", "content": "Hello"}]}
    url = f"{server}/v1/chat/completions"

    first = await client.post(url, key="k", **body)
    again = await client.post(url, key="k", **body)

    assert first[1]["choices"] == again[1]["choices"]
    assert first[1]["id"] == again[1]["id"]
    assert fake.stats()["requests"] == 1


# --- what nobody comes back to -------------------------------------------------------------------------------


async def test_an_answer_whose_process_is_gone_is_settled_by_the_log(
    client: Client, make_bot: MakeBot, fake: FakeProvider, acme: Tenant
) -> None:
    await sync_to_async(make_bot)("slow-100")
    got = Got()
    with mortal_server(fake) as (other, pid):
        await client.ask(other, got, words=3, victim=pid)

    @sync_to_async
    def reap(age: timedelta) -> int:
        with tenant_scope(acme):
            Message.objects.filter(role="assistant").update(created_at=timezone.now() - age)
            return fail_abandoned(tenant=acme)

    assert await reap(timedelta(seconds=30)) == 0
    await until(lambda: reap(timedelta(seconds=90)), "an abandoned answer")
    (saved,) = await _answers(acme)
    assert (saved.status, saved.error_code) == ("failed", "abandoned")
    assert saved.content.startswith(got.text)
    (used,) = await _used(acme)
    assert used.estimated
    assert used.completion_tokens > 0


async def test_of_another_callers_answer_nothing_is_given(
    client: Client, make_bot: MakeBot, server: str, acme: Tenant
) -> None:
    await sync_to_async(make_bot)()
    got = Got()
    await client.ask(server, got)

    @sync_to_async
    def give_away() -> None:
        with tenant_scope(acme):
            Conversation.objects.update(actor_id=None)

    await give_away()
    for path in ("stop", "regenerate"):
        status, problem, _ = await client.post(f"{server}/v1/chat/messages/{got.message_id}/{path}")
        assert (status, problem["code"]) == (404, "no_such_conversation")
    url = f"{server}/v1/chat/messages/{got.message_id}/events"
    async with aiohttp.ClientSession(headers=client.headers) as session, session.get(url) as answer:
        assert answer.status == 404
