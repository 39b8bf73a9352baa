"""Starts the turn that a request of OpenAI's protocols asks for, in the conversation that it goes on with."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from bots.models import Bot
from bots.selectors import bot_by_ref
from chat.enums import Channel
from chat.turns.api.openai.asked import OpenAIRequest
from chat.turns.entrance import Question, Started, Thread
from chat.turns.services.start import start_turn
from chat.turns.services.threads import Naming, thread_of
from tenants.models import Tenant
from tenants.types import Actor

CONVERSATION_HEADER = "X-Conversation-Id"


def naming_of(request: Request) -> Naming:
    """Return what a request says of its conversation: `metadata.conversation_id` or the header, and `user`."""
    data: Any = request.data
    metadata = data.get("metadata")
    named = metadata.get("conversation_id") if isinstance(metadata, dict) else None
    name = named or request.headers.get(CONVERSATION_HEADER)
    return Naming.of(name, data.get("user") or data.get("safety_identifier"))


def start_told(asked: OpenAIRequest, naming: Naming, *, by: Actor, tenant: Tenant) -> Started:
    """Start the turn where the conversation goes on that was told; raises `NoSuchBotError`, and as `start_turn`."""
    bot = bot_by_ref(asked.model, by=by)
    with thread_of(by=by, bot=bot, messages=asked.told.messages, naming=naming) as thread:
        return start_in(thread, asked, bot, by=by, tenant=tenant)


def start_in(thread: Thread, asked: OpenAIRequest, bot: Bot, *, by: Actor, tenant: Tenant) -> Started:
    """Start the turn in a conversation; of one that is named and not told the history is what is stored."""
    told = asked.told
    is_told = bool(told.history or told.after) or thread.conversation_id is None
    question = Question(
        by=by,
        tenant=tenant,
        bot=bot,
        text=told.question,
        channel=Channel.OPENAI,
        history=told.history if is_told else None,
        after=told.after,
        instructions=told.instructions,
        overrides=asked.overrides,
        wants=asked.wants,
        thread=thread,
    )
    return start_turn(question)
