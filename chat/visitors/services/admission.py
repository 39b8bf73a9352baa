"""Lets the pages of a tenant's sites in: exchanges a bot's public id and the page's origin for a visitor token."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from bots.exceptions import NoSuchBotError
from bots.look import Look
from bots.models import Bot
from bots.public_id import ids_of
from bots.services import note_sighting
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation
from chat.visitors.exceptions import IdentityRequiredError
from chat.visitors.services.identity import Identity, proved_ref
from chatcms.core.db.ids import uuid7
from tenants.context import is_shown, tenant_scope
from tenants.exceptions import OriginNotAllowedError, VisitorTokenError
from tenants.models import Tenant
from tenants.services import visitor_tokens
from tenants.services.visitor_tokens import Visit
from tenants.types import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorArrival:
    """What a page asks for: the bot by its public id, from an origin.

    `identity` is what the tenant has signed of the visitor. `token` is an older one to go on from; with
    `new_conversation` the visitor stays the same and gets a new conversation. `conversation_id` names an earlier one.
    """

    bot: str
    origin: Origin
    identity: Identity | None = None
    token: str = ""
    new_conversation: bool = False
    conversation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class VisitorAdmission:
    """A visitor who has been let in."""

    token: str
    expires_at: datetime
    visit: Visit
    bot: Bot
    look: Look


@dataclass(frozen=True, slots=True)
class ShownBot:
    """A bot that visitors may see, and whose it is."""

    tenant: Tenant
    bot: Bot

    @property
    def look(self) -> Look:
        """How it looks, in the tenant's colour unless it has its own."""
        look = Look.read(self.bot.look)
        if look.accent:
            return look
        settings = getattr(self.tenant, "settings", None)  # a row that is made when somebody sets something
        return replace(look, accent=settings.own_color if settings else "")


def shown_bot(public_id: str) -> ShownBot:
    """Return the bot of a public id, if it may be talked to; raise `NoSuchBotError`."""
    ids = ids_of(public_id)
    tenants = Tenant.objects.enterable().select_related("settings")
    tenant = tenants.filter(pk=ids[0]).first() if ids else None
    if ids is None or tenant is None or not is_shown(tenant.id):
        raise NoSuchBotError
    with tenant_scope(tenant):
        bot = Bot.objects.usable().filter(pk=ids[1]).first()
    if bot is None:
        raise NoSuchBotError
    return ShownBot(tenant, bot)


def admit(arrival: VisitorArrival) -> VisitorAdmission:
    """Let a visitor in and issue a token; the conversation is reserved by its id alone.

    All that is written is now and then on which site the bot was seen.

    Who is identified has the same id each time, so that earlier conversations are found again; it holds only as
    long as it is proved again. An anonymous visitor stays the same by an older token, up to 30 days old.

    Raises `NoSuchBotError`, `OriginNotAllowedError`, `IdentityInvalidError`, `IdentityRequiredError`,
    `NoSuchConversationError`, and `VisitorTokenError` or `VisitorTokenExpiredError` for the older token.
    """
    shown = shown_bot(arrival.bot)
    tenant, bot = shown.tenant, shown.bot
    with tenant_scope(tenant):
        if not bot.is_shown_on(arrival.origin):
            raise OriginNotAllowedError
        ref = proved_ref(tenant=tenant, identity=arrival.identity)
        if bot.require_identity and not ref:
            raise IdentityRequiredError
        earlier = _earlier(arrival, tenant, bot)
        visitor_id = _visitor_id(tenant, ref, earlier)
        conversation_id = _conversation_id(arrival, bot, visitor_id, earlier)
        note_sighting(bot_id=bot.pk, origin=arrival.origin.name)
    visit = Visit(tenant.id, bot.pk, arrival.origin.name, visitor_id, conversation_id, ref)
    return VisitorAdmission(
        visitor_tokens.issue(visit), timezone.now() + visitor_tokens.LIFETIME, visit, bot, shown.look
    )


def _earlier(arrival: VisitorArrival, tenant: Tenant, bot: Bot) -> Visit | None:
    if not arrival.token:
        return None
    visit = visitor_tokens.read(arrival.token, max_age=visitor_tokens.RENEWABLE)
    if (visit.tenant_id, visit.bot_id, visit.origin) != (tenant.id, bot.pk, arrival.origin.name):
        raise VisitorTokenError
    return visit


def _visitor_id(tenant: Tenant, ref: str, earlier: Visit | None) -> uuid.UUID:
    if ref:
        return visitor_tokens.visitor_id_of(tenant_id=tenant.id, ref=ref)
    # An identified visitor becomes another one when nobody vouches for them any more.
    return earlier.visitor_id if earlier and not earlier.ref else uuid.uuid4()


def _conversation_id(arrival: VisitorArrival, bot: Bot, visitor_id: uuid.UUID, earlier: Visit | None) -> uuid.UUID:
    if arrival.conversation_id is not None:
        theirs = Conversation.objects.of_actor("visitor", visitor_id)
        if not theirs.filter(pk=arrival.conversation_id, bot=bot).exists():
            raise NoSuchConversationError
        return arrival.conversation_id
    if earlier and earlier.visitor_id == visitor_id and not arrival.new_conversation:
        return earlier.conversation_id
    return uuid7()
