"""Puts facts about conversations and messages into words."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.enums import Channel, Handling, RequestReason
from chat.models import Conversation, Message, Usage
from chat.turns.partwords import words_of
from chatcms.core.text.modeltext import render

register = template.Library()

_CHANNELS: dict[str, Promise] = {
    Channel.API: gettext_lazy("API"),
    Channel.OPENAI: gettext_lazy("OpenAI-compatible API"),
    Channel.PORTAL: gettext_lazy("Portal"),
    Channel.WIDGET: gettext_lazy("Widget"),
}
_REASONS: dict[str, Promise] = {
    RequestReason.CUSTOMER_REQUEST: gettext_lazy("They asked for a person."),
    RequestReason.MISSING_KNOWLEDGE: gettext_lazy("The documents hold no answer."),
    RequestReason.UNSUPPORTED_REQUEST: gettext_lazy("The bot cannot do what they want."),
    RequestReason.POLICY_RESTRICTION: gettext_lazy("The bot may not answer this."),
    RequestReason.TOOL_FAILURE: gettext_lazy("Something that the bot needs has failed."),
    RequestReason.PENDING_CLARIFICATION: gettext_lazy("The bot did not understand what they want."),
    RequestReason.USAGE_LIMIT: gettext_lazy("A limit is reached."),
}
_SHORT_ID = 6


@register.filter
def channel_name(channel: str) -> str:
    """Say through what a conversation is held."""
    return str(_CHANNELS.get(channel, channel))


@register.filter
def request_reason(conversation: Conversation) -> str:
    """Say why a person was asked for."""
    return str(_REASONS.get(conversation.request_reason, ""))


@register.filter
def short_id(thing: Conversation | Message) -> str:
    """Return what a thing is called for short: the end of its id, since the beginning is only the time."""
    return thing.pk.hex[-_SHORT_ID:]


@register.filter
def who(conversation: Conversation) -> str:
    """Say who holds a conversation: by the tenant's own id of them, if it has vouched for it."""
    if conversation.visitor_ref:
        return conversation.visitor_ref
    if conversation.actor_type == "visitor" and conversation.actor_id:
        return _("Visitor %(id)s") % {"id": conversation.actor_id.hex[-_SHORT_ID:]}
    return _("A member") if conversation.actor_type == "user" else _("A program")


@register.inclusion_tag("components/pill.html")
def handling_pill(conversation: Conversation) -> dict[str, Any]:
    """Say as a word with an icon who answers, or that the conversation has ended."""
    if conversation.handling == Handling.REQUESTED:
        return {"label": _("Waiting for a person"), "icon": "hand", "tone": "warning"}
    if conversation.handling == Handling.PERSON:
        name = conversation.taken_by_name
        return {
            "label": _("With %(name)s") % {"name": name} if name else _("With a person"),
            "icon": "person",
            "tone": "info",
        }
    if conversation.ended_at is not None:
        return {"label": _("Ended"), "icon": "check", "tone": ""}
    return {"label": _("Going on"), "icon": "bot", "tone": "good"}


@register.filter
def plain(text: str) -> str:
    """Return what a model or a person wrote without its marks, for an excerpt."""
    return " ".join(unescape(strip_tags(render(text))).split())


@register.filter
def in_words(message: Message) -> str:
    """Return all that a message says, as it was written, and what else it is made of."""
    return words_of(message)


@register.filter
def excerpt(message: Message) -> str:
    """Return what a message says without its marks, or what it is made of where that is no words."""
    return plain(message.content) or words_of(message)


@register.filter
def message_count(count: int) -> str:
    """Say how many messages."""
    return ngettext("%(n)s message", "%(n)s messages", count) % {
        "n": number_format(count, use_l10n=True, force_grouping=True)
    }


@register.filter
def answer_facts(message: Message) -> str:
    """One line about an answer: how long it took, what it used and cost, which model."""
    facts = []
    if message.first_token_ms is not None:
        facts.append(_("first words after %(seconds)s s") % {"seconds": _seconds(message.first_token_ms)})
    if message.total_ms is not None:
        facts.append(_("whole after %(seconds)s s") % {"seconds": _seconds(message.total_ms)})
    used: Usage | None = next(iter(message.usage.all()), None)
    if used is not None and (total := used.prompt_tokens + used.completion_tokens):
        facts.append(ngettext("%(n)s token", "%(n)s tokens", total) % {"n": number_format(total, force_grouping=True)})
    if used is not None and used.cache_read_tokens:
        facts.append(_("%(n)s from the cache") % {"n": number_format(used.cache_read_tokens, force_grouping=True)})
    if used is not None and used.cost:
        facts.append(money(used.cost))
    return " · ".join([*facts, *([message.model] if message.model else [])])


@register.filter
def money(amount: Decimal | None) -> str:
    """Return US dollars with as many digits as say something."""
    if amount is None:
        return _("unknown")
    digits = 2 if not amount or amount >= 1 else 4 if amount >= Decimal("0.01") else 6
    return f"{number_format(amount, digits)} USD"


def _seconds(ms: int) -> str:
    return str(number_format(ms / 1000, 2))
