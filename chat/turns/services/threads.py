"""Finds the conversation that a call goes on with which tells it itself, as clients of OpenAI's protocol do.

Such a client sends all that was said with each question, and often no id. A conversation is known by the name that its
client gives it, or else by what was said: `Conversation.thread` is a digest of either.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db.models import F

from bots.models import Bot
from bots.slugs import uuid_of
from chat.enums import MessageRole, MessageStatus
from chat.models import VISITOR_REF_LENGTH, Conversation, ConversationQuerySet, Message
from chat.turns.entrance import Thread
from chatcms.core.db import locks
from chatcms.core.text.safety import storable
from providers.messages import Message as PromptMessage
from providers.messages import Part, RefusalPart, TextPart, ToolCallPart, ToolResultPart, load_parts
from tenants.types import Actor

LONGEST_NAME = 512
_NAMED, _TOLD = "n", "t"
# So many conversations may have the same beginning, told by the same caller, before an older one is overlooked.
_MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Naming:
    """What a call says of its conversation besides its messages: a name, of the caller's choice or ours; its user."""

    name: str = ""
    ref: str = ""

    @classmethod
    def of(cls, name: object, ref: object) -> Naming:
        """Return what was sent, as far as it is text."""
        given = storable(name)[:LONGEST_NAME].strip() if isinstance(name, str) else ""
        return cls(given, storable(ref)[:VISITOR_REF_LENGTH].strip() if isinstance(ref, str) else "")


@contextmanager
def thread_of(*, by: Actor, bot: Bot, messages: Sequence[PromptMessage], naming: Naming) -> Iterator[Thread]:
    """Find the conversation that `messages` go on with, among the caller's with the bot; start the turn in the block.

    A name is that of a conversation of ours or any other text, which is kept from the first call on. Without one, all
    that was said before has to be what a conversation of the same end user has come to.
    """
    said = [message for message in messages if message.role != "system"]
    answered = max((place for place, one in enumerate(said, 1) if one.role == "assistant"), default=0)
    if by.conversation_id is not None:
        yield _added(said, answered, Thread("", conversation_id=by.conversation_id))
    elif naming.name:
        # One at a time, so that two first questions do not begin two conversations of one name.
        with locks.lent_name(_key_of(naming)):
            row = named_conversation(by=by, bot=bot, naming=naming)
            yield _added(said, answered, _named(row, naming, said))
    else:
        key = _TOLD + _digest(naming.ref, *_lines(said))
        held = _TOLD + _digest(naming.ref, *_lines(said[: answered - 1])) if answered else ""
        known = Conversation.objects.of_actor(by.type, by.id).filter(bot=bot.pk, thread=held, visitor_ref=naming.ref)
        found = _told(known, said[answered - 1]) if answered else None
        thread = Thread("", conversation_id=found, key=key, held=held if found else None, ref=naming.ref)
        yield _added(said, answered, thread)


def named_conversation(*, by: Actor, bot: Bot, naming: Naming) -> Conversation | None:
    """Return the caller's conversation with the bot of that name, None when there is none or it has another user."""
    known = Conversation.objects.of_actor(by.type, by.id).filter(bot=bot.pk)
    rows = known.filter(visitor_ref=naming.ref) if naming.ref else known
    own_id = uuid_of(naming.name.removeprefix("conv_"))
    return (rows.filter(pk=own_id).first() if own_id else None) or rows.filter(thread=_key_of(naming)).first()


def thread_after(previous: Message, *, bot: Bot, new: Sequence[PromptMessage], ref: str) -> Thread:
    """Return where a call goes on that names the answer before it, which comes with its conversation.

    After an answer that is not the last one any more, or another bot's, a conversation begins.
    """
    conversation = previous.conversation
    is_last = previous.seq == conversation.message_count and not previous.superseded
    if not is_last or conversation.bot_id != bot.pk:
        return _added(new, 0, Thread("", ref=ref or conversation.visitor_ref))
    is_named = conversation.thread.startswith(_NAMED)
    key = conversation.thread if is_named else _TOLD + _digest(previous.pk.hex, *_lines(new))
    held = None if is_named else conversation.thread
    return _added(new, 0, Thread("", conversation_id=conversation.pk, key=key, held=held))


def _key_of(naming: Naming) -> str:
    return _NAMED + _digest(naming.ref, naming.name)


def _named(row: Conversation | None, naming: Naming, said: Sequence[PromptMessage]) -> Thread:
    key = _key_of(naming)
    if row is None:
        return Thread("", key=key, ref=naming.ref)
    key = row.thread if row.thread.startswith(_NAMED) else _TOLD + _digest(row.visitor_ref, *_lines(said))
    return Thread("", conversation_id=row.pk, key=key, ref=row.visitor_ref)


def _told(known: ConversationQuerySet, answer: PromptMessage) -> uuid.UUID | None:
    """Return the one of some conversations whose last answer is this one, the newest of several."""
    alike = known.order_by("-last_message_at")
    last = Message.objects.filter(role=MessageRole.ASSISTANT, superseded=False, seq=F("conversation__message_count"))
    rows = last.filter(conversation__in=alike[:_MOST_ALIKE]).order_by("-conversation__last_message_at")
    return next((row.conversation_id for row in rows if _is_same(answer.parts, row)), None)


def _added(said: Sequence[PromptMessage], answered: int, thread: Thread) -> Thread:
    """Return the thread with what the call adds to the conversation: what was said after the last answer."""
    new = said[answered:]
    words = "\n\n".join(message.text for message in new if message.role == "user" and message.text)
    results = tuple(part for message in new for part in message.parts if isinstance(part, ToolResultPart))
    if words or (results and thread.conversation_id):
        return replace(thread, words=words, results=() if words else results)
    return thread


def _is_same(parts: Sequence[Part], stored: Message) -> bool:
    """Say whether a client sends back an answer that is stored, however it breaks its lines.

    Of calls of tools some clients keep no words. Of an answer that its reader stopped either side may have more.
    """
    calls = {part.id for part in parts if isinstance(part, ToolCallPart)}
    stored_calls = {part.id for part in load_parts(stored.parts) if isinstance(part, ToolCallPart)}
    if calls or stored_calls:
        return calls == stored_calls
    sent, kept = _plain(_words(parts)), _plain(stored.content)
    if stored.status == MessageStatus.STOPPED:
        return sent.startswith(kept) or kept.startswith(sent)
    return sent == kept


def _lines(said: Sequence[PromptMessage]) -> Iterator[str]:
    """Yield what is told of each message: its role, its words, and its calls of tools with their results."""
    for message in said:
        yield message.role
        yield _plain(_words(message.parts))
        yield from (part.id for part in message.parts if isinstance(part, ToolCallPart))
        yield from (_plain(part.text) for part in message.parts if isinstance(part, ToolResultPart))


def _words(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart | RefusalPart))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _digest(*lines: str) -> str:
    digest = hashlib.sha256()
    for line in lines:
        # With the length before it no line can be taken for two.
        digest.update(f"{len(line)}:{line}".encode())
    return digest.hexdigest()
