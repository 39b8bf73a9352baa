"""What the door refuses, in the words of the caller."""

from __future__ import annotations

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError, RateLimitedError, UnavailableError
from chatcms.server.limits import KB, TURN_RETRY_SECONDS


class BodyTooLargeError(AppError):
    """The body is larger than the route takes; `max_bytes` in extra says how much that is."""

    code = "body_too_large"
    kind = "too_large"

    def __init__(self, max_bytes: int, *, is_open: bool = False) -> None:
        limit = f"{max_bytes // (KB * KB)} MB" if max_bytes >= KB * KB else f"{max_bytes // KB} KB"
        if is_open:
            detail = ErrorText("The request is too large. Without signing in, send at most %(limit)s.", limit=limit)
        else:
            detail = ErrorText("The request is too large. Send at most %(limit)s here.", limit=limit)
        super().__init__(detail, max_bytes=max_bytes)


class BodyTooSlowError(AppError):
    """The body did not arrive in time."""

    code = "request_timeout"
    kind = "timeout"
    default_detail = "The body of the request did not arrive in time. Send it again, without a pause."


class UnsupportedCharsetError(AppError):
    """The sender chose a decoder that is not UTF-8's."""

    code = "unsupported_charset"
    kind = "unsupported"
    default_detail = "Send text in UTF-8, and leave `charset` out or set it to `utf-8`."


class UnsupportedEncodingError(AppError):
    """The body is compressed."""

    code = "unsupported_content_encoding"
    kind = "unsupported"
    default_detail = "Send the body as it is, without a Content-Encoding."


class MalformedRequestError(AppError):
    """The headers contradict themselves."""

    code = "malformed_request"
    default_detail = "The headers do not describe one body. Send one Content-Type, and a Content-Length or chunks."


class TooManyPartsError(AppError):
    """A form has more parts than any form of the product."""

    code = "too_many_parts"
    default_detail = "Send at most 1,000 parts in a form."


class TenantsPlacesTakenError(RateLimitedError):
    """Other bodies of the same tenant fill its room."""

    code = "uploads_under_way"
    default_detail = "Other uploads of this tenant are still under way. Send this one when they are done."

    def __init__(self) -> None:
        super().__init__(retry_after=TURN_RETRY_SECONDS)


class AllPlacesTakenError(UnavailableError):
    """The bodies of all tenants together fill the room that this server has for them."""

    code = "uploads_full"
    default_detail = "The server receives as many uploads as it has room for. Send this one in a few seconds."

    def __init__(self) -> None:
        super().__init__(retry_after=TURN_RETRY_SECONDS)
