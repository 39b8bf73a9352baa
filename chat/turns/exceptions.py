"""Errors of turns."""

from __future__ import annotations

from chatcms.core.exceptions import (
    AppError,
    ConflictError,
    InvalidInputError,
    QuotaExceededError,
    UnavailableError,
)


class MessagesUsedUpError(QuotaExceededError):
    """The plan's messages of this month are used up."""

    code = "monthly_messages_used_up"
    default_detail = "This month's messages are used up. Ask for a larger plan, or wait for the next month."


class DailyQuestionsUsedUpError(AppError):
    """Visitors have asked the bot as many questions today (UTC) as its owner allows."""

    code = "daily_questions_used_up"
    kind = "rate_limited"
    default_detail = "As many questions as allowed were asked today. Ask again tomorrow."


class EmptyQuestionError(InvalidInputError):
    """The question has no characters that can be read."""

    code = "empty_question"
    default_detail = "The message is empty. Send a question."


class AnswerNotSavedError(UnavailableError):
    """The answer was made while the database was away; it is saved when that is back, unless the process dies."""

    code = "answer_not_saved"
    default_detail = (
        "The answer could not be saved yet. It is kept and will be saved as soon as the database is back: "
        "load the conversation again in a moment."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=5)


class AnswerNotKeptError(UnavailableError):
    """The answer was made, but the database could not take it."""

    code = "answer_not_saved"
    default_detail = "The answer could not be saved. Ask again shortly."

    def __init__(self) -> None:
        super().__init__(retry_after=5)


class AnswerBrokeOffError(AppError):
    """Something unforeseen ended the answer; the log has the cause under the request's id."""

    code = "answer_broke_off"
    kind = "unavailable"
    default_detail = "Something went wrong while answering. Ask again, and name the request id if it goes on."


class PictureNotFetchedError(InvalidInputError):
    """A picture that the call names by its address is not to be had there."""

    code = "invalid_image_url"
    default_detail = "A picture could not be fetched from its address. Send it as a data URL."


class PersonNotOfferedError(ConflictError):
    """The bot's setting does not let its callers ask for a person."""

    code = "person_not_offered"
    default_detail = "This bot does not offer to talk to a person."


class OutOfReachError(ConflictError):
    """Callers of this channel hear nothing but the answers to their own questions."""

    code = "out_of_reach"
    default_detail = "Who asks through the OpenAI-compatible API or the portal cannot be written to by a person."


class PersonAnswersError(ConflictError):
    """A person has the conversation, in which the bot is silent meanwhile."""

    code = "person_answers"
    default_detail = "A person answers in this conversation now, so the bot makes no answer anew."


class AnswerAbandonedError(UnavailableError):
    """The process that made the answer is gone, and nobody asked another to go on in time."""

    code = "abandoned"
    default_detail = "The answer broke off with the server that made it. Ask again."


class AnswerNotUnderWayError(ConflictError):
    """There is nothing to stop."""

    code = "answer_not_under_way"
    default_detail = "This answer has ended already."


class AnswerUnderWayError(ConflictError):
    """The answer has to end, or be stopped, first."""

    code = "answer_under_way"
    default_detail = "This answer is still under way. Wait for its end, or stop it."


class NotTheLastAnswerError(ConflictError):
    """Only the last answer of a conversation can be replaced: later ones rest on what stands before them."""

    code = "not_the_last_answer"
    default_detail = "Only the last answer of a conversation can be made anew."


class InvalidPositionError(AppError):
    """What should say how far the reader has come is not the id of an event."""

    code = "invalid_event_id"
    default_detail = "Send the `id` of the last event you received, unchanged, or none."
