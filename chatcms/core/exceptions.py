"""The root of every error that a user can cause or act on."""

from __future__ import annotations

from typing import Any, ClassVar

from chatcms.core.errortext import ErrorText


class AppError(Exception):
    """An error with a stable `code` and a sentence fit for the person who reads it.

    `kind` names the family; `chatcms.core.api.problems` turns it into an HTTP status, so that
    business code never knows HTTP. `extra` holds JSON-ready members for the problem document.
    `detail` is English and an `ErrorText`, so that a page can say it in the reader's language
    (`chatcms.core.pages.refusals`): a text without values is written as a literal where the error is raised, one with
    values as `ErrorText("… %(name)s …", name=…)`. A guard refuses every other text, for no catalogue can have it.
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[str] = "invalid"
    default_detail: ClassVar[str] = "The request could not be carried out."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = ErrorText.of(detail or self.default_detail)
        self.extra = extra
        super().__init__(self.detail)


class NotFoundError(AppError):
    """The thing does not exist, or not in this tenant."""

    code = "not_found"
    kind = "not_found"
    default_detail = "There is no such thing here. Check the id."


class PermissionDeniedError(AppError):
    """The person or key is known but may not do this."""

    code = "permission_denied"
    kind = "forbidden"
    default_detail = "You may not do this. Ask an owner or admin of the tenant."


class ConflictError(AppError):
    """The request clashes with the present state."""

    code = "conflict"
    kind = "conflict"
    default_detail = "This clashes with the present state. Load it again and retry."


class InvalidInputError(AppError):
    """A value is not acceptable; `field` in extra names it when known."""

    code = "invalid_input"
    kind = "unprocessable"
    default_detail = "A value is not acceptable."


class QuotaExceededError(AppError):
    """The tenant's plan does not allow more of this."""

    code = "quota_exceeded"
    kind = "quota"
    default_detail = "The plan's limit is reached. Remove something or ask for a larger plan."


class UnavailableError(AppError):
    """Something the product needs is not there at the moment."""

    code = "unavailable"
    kind = "unavailable"
    default_detail = "A part of the service is not available at the moment. Try again shortly."


class PreconditionFailedError(AppError):
    """The thing has been changed since the caller saw it."""

    code = "precondition_failed"
    kind = "precondition"
    default_detail = "Somebody has changed this since you loaded it. Load it again and repeat your change."


class RateLimitedError(AppError):
    """The caller asks faster than allowed; `retry_after` in extra says in how many seconds the next one counts."""

    code = "rate_limited"
    kind = "rate_limited"
    default_detail = "Too many requests. Wait for as many seconds as `Retry-After` says."


class InvalidIdempotencyKeyError(AppError):
    """The header has characters or a length that a key cannot have."""

    code = "invalid_idempotency_key"
    kind = "invalid"
    default_detail = "Send an `Idempotency-Key` of 1 to 256 visible ASCII characters, a UUID for example."


class IdempotencyInFlightError(ConflictError):
    """The same request is being carried out at this moment."""

    code = "idempotency_in_flight"
    default_detail = "A request with this Idempotency-Key is being carried out. Ask again in a second."

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class IdempotencyKeyReusedError(InvalidInputError):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was sent with another request before. Use a new key for a new request."
