"""The errors of providers: a small named family with sentences that a tenant can act on.

No error of this family repeats an upstream body: it may hold a key.
"""
# ruff: noqa: N818 - the names say what happened ("rate limited"), as the callers read them

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError, ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from providers.messages import FinishReason
    from providers.types import TimeoutStage


class ProviderError(AppError):
    """A model provider could not be used.

    `retriable` tells whether the same call may succeed shortly; `retry_after` is the wait in seconds
    that the provider asked for, when it did.
    """

    code = "provider_failed"
    kind = "provider_failed"
    default_detail = "The model provider could not answer."
    retriable: bool = False

    def __init__(self, detail: str | None = None, *, retry_after: float | None = None, **extra: Any) -> None:
        if retry_after is not None:
            extra["retry_after"] = retry_after
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class ProviderAuthError(ProviderError):
    """401 or 403: the key is wrong, revoked, or may not use this."""

    code = "provider_auth"
    kind = "bot_misconfigured"
    default_detail = "The provider refused the key. Check the provider's key and its rights."


class ProviderRateLimited(ProviderError):
    """429: too many calls for now."""

    code = "provider_rate_limited"
    kind = "rate_limited"
    default_detail = "The provider is limiting the rate of calls. Try again shortly."
    retriable = True


class ProviderQuotaExceeded(ProviderError):
    """The account at the provider has no credit left; waiting does not help."""

    code = "provider_quota_exceeded"
    kind = "bot_misconfigured"
    default_detail = "The provider says that the account's credit or quota is used up. Check its billing."


class ProviderUnavailable(ProviderError):
    """5xx, connection refused or reset, or a name that does not resolve."""

    code = "provider_unavailable"
    default_detail = "The provider is not available at the moment. Try again shortly."
    retriable = True


class ProviderTimeout(ProviderError):
    """The provider took too long at `stage`; `reading` tells that it had answered, but not begun to speak or think."""

    code = "provider_timeout"
    kind = "provider_timeout"
    sentences: ClassVar[dict[TimeoutStage, ErrorText]] = {
        "connect": ErrorText("The provider could not be reached in time. Check the address, or try again shortly."),
        "first_token": ErrorText(
            "The provider did not begin to answer in time. It may still be loading the model or reading the prompt: "
            "allow more time or fewer passages, or try again shortly."
        ),
        "between_chunks": ErrorText(
            "The provider fell silent in the middle of the answer. Allow longer silences, or try again shortly."
        ),
        "total": ErrorText("The answer took longer than allowed. Allow more time in all, or a shorter answer."),
    }
    still_reading: ClassVar[ErrorText] = ErrorText(
        "The model was still reading the prompt when the time was up. Allow more time or fewer passages."
    )

    def __init__(self, stage: TimeoutStage, *, reading: bool = False, **extra: Any) -> None:
        super().__init__(self.still_reading if reading else self.sentences[stage], stage=stage, **extra)
        self.stage: TimeoutStage = stage
        self.retriable = stage == "connect"


class ProviderBadRequest(ProviderError):
    """The provider rejected the request itself; `detail` says which part.

    `param` is the setting that it names, "" for none; `unsupported` tells that it takes no such setting at all.
    """

    code = "provider_bad_request"
    kind = "bot_misconfigured"
    default_detail = "The provider rejected the request. Check the model and its settings."

    def __init__(self, detail: str | None = None, *, param: str = "", unsupported: bool = False, **extra: Any) -> None:
        if param:
            extra["param"] = param
        super().__init__(detail, **extra)
        self.param = param
        self.unsupported = unsupported


class ProviderTooManyTexts(ProviderBadRequest):
    """The provider takes fewer texts, or shorter ones, at once."""

    default_detail = "The provider takes fewer texts at once. Set the model's `max_batch` in the provider's settings."


class ProviderPromptTooLong(ProviderBadRequest):
    """The prompt is longer than the model reads; `limit_tokens` is its limit, where the provider names it."""

    code = "provider_prompt_too_long"
    default_detail = (
        "The question with its documents is too long for this model. Choose a larger model or fewer passages."
    )

    def __init__(self, detail: str | None = None, *, limit_tokens: int | None = None, **extra: Any) -> None:
        if limit_tokens is not None:
            extra["limit_tokens"] = limit_tokens
        super().__init__(detail, **extra)
        self.limit_tokens = limit_tokens


class ModelCannotError(ProviderBadRequest):
    """The request asks for what the model cannot do, such as looking at an image; nothing was sent."""

    code = "model_cannot"
    default_detail = "The model cannot do what is asked of it. Choose another one."


class ProviderModelNotFound(ProviderError):
    """The model does not exist there, or the key may not use it."""

    code = "provider_model_not_found"
    kind = "bot_misconfigured"
    default_detail = "The provider does not know this model, or the key may not use it."


class ProviderBadResponse(ProviderError):
    """What came back is not what this kind of provider speaks."""

    code = "provider_bad_response"
    default_detail = "The provider's answer could not be understood. Check its address and its type."


class ProviderStreamInterrupted(ProviderError):
    """The stream broke after the first token: what was received is a part of the answer."""

    code = "provider_stream_interrupted"
    default_detail = "The provider's answer broke off. What is shown is only a part of it."


class ProviderSaidNothing(ProviderError):
    """The answer ended, for `reason`, without a word that could be shown: thoughts, marks or unasked calls only."""

    code = "provider_said_nothing"
    default_detail = "The model ended its answer without a word. Try again, or choose another model."
    sentences: ClassVar[dict[FinishReason, ErrorText]] = {
        "length": ErrorText(
            "The model used up the tokens it may answer with before its first word. Allow it a longer answer, "
            "or choose a model that thinks less."
        ),
        "content_filter": ErrorText(
            "The provider's content filter held the answer back. Put the question differently."
        ),
        "tool_calls": ErrorText("The model called a tool that it was not given, and said nothing. Try another model."),
    }

    def __init__(self, reason: FinishReason = "stop", **extra: Any) -> None:
        super().__init__(self.sentences.get(reason), **extra)


class ProviderMisconfigured(ProviderError):
    """A key is missing, an address is not usable, or the local model is not installed."""

    code = "provider_misconfigured"
    kind = "bot_misconfigured"
    default_detail = "The provider is not set up completely. Check its key and address."


class ProviderHasNoApi(ProviderMisconfigured):
    """Nothing answers at the path that the address leads to."""

    default_detail = "There is no model API at this address. Check the provider's address and type."


class ProviderCannotList(ProviderMisconfigured):
    """The provider answers, but tells nobody which models it has."""

    code = "provider_cannot_list_models"
    default_detail = "The provider does not tell which models it has. List those you use in the provider's settings."


class EgressRefused(ProviderMisconfigured):
    """The address is one that this installation does not connect to."""

    code = "egress_refused"
    default_detail = "The provider's address is not allowed here. Ask the platform's operator to allow it."


# --- errors of setting providers up: about a tenant's own rows, not about a vendor ---


class NoSuchProviderError(NotFoundError):
    """No provider of that id in this tenant."""

    code = "no_such_provider"
    default_detail = "There is no such provider here. Check the id."


class ProviderNameTakenError(ConflictError):
    """Another provider of the tenant has that name."""

    code = "provider_name_taken"
    default_detail = "Another provider has this name. Choose another."


class ProviderInUseError(ConflictError):
    """Something still uses the provider; `usages` in extra lists what."""

    code = "provider_in_use"
    default_detail = "This provider is in use. Give what uses it another provider first."


class DefaultInUseError(ConflictError):
    """Bots follow the default provider; `usages` in extra lists those that a new default would move."""

    code = "default_in_use"
    default_detail = "Bots that name no provider would run on another one. Confirm it."


class ProviderIsDefaultError(ConflictError):
    """The tenant's default provider may neither go nor be switched off."""

    code = "provider_is_default"
    default_detail = "This is the default provider. Make another one the default first."


class ProviderSettingsError(InvalidInputError):
    """A setting of a provider is not acceptable; `errors` in extra points to it."""

    code = "provider_settings"

    default_detail = "A setting of the provider is not acceptable."

    def __init__(self, detail: str | None = None, *, pointer: str = "") -> None:
        detail = detail or self.default_detail
        super().__init__(detail, errors=[{"pointer": pointer, "detail": detail, "code": self.code}])
        self.pointer = pointer
