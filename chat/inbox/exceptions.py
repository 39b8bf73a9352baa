"""Errors of those who look after a tenant's conversations."""

from __future__ import annotations

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
)


class NoSuchMessageError(NotFoundError):
    """No message of that id in this tenant."""

    code = "no_such_message"
    default_detail = "There is no such message here. Check its id."


class NoSuchFormatError(NotFoundError):
    """Conversations are not exported in this format."""

    code = "no_such_format"
    default_detail = "Conversations are exported as jsonl, json, csv or txt."


class ConversationTakenError(ConflictError):
    """Another person has the conversation; `taken_by_name` in extra is who."""

    code = "conversation_taken"
    default_detail = "Another person has this conversation. Take it over from them, or leave it to them."

    def __init__(self, name: str = "") -> None:
        detail = ErrorText("“%(name)s” has this conversation. Take it over from them, or leave it to them.", name=name)
        super().__init__(detail if name else None, taken_by_name=name)


class NotTakenOverError(ConflictError):
    """The bot answers: a person has to take the conversation over first."""

    code = "not_taken_over"
    default_detail = "The bot answers in this conversation. Take it over first, then write."


class EmptyReplyError(InvalidInputError):
    """The reply has no characters that can be read."""

    code = "empty_reply"
    default_detail = "The reply is empty. Write something."


class NoQuestionError(InvalidInputError):
    """The message neither asks nor answers anything any more."""

    code = "no_question"
    default_detail = "There is no question to this message. Write the question that the answer is to."


class AnsweredByCuratedError(ConflictError):
    """Curated answers go before datasets; `curated_answer_id` in extra names the one that was given."""

    code = "answered_by_curated"
    default_detail = "A curated answer was given to this question, and goes before every dataset. Correct that one."
