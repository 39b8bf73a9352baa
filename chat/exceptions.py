"""Errors of conversations and turns."""

from __future__ import annotations

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
    UnavailableError,
)


class NoSuchConversationError(NotFoundError):
    """There is no conversation of that id that this caller holds with this bot."""

    code = "no_such_conversation"
    default_detail = "There is no such conversation of yours with this bot. Leave `conversation_id` out to begin one."


class NoSuchMessageError(NotFoundError):
    """No message of that id in this tenant."""

    code = "no_such_message"
    default_detail = "There is no such message here. Check its id."


class NoSuchFormatError(NotFoundError):
    """Conversations are not exported in this format."""

    code = "no_such_format"
    default_detail = "Conversations are exported as jsonl, json, csv or txt."


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


class IdentityRequiredError(PermissionDeniedError):
    """The bot talks to nobody for whom the tenant has not vouched."""

    code = "identity_required"
    default_detail = "This bot talks to signed-in people only. Sign in on the page first."


class IdentityInvalidError(PermissionDeniedError):
    """What should prove who a visitor is was not signed with the tenant's identity secret, or is too old."""

    code = "identity_invalid"
    default_detail = "The proof of identity is not valid. Let the tenant's server sign a new one."


class PictureNotFetchedError(InvalidInputError):
    """A picture that the call names by its address is not to be had there."""

    code = "invalid_image_url"
    default_detail = "A picture could not be fetched from its address. Send it as a data URL."


class PersonNotOfferedError(ConflictError):
    """The bot's setting does not let its callers ask for a person."""

    code = "person_not_offered"
    default_detail = "This bot does not offer to talk to a person."


class ConversationTakenError(ConflictError):
    """Another person has the conversation; `taken_by_name` in extra is who."""

    code = "conversation_taken"
    default_detail = "Another person has this conversation. Take it over from them, or leave it to them."

    def __init__(self, name: str = "") -> None:
        detail = ErrorText("“%(name)s” has this conversation. Take it over from them, or leave it to them.", name=name)
        super().__init__(detail if name else None, taken_by_name=name)


class OutOfReachError(ConflictError):
    """Whoever asks through this hears nothing but the answers to their own questions."""

    code = "out_of_reach"
    default_detail = "Who asks through the OpenAI-compatible API or the portal cannot be written to by a person."


class NotTakenOverError(ConflictError):
    """The bot answers: a person has to take the conversation over first."""

    code = "not_taken_over"
    default_detail = "The bot answers in this conversation. Take it over first, then write."


class PersonAnswersError(ConflictError):
    """A person has the conversation, in which the bot is silent meanwhile."""

    code = "person_answers"
    default_detail = "A person answers in this conversation now, so the bot makes no answer anew."


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


class BudgetExceededError(AppError):
    """The money for answers is used up in this period."""

    code = "budget_exceeded"
    kind = "budget"
    default_detail = "The budget for answers is used up for now. Ask again when it begins anew, or raise it."


class ModelPriceUnknownError(AppError):
    """A budget is set, but what the model costs is not known: nobody could keep it."""

    code = "model_price_unknown"
    kind = "bot_misconfigured"
    default_detail = "What the model costs is not known, so no budget can be kept."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(
            ErrorText(
                "%(problem)s Add `input_price` and `output_price` to the model in the provider's `config`, or remove "
                "the budget.",
                problem=ErrorText.of(detail or self.default_detail),
            )
        )


class NoSuchBudgetError(NotFoundError):
    """No budget of that id in this tenant."""

    code = "no_such_budget"
    default_detail = "There is no such budget here. Check its id."


class BudgetTakenError(ConflictError):
    """There is a budget for the same already."""

    code = "budget_taken"
    default_detail = "There is a budget for that period already. Change its amount instead."


class AnalyticsPeriodError(InvalidInputError):
    """The first day is after the last, or there are too many between."""

    code = "analytics_period"
    default_detail = "Send a first day that is not after the last one, and at most 400 days."
