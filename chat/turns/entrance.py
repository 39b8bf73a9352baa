"""How a question comes in, and what becomes of it: its turn is started, it is known already, or it is left."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bots.models import Bot
from chat.enums import Channel
from chat.models import Message
from chat.turns.asks import NO_OVERRIDES, NO_WANTS, Overrides, Wants
from chat.turns.turn import IfDisconnected, Turn
from providers.messages import Message as PromptMessage
from providers.messages import ToolResultPart
from tenants.context import TenantLike
from tenants.models import Tenant
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a call is saved, and what of it.

    `words` is what is kept as the question, or `results` where tools were answered instead. Without a `conversation_id`
    a conversation begins. `key` is what the next call finds it by, None to leave that as it is; with `held` another
    call may have gone on with it meanwhile, and then a new one begins. `ref` is the end user, by the caller's own id.
    """

    words: str
    results: tuple[ToolResultPart, ...] = ()
    conversation_id: uuid.UUID | None = None
    key: str | None = None
    held: str | None = None
    ref: str = ""


NO_THREAD = Thread("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to a bot, with all that its call sets.

    `history` replaces what is stored, `after` follows the question, and `thread` says what is saved of it and where
    (OpenAI's protocol). `instead_of` is the last answer of the caller's conversation, which a new one to the same
    question supersedes. `if_disconnected` says what becomes of the answer when its reader goes away. In a `playground`
    the bot may be one that is in no row. `wants` is what the call brings besides words; it is not kept.
    """

    by: Actor
    tenant: Tenant
    bot: Bot
    text: str
    channel: Channel
    conversation_id: uuid.UUID | None = None
    history: Sequence[PromptMessage] | None = None
    after: Sequence[PromptMessage] = ()
    instructions: str = ""
    overrides: Overrides = NO_OVERRIDES
    wants: Wants = NO_WANTS
    thread: Thread = NO_THREAD
    if_disconnected: IfDisconnected = "stop"
    instead_of: Message | None = None
    playground: bool = False

    @property
    def brings_more(self) -> bool:
        """Whether the call brings what is not kept: its own history, tools, pictures."""
        return bool(self.history or self.after) or self.wants != NO_WANTS


@dataclass(frozen=True, slots=True)
class Started:
    """The question is saved, and its answer is to be made."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Known:
    """There is an answer already, to which its caller comes back.

    With `is_repeated` the question was sent once more with the same key: an answer that failed is made again then.
    """

    answer: Message
    by: Actor
    tenant: TenantLike
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """The question is saved and waits for the person who has the conversation, called `person_name`."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    person_name: str
    is_repeated: bool = False


Entered = Started | Known | Left
