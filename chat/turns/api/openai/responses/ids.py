"""How responses and their items are called: by the id of the answer that they are."""

from __future__ import annotations

import re
import uuid

from bots.slugs import uuid_of
from chat.exceptions import NoSuchConversationError
from chat.models import Message
from chat.selectors import answer_of
from chatcms.core.exceptions import AppError
from tenants.types import Actor

_ITEM = re.compile(r"(?:msg|fc)_([0-9a-f]{32})(?:_([0-9]{1,4}))?")


class NoSuchResponseError(AppError):
    """There is no response of that id, or not of this caller's."""

    code = "not_found"
    kind = "not_found"
    default_detail = "There is no such response of yours. Check its id."


class PreviousResponseNotFoundError(AppError):
    """The response that a call goes on from is not there."""

    code = "previous_response_not_found"
    kind = "invalid"


def response_id(message_id: uuid.UUID) -> str:
    """Return what the response is called that is an answer."""
    return f"resp_{message_id.hex}"


def message_item_id(message_id: uuid.UUID, index: int) -> str:
    """Return what the item at a place of an answer is called that is words."""
    return f"msg_{message_id.hex}_{index}" if index else f"msg_{message_id.hex}"


def call_item_id(message_id: uuid.UUID, index: int) -> str:
    """Return what the item at a place of an answer is called that is a call."""
    return f"fc_{message_id.hex}_{index}"


def answer_called(name: str, *, by: Actor) -> Message | None:
    """Return the caller's answer that a response of that id is, None when there is none."""
    message_id = uuid_of(name.removeprefix("resp_")) if name.startswith("resp_") else None
    return None if message_id is None else _answer(message_id, by)


def item_called(name: str, *, by: Actor) -> tuple[Message, int] | None:
    """Return the caller's answer that an item of that id is of, and the item's place; None when there is none."""
    found = _ITEM.fullmatch(name)
    answer = _answer(uuid.UUID(found[1]), by) if found else None
    return (answer, int(found[2] or 0)) if found and answer else None


def _answer(message_id: uuid.UUID, by: Actor) -> Message | None:
    try:
        return answer_of(by, message_id)
    except NoSuchConversationError:
        return None
