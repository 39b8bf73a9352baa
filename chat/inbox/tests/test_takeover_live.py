"""A visitor hears a person live, over real sockets and from any web process; also after a break, and without Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import pytest
from asgiref.sync import sync_to_async

from bots.models import Bot
from bots.public_id import public_id
from chat.conversations.services import watch as watching
from chat.conversations.services.lifecycle import delete_conversation
from chat.conversations.services.watch import watch
from chat.enums import MessageRole, MessageStatus
from chat.inbox.services.takeover import hand_back, reply, take_over
from chat.inbox.tests.test_takeover import talk
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.live import bell
from chatcms.tests import live
from chatcms.tests.waiting import PATIENCE_SECONDS, settle, until
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM, Actor

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "https://shop.example"
ANN = Actor(type="user", id=uuid.uuid4(), label="ann@acme.example")


@pytest.fixture(scope="module")
def servers(django_db_setup: None, running_fake: FakeProvider) -> Iterator[tuple[str, str]]:
    """Two web processes of the product."""
    extra = {"EGRESS_PRIVATE_HOSTS": running_fake.host}
    with live.web_server(extra=extra) as one, live.web_server(extra=extra) as other:
        yield one, other


class Shown:
    """Messages by their words, and who answers by name."""

    def messages(self, messages: Sequence[Message]) -> Sequence[Any]:
        return [one.content for one in messages]

    def handling(self, conversation: Conversation) -> Any:
        return str(conversation.handling)


SHOWN = Shown()


@dataclass
class Visitor:
    """The widget on a page, as the documentation tells it to behave."""

    token: str
    conversation_id: str
    last_id: str = ""
    heard: list[tuple[str, Any]] = field(default_factory=list)

    @classmethod
    async def arrive(cls, server: str, tenant: Tenant, bot: Bot) -> Visitor:
        body = {"bot": public_id(tenant_id=tenant.id, bot_id=bot.pk)}
        let_in = (await _send(f"{server}/v1/chat/visitors", {"Origin": PAGE}, body))[1]
        return cls(let_in["token"], let_in["conversation_id"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Origin": PAGE}

    async def ask(self, server: str, text: str) -> tuple[int, Any]:
        return await _send(f"{server}/v1/chat/bots/guide/messages", self.headers, {"message": text})

    async def request_person(self, server: str) -> tuple[int, Any]:
        return await _send(f"{server}/v1/chat/conversations/{self.conversation_id}/request-person", self.headers, {})

    @asynccontextmanager
    async def watching(self, server: str) -> AsyncIterator[None]:
        """Read the conversation's events meanwhile, from the last one on."""
        task = asyncio.create_task(self._read(server))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def hears(self, name: str, what: Any) -> None:
        """Wait for an event."""
        await until(lambda: (name, what) in self.heard)

    async def _read(self, server: str) -> None:
        url = f"{server}/v1/chat/conversations/{self.conversation_id}/events"
        headers = {**self.headers, **({"Last-Event-ID": self.last_id} if self.last_id else {})}
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            buffer = b""
            async for piece in answer.content.iter_any():
                *whole, buffer = (buffer + piece).split(b"\n\n")
                for block in whole:
                    self._take(block.decode())

    def _take(self, block: str) -> None:
        if block.startswith(":"):
            return
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        data, self.last_id = orjson.loads(fields["data"]), fields["id"]
        heard = data["content"] if fields["event"] == "message" else data["handling"]
        self.heard.append((fields["event"], heard))


async def _send(url: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers, json=body) as answer:
        return answer.status, orjson.loads(await answer.read())


@pytest.fixture
def shown(make_bot: MakeBot, acme: Tenant) -> Bot:
    bot = make_bot("echo", look={"talk_to_person": True})
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[PAGE])
    return bot


class Member:
    """Somebody of acme, with a key."""

    def __init__(self, key: str, conversation_id: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}
        self._path = f"/v1/tenant/conversations/{conversation_id}"

    async def does(self, server: str, verb: str, **body: Any) -> Any:
        status, document = await _send(f"{server}{self._path}/{verb}", self._headers, body)
        assert status in {200, 201}, document
        return document


async def test_a_visitor_hears_a_person_from_another_web_process_and_comes_back_after_a_break(
    servers: tuple[str, str], acme: Tenant, shown: Bot, api_key: str
) -> None:
    here, there = servers
    visitor = await Visitor.arrive(here, acme, shown)
    assert (await visitor.ask(here, "Apples?"))[1]["answer"]
    assert (await visitor.request_person(here))[1]["handling"] == "requested"
    ann = Member(api_key, visitor.conversation_id)

    async with visitor.watching(here):
        await visitor.hears("handling", "requested")
        await ann.does(there, "take-over", name="Ann")
        await visitor.hears("handling", "person")
        status, left = await visitor.ask(here, "Are you there?")
        assert (status, left["person"]) == (202, {"name": "Ann"})
        await ann.does(there, "reply", content="Yes, I am.")
        await visitor.hears("message", "Yes, I am.")

    # The page is loaded again; the person goes on writing meanwhile, and hands back.
    await ann.does(there, "reply", content="Still there?")
    async with visitor.watching(there):
        await visitor.hears("message", "Still there?")
        await ann.does(here, "hand-back")
        await visitor.hears("handling", "bot")
    assert (await visitor.ask(there, "Pears?"))[1]["answer"]

    assert [what for name, what in visitor.heard if name == "message"] == [
        "Are you there?",
        "Yes, I am.",
        "Still there?",
    ]


async def test_a_visitor_may_ask_for_a_person_before_asking_anything_else(
    servers: tuple[str, str], acme: Tenant, shown: Bot, api_key: str
) -> None:
    here, _ = servers
    visitor = await Visitor.arrive(here, acme, shown)

    status, asked = await visitor.request_person(here)

    assert (status, asked["handling"], asked["message_count"]) == (200, "requested", 0)
    ann = Member(api_key, visitor.conversation_id)
    await ann.does(here, "take-over", name="Ann")
    async with visitor.watching(here):
        await visitor.hears("handling", "person")
        await ann.does(here, "reply", content="How may I help?")
        await visitor.hears("message", "How may I help?")
    assert (await visitor.ask(here, "My order is late"))[0] == 202

    def title() -> str:
        with tenant_scope(acme):
            return Conversation.objects.get().title

    assert await sync_to_async(title)() == "My order is late"


async def test_a_takeover_ends_the_answer_that_is_under_way(
    servers: tuple[str, str], acme: Tenant, make_bot: MakeBot, api_key: str
) -> None:
    here, there = servers
    bot = await sync_to_async(make_bot)("slow-800", look={"talk_to_person": True})

    def show_bot() -> None:
        with tenant_scope(acme):
            Bot.objects.filter(pk=bot.pk).update(allowed_origins=[PAGE])

    def answer() -> Message | None:
        with tenant_scope(acme):
            return Message.objects.filter(role=MessageRole.ASSISTANT).first()

    await sync_to_async(show_bot)()
    visitor = await Visitor.arrive(here, acme, bot)
    asking = asyncio.create_task(visitor.ask(here, "Tell me all"))
    await until(sync_to_async(answer), "an answer that is being written")
    await settle(1)  # it is being read from the other process by then, or about to be: both must end well

    await Member(api_key, visitor.conversation_id).does(there, "take-over", name="Ann")

    _, whole = await asyncio.wait_for(asking, PATIENCE_SECONDS)
    assert whole["finish_reason"] == "stopped"
    ended = await sync_to_async(answer)()
    assert ended is not None
    assert ended.status == MessageStatus.STOPPED


async def test_others_do_not_watch(servers: tuple[str, str], acme: Tenant, shown: Bot) -> None:
    here, _ = servers
    visitor, stranger = await Visitor.arrive(here, acme, shown), await Visitor.arrive(here, acme, shown)
    await visitor.ask(here, "Apples?")
    await stranger.ask(here, "Apples?")
    url = f"{here}/v1/chat/conversations/{visitor.conversation_id}/events"

    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers=stranger.headers) as answer:
            assert answer.status == 404
        async with session.get(url, headers={**visitor.headers, "Last-Event-ID": "1.2.3.4"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, "invalid_event_id")


# --- the watch itself -------------------------------------------------------------------------------------


@pytest.fixture
def in_talk(acme: Tenant, make_bot: MakeBot) -> Conversation:
    bot = make_bot("echo")
    with tenant_scope(acme):
        return talk(bot)


class Watcher:
    """Reads a watch in this process."""

    def __init__(self, tenant: Tenant, conversation: Conversation, *, after: int | None = None) -> None:
        self._source = watch(tenant=tenant, conversation_id=conversation.pk, show=SHOWN, after=after)

    async def next(self) -> tuple[str, Any, int]:
        news = await asyncio.wait_for(anext(self._source), PATIENCE_SECONDS)
        return news.name, news.data, news.mark

    async def is_over(self) -> bool:
        try:
            await asyncio.wait_for(anext(self._source), PATIENCE_SECONDS)
        except StopAsyncIteration:
            return True
        return False

    async def leave(self) -> None:
        await self._source.aclose()


async def doing(tenant: Tenant, act: Any, *args: Any, **kwargs: Any) -> Any:
    def inside() -> Any:
        with tenant_scope(tenant):
            return act(*args, **kwargs)

    return await sync_to_async(inside)()


async def test_without_a_place_only_what_is_new_comes_and_with_one_all_after_it(
    acme: Tenant, in_talk: Conversation
) -> None:
    fresh, late = Watcher(acme, in_talk), Watcher(acme, in_talk, after=1)

    assert await fresh.next() == ("handling", "bot", 2)
    assert [await late.next() for _ in range(2)] == [("handling", "bot", 1), ("message", "At nine.", 2)]
    await doing(acme, take_over, by=ANN, conversation=in_talk, name="Ann")
    await doing(acme, reply, by=ANN, conversation=in_talk, content="Hello")
    for one in (fresh, late):
        assert {(await one.next())[:2] for _ in range(2)} == {("handling", "person"), ("message", "Hello")}
        await one.leave()


async def test_an_answer_under_way_comes_after_what_was_written_meanwhile_and_nothing_is_missed(
    acme: Tenant, in_talk: Conversation
) -> None:
    def begin_answer() -> Message:
        Conversation.objects.update(message_count=3)
        values = {"role": MessageRole.ASSISTANT, "status": MessageStatus.STREAMING}
        return Message.objects.create(conversation=in_talk, seq=3, **values)

    answer = await doing(acme, begin_answer)
    watcher = Watcher(acme, in_talk, after=2)
    assert await watcher.next() == ("handling", "bot", 2)
    await doing(acme, take_over, by=ANN, conversation=in_talk, name="Ann")
    await doing(acme, reply, by=ANN, conversation=in_talk, content="Hello")

    assert (await watcher.next())[:2] == ("handling", "person")
    # Whoever comes back from here still gets the answer.
    assert await watcher.next() == ("message", "Hello", 2)

    await doing(acme, Message.objects.filter(pk=answer.pk).update, status=MessageStatus.STOPPED, content="So far")
    assert await watcher.next() == ("message", "So far", 3)
    await doing(acme, reply, by=ANN, conversation=in_talk, content="Again")
    assert await watcher.next() == ("message", "Again", 5)
    await watcher.leave()


async def test_a_watch_ends_with_its_conversation(acme: Tenant, in_talk: Conversation) -> None:
    watcher = Watcher(acme, in_talk)
    await watcher.next()

    await doing(acme, delete_conversation, by=SYSTEM, conversation=in_talk)

    assert await watcher.is_over()


async def test_a_watch_ends_after_a_time_so_that_a_new_credential_is_asked_for(
    acme: Tenant, in_talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "WATCH_SECONDS", 0.5)
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.2)
    watcher = Watcher(acme, in_talk)
    await watcher.next()

    assert await watcher.is_over()


async def test_without_redis_news_comes_a_little_later(
    acme: Tenant, in_talk: Conversation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(bell, "BEGINNING_SECONDS", 0.1)
    watcher = Watcher(acme, in_talk)
    await watcher.next()

    await doing(acme, take_over, by=ANN, conversation=in_talk, name="Ann")
    assert (await watcher.next())[:2] == ("handling", "person")
    await doing(acme, hand_back, by=ANN, conversation=in_talk)
    assert (await watcher.next())[:2] == ("handling", "bot")
    await watcher.leave()


async def test_the_bell_is_heard_again_after_redis_was_away(
    acme: Tenant, in_talk: Conversation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 60.0)
    monkeypatch.setattr(bell, "BEGINNING_SECONDS", 0.1)
    monkeypatch.setattr(bell, "PAUSE_SECONDS", 0.1)
    there, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    watcher = Watcher(acme, in_talk)
    await watcher.next()
    settings.REDIS_URL = there
    hears = bell.ear()._hears
    hearing = asyncio.create_task(watcher.next())
    await asyncio.wait_for(hears.wait(), PATIENCE_SECONDS)

    await doing(acme, take_over, by=ANN, conversation=in_talk, name="Ann")

    assert (await hearing)[:2] == ("handling", "person")
    await watcher.leave()
