"""Errors about bots."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError, InvalidInputError, NotFoundError, QuotaExceededError


class NoSuchBotError(NotFoundError):
    """No bot of that id or slug in this tenant."""

    code = "no_such_bot"
    default_detail = "There is no such bot here. Check its id."


class BotSettingsError(InvalidInputError):
    """Settings of a bot are not acceptable; `errors` in extra points to each."""

    code = "bot_settings"
    default_detail = "A setting of the bot is not acceptable."

    def __init__(self, faults: dict[str, str] | None = None) -> None:
        """Take the faults as JSON pointer to sentence."""
        faults = faults or {}
        super().__init__(
            next(iter(faults.values()), None),
            errors=[{"pointer": at, "detail": text, "code": self.code} for at, text in faults.items()],
        )


class BotReferenceGoneError(ConflictError):
    """A provider or dataset that the bot was to use was deleted at the same moment."""

    code = "bot_reference_gone"
    default_detail = "A provider or dataset of the bot was deleted just now. Load the page again and retry."


class TooManyBotsError(QuotaExceededError):
    """The plan allows no more bots."""

    code = "too_many_bots"
    default_detail = "The plan allows no more bots. Delete one or ask for a larger plan."
