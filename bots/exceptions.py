"""Errors about bots."""

from __future__ import annotations

from collections.abc import Mapping

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import ConflictError, InvalidInputError, NotFoundError, QuotaExceededError


class NoSuchBotError(NotFoundError):
    """No bot of that id or slug in this tenant."""

    code = "no_such_bot"
    default_detail = "There is no such bot here. Check its id."


class NoSuchCuratedAnswerError(NotFoundError):
    """No curated answer of that id in this tenant."""

    code = "no_such_curated_answer"
    default_detail = "There is no such curated answer here. Check its id."


class NoSuchVersionError(NotFoundError):
    """The bot has no version of that number, or none any more."""

    code = "no_such_version"
    default_detail = "The bot has no such version. Name one of its list, `draft` or `published`."


class NothingToPublishError(ConflictError):
    """The bot has no changes that are not published."""

    code = "nothing_to_publish"
    default_detail = "Nothing differs from what is published. Change the draft first."


class NoteTooLongError(InvalidInputError):
    """The note on a version is too long."""

    code = "note_too_long"
    default_detail = "Write a note of up to 200 characters."


class FaultsError(InvalidInputError):
    """Values are not acceptable; `errors` in extra points to each."""

    def __init__(self, faults: Mapping[str, ErrorText] | None = None) -> None:
        """Take the faults as JSON pointer to sentence."""
        faults = faults or {}
        super().__init__(
            next(iter(faults.values()), None),
            errors=[{"pointer": at, "detail": text, "code": self.code} for at, text in faults.items()],
        )


class BotSettingsError(FaultsError):
    """Settings of a bot are not acceptable; `errors` in extra points to each."""

    code = "bot_settings"
    default_detail = "A setting of the bot is not acceptable."


class CuratedAnswerError(FaultsError):
    """A curated answer or its questions are not acceptable; `errors` in extra points to each."""

    code = "curated_answer"
    default_detail = "The curated answer is not acceptable."


class CuratedQuestionTakenError(ConflictError):
    """Another active answer of the bot has one of the questions; `errors` in extra points to each."""

    code = "curated_question_taken"
    default_detail = "Another active answer of this bot has the same question. Change that one, or switch it off."

    def __init__(self, taken: dict[str, str] | None = None) -> None:
        """Take JSON pointers with the question that each clashes with."""
        details = {
            at: ErrorText("Another active answer has the question “%(question)s”.", question=text)
            for at, text in (taken or {}).items()
        }
        super().__init__(errors=[{"pointer": at, "detail": text, "code": self.code} for at, text in details.items()])


class TooManyCuratedError(ConflictError):
    """The bot has as many curated answers as one can have."""

    code = "too_many_curated_answers"
    default_detail = "The bot has as many curated answers as one can have. Delete one, or put more into a dataset."


class BotReferenceGoneError(ConflictError):
    """A provider or dataset that the bot was to use was deleted at the same moment."""

    code = "bot_reference_gone"
    default_detail = "A provider or dataset of the bot was deleted just now. Load the page again and retry."


class TooManyBotsError(QuotaExceededError):
    """The plan allows no more bots."""

    code = "too_many_bots"
    default_detail = "The plan allows no more bots. Archive or delete one, or ask for a larger plan."
