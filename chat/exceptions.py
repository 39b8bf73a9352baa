"""Errors of conversations and turns."""

from __future__ import annotations

from chatcms.core.exceptions import (
    AppError,
    InvalidInputError,
    NotFoundError,
    QuotaExceededError,
    UnavailableError,
)


class NoSuchConversationError(NotFoundError):
    """There is no conversation of that id that this caller holds with this bot."""

    code = "no_such_conversation"
    default_detail = "There is no such conversation of yours with this bot. Leave `conversation_id` out to begin one."


class MessagesUsedUpError(QuotaExceededError):
    """The plan's messages of this month are used up."""

    code = "monthly_messages_used_up"
    default_detail = "This month's messages are used up. Ask for a larger plan, or wait for the next month."


class EmptyQuestionError(InvalidInputError):
    """The question has no characters that can be read."""

    code = "empty_question"
    default_detail = "The message is empty. Send a question."


class AnswerNotSavedError(UnavailableError):
    """The answer was made, but the database could not take it."""

    code = "answer_not_saved"
    default_detail = "The answer could not be saved. Ask again shortly."


class AnswerBrokeOffError(AppError):
    """Something unforeseen ended the answer; the log has the cause under the request's id."""

    code = "answer_broke_off"
    kind = "unavailable"
    default_detail = "Something went wrong while answering. Ask again, and name the request id if it goes on."
