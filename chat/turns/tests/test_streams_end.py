"""Every open stream ends when its reader may not read any more, whatever the credential and however it was lost."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from bots.models import Bot
from bots.public_id import public_id
from bots.services import archive_bot, delete_bot
from chat.models import Conversation
from chat.tests.fixtures import MakeBot
from chatcms.tests import live
from chatcms.tests.waiting import until
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.enums import GrantRole, Role, Scope, TenantStatus
from tenants.models import AccessGrant, ApiKey, BrowserSession, Membership, Tenant, User
from tenants.services import api_keys, members, sign_ins
from tenants.services.sign_out import revoke_families_of
from tenants.tests import factories
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "https://shop.example"
QUICK = {"STREAM_RECHECK_SECONDS": "0.1", "STREAM_HEARTBEAT_SECONDS": "0.1", "RATE_LIMITS": "off"}


@pytest.fixture(scope="module")
def server(django_db_setup: None, running_fake: FakeProvider) -> Iterator[str]:
    """The product, which looks at open streams all the time."""
    with live.web_server(extra={"EGRESS_PRIVATE_HOSTS": running_fake.host, **QUICK}) as address:
        yield address


@pytest.fixture
def bot(make_bot: MakeBot, acme: Tenant) -> Bot:
    """A bot that answers slowly, and may be shown on a page."""
    made = make_bot("slow-1000")
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[PAGE])
    return made


@dataclass
class Stream:
    """An open stream, read in the background."""

    status: int = 0
    heard: bytearray = field(default_factory=bytearray)
    has_ended: bool = False

    @property
    def lives(self) -> bool:
        return bool(self.heard) and not self.has_ended


@asynccontextmanager
async def opened(server: str, path: str, headers: dict[str, str], body: Any = None) -> AsyncIterator[Stream]:
    """Open a stream and read it meanwhile; it has said something when the block begins."""
    stream = Stream()
    task = asyncio.create_task(_read(stream, f"{server}{path}", headers, body))
    try:
        await until(lambda: stream.lives or stream.has_ended)
        assert stream.lives, (stream.status, bytes(stream.heard))
        yield stream
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _read(stream: Stream, url: str, headers: dict[str, str], body: Any) -> None:
    method = "GET" if body is None else "POST"
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
        session.request(method, url, headers=headers, json=body) as answer,
    ):
        stream.status = answer.status
        try:
            async for piece in answer.content.iter_any():
                stream.heard += piece
        except aiohttp.ClientPayloadError:
            pass
        stream.has_ended = True


# --- callers, and what they lose --------------------------------------------------------------------------

Loss = Callable[[Tenant, Any], None]


def key_of(acme: Tenant) -> tuple[dict[str, str], ApiKey]:
    key, text = factories.make_api_key(acme)
    return factories.bearer(text), key


def member_of(acme: Tenant) -> tuple[dict[str, str], Membership]:
    # Another owner stays, so that everything may happen to this one.
    factories.make_member(acme, "other@acme.example")
    membership = factories.make_member(acme, role=Role.ADMIN)
    return factories.bearer(factories.make_token_pair(membership).access), membership


def browser_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    token = "a" * 32
    cookies = {django_settings.SESSION_COOKIE_NAME: session, django_settings.CSRF_COOKIE_NAME: token}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-CSRFToken": token}


def signed_in(acme: Tenant) -> tuple[dict[str, str], Membership]:
    _, membership = member_of(acme)
    return browser_of(membership.user), membership


def staff_on_a_grant(acme: Tenant) -> tuple[dict[str, str], AccessGrant]:
    user = factories.make_user("staff@platform.example", is_staff=True)
    factories.add_app(user)
    now = timezone.now()
    grant = AccessGrant.objects.create(
        tenant=acme,
        staff=user,
        role=GrantRole.VIEWER,
        reason="To look",
        minutes=60,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
    )
    return browser_of(user), grant


def revoke_key(acme: Tenant, key: ApiKey) -> None:
    api_keys.revoke_api_key(by=SYSTEM, key=key)


def let_key_end(acme: Tenant, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())


def limit_key(acme: Tenant, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(bot_ids=[uuid.uuid4()])


def take_scope(acme: Tenant, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(scopes=[Scope.CHAT])


def suspend(acme: Tenant, _: Any) -> None:
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.SUSPENDED)


def remove_member(acme: Tenant, membership: Membership) -> None:
    members.remove_member(by=SYSTEM, membership=membership)


def deactivate_member(acme: Tenant, membership: Membership) -> None:
    members.change_member(by=SYSTEM, membership=membership, is_active=False)


def change_role(acme: Tenant, membership: Membership) -> None:
    members.change_role(by=SYSTEM, membership=membership, role=Role.VIEWER)


def switch_off(acme: Tenant, membership: Membership) -> None:
    User.objects.filter(pk=membership.user_id).update(is_active=False)


def change_password(acme: Tenant, membership: Membership) -> None:
    members.set_password(by=SYSTEM, user=membership.user, password="eight larches and a lamp")


def end_sign_ins(acme: Tenant, membership: Membership) -> None:
    sign_ins.end_others(by=SYSTEM, user=membership.user)


def sign_out(acme: Tenant, membership: Membership) -> None:
    revoke_families_of(user_id=membership.user_id)


def end_session(acme: Tenant, membership: Membership) -> None:
    BrowserSession.objects.filter(user_id=membership.user_id).delete()


def end_grant(acme: Tenant, grant: AccessGrant) -> None:
    AccessGrant.objects.filter(pk=grant.pk).update(closed_at=timezone.now())


def let_grant_end(acme: Tenant, grant: AccessGrant) -> None:
    AccessGrant.objects.filter(pk=grant.pk).update(ends_at=timezone.now())


LOSSES: list[tuple[Callable[[Tenant], tuple[dict[str, str], Any]], Loss]] = [
    *((key_of, loss) for loss in (revoke_key, let_key_end, limit_key, take_scope, suspend)),
    *((member_of, loss) for loss in (remove_member, deactivate_member, change_role, switch_off, change_password)),
    *((member_of, loss) for loss in (end_sign_ins, sign_out, suspend)),
    *((signed_in, loss) for loss in (remove_member, deactivate_member, change_role, switch_off, change_password)),
    *((signed_in, loss) for loss in (end_sign_ins, end_session, suspend)),
    *((staff_on_a_grant, loss) for loss in (end_grant, let_grant_end, suspend)),
]


@pytest.mark.parametrize(
    ("caller", "loss"), LOSSES, ids=[f"{caller.__name__}-{loss.__name__}" for caller, loss in LOSSES]
)
async def test_who_loses_the_credential_hears_no_more(
    server: str, acme: Tenant, bot: Bot, caller: Callable[[Tenant], tuple[dict[str, str], Any]], loss: Loss
) -> None:
    headers, owned = await sync_to_async(caller)(acme)
    path = await sync_to_async(_watched_path)(acme, bot, of_page="Cookie" in headers)
    async with opened(server, path, headers) as stream:
        await sync_to_async(loss)(acme, owned)
        await until(lambda: stream.has_ended)


async def test_who_keeps_the_credential_hears_on(server: str, acme: Tenant, bot: Bot) -> None:
    (kept, _), (lost, key) = await sync_to_async(key_of)(acme), await sync_to_async(key_of)(acme)
    path = await sync_to_async(_watched_path)(acme, bot)
    async with opened(server, path, kept) as going_on, opened(server, path, lost) as ending:
        await sync_to_async(revoke_key)(acme, key)
        await until(lambda: ending.has_ended)
        heard = len(going_on.heard)
        await until(lambda: len(going_on.heard) > heard + 20)
        assert going_on.lives


def _watched_path(acme: Tenant, bot: Bot, *, of_page: bool = False) -> str:
    with tenant_scope(acme):
        conversation = Conversation.objects.create(bot=bot, channel="api", actor_type="system")
    if of_page:
        return f"/t/acme/conversations/{conversation.pk}/events/?after=0"
    return f"/v1/tenant/conversations/{conversation.pk}/events?after=0"


# --- visitors ---------------------------------------------------------------------------------------------


def delete(acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        delete_bot(by=SYSTEM, bot=bot)


def archive(acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        archive_bot(by=SYSTEM, bot=bot)


def remove_origin(acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=["https://elsewhere.example"])


@pytest.mark.parametrize("loss", [delete, archive, remove_origin, suspend])
@pytest.mark.parametrize("what", ["answer", "events"])
async def test_a_visitor_hears_no_more(server: str, acme: Tenant, bot: Bot, loss: Loss, what: str) -> None:
    headers, conversation_id = await _arrive(server, acme, bot)
    ask = f"/v1/chat/bots/{bot.pk}/messages"
    async with opened(server, ask, headers, {"message": "Why?", "stream": True}) as answer:
        if what == "answer":
            await sync_to_async(loss)(acme, bot)
            await until(lambda: answer.has_ended)
            assert b"event: done" not in answer.heard
            return
        path = f"/v1/chat/conversations/{conversation_id}/events?after=0"
        async with opened(server, path, headers) as events:
            await sync_to_async(loss)(acme, bot)
            await until(lambda: events.has_ended)


async def _arrive(server: str, acme: Tenant, bot: Bot) -> tuple[dict[str, str], str]:
    body = {"bot": public_id(tenant_id=acme.pk, bot_id=bot.pk)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server}/v1/chat/visitors", json=body, headers={"Origin": PAGE}) as answer,
    ):
        let_in = await answer.json()
    return {**factories.bearer(let_in["token"]), "Origin": PAGE}, let_in["conversation_id"]


# --- every kind of stream ---------------------------------------------------------------------------------


def _answer(bot: Bot) -> tuple[str, Any]:
    return f"/v1/chat/bots/{bot.pk}/messages", {"message": "Why?", "stream": True}


def _completion(bot: Bot) -> tuple[str, Any]:
    messages = [{"role": "user", "content": "Why?"}]
    return "/v1/chat/completions", {"model": bot.slug, "messages": messages, "stream": True}


@pytest.mark.parametrize("kind", [_answer, _completion])
async def test_an_answer_under_way_ends(
    server: str, acme: Tenant, bot: Bot, kind: Callable[[Bot], tuple[str, Any]]
) -> None:
    headers, key = await sync_to_async(key_of)(acme)
    path, body = kind(bot)
    async with opened(server, path, headers, body) as stream:
        await sync_to_async(revoke_key)(acme, key)
        await until(lambda: stream.has_ended)
        assert b"event: done" not in stream.heard
        assert b"[DONE]" not in stream.heard


async def test_an_answer_that_is_resumed_ends(server: str, acme: Tenant, bot: Bot) -> None:
    headers, key = await sync_to_async(key_of)(acme)
    path, body = _answer(bot)
    async with opened(server, path, headers, {**body, "if_disconnected": "finish"}) as first:
        await until(lambda: b"message_id" in first.heard)
        message_id = bytes(first.heard).partition(b'"message_id":"')[2][:36].decode()
        async with opened(server, f"/v1/chat/messages/{message_id}/events", headers) as resumed:
            await sync_to_async(revoke_key)(acme, key)
            await until(lambda: resumed.has_ended)
            assert b"event: done" not in resumed.heard


async def test_an_answer_in_the_portal_ends(server: str, acme: Tenant, bot: Bot) -> None:
    headers, membership = await sync_to_async(signed_in)(acme)
    async with opened(server, f"/t/acme/bots/{bot.pk}/ask/", headers, {"message": "Why?"}) as stream:
        await sync_to_async(end_session)(acme, membership)
        await until(lambda: stream.has_ended)
        assert b"event: done" not in stream.heard
