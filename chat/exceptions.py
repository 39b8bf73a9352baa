"""Errors that every subject of chat may raise."""

from __future__ import annotations

from chatcms.core.exceptions import (
    NotFoundError,
)


class NoSuchConversationError(NotFoundError):
    """There is no conversation of that id that this caller holds with this bot."""

    code = "no_such_conversation"
    default_detail = "There is no such conversation of yours with this bot. Leave `conversation_id` out to begin one."
