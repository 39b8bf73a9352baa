"""Turns what went wrong at a vendor into the named family of errors, without any upstream body."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import httpx2

from chatcms.core.egress import EgressRefusedError
from chatcms.core.http1 import ResponseRefusedError
from providers.adapters._too_long import larger_than_a_minute, too_long_of
from providers.exceptions import (
    EgressRefused,
    ProviderAuthError,
    ProviderBadRequest,
    ProviderBadResponse,
    ProviderError,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderPromptTooLong,
    ProviderQuotaExceeded,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)

_LONGEST_WAIT = 24 * 3600.0
_PARAM = re.compile(r"[a-z][a-z0-9_.\[\]]{0,39}")
_LEADING_PARAM = re.compile(r"`?([a-z][a-z0-9_.\[\]]{0,39})`?(?::| is (?:deprecated|not supported))")
_NO_CREDIT = re.compile(r"credit balance|insufficient (?:funds|balance|credit|quota)|billing")
_NO_MODEL = re.compile(r"model.{0,80}(?:not found|does not exist|not exist|unknown|not available|no longer)")
_NO_PATH = re.compile(r"unknown request url|invalid url|not found: /|no such (?:path|route)|cannot post|^not found$")

_BY_STATUS: dict[int, Callable[[], ProviderError]] = {
    401: ProviderAuthError,
    402: ProviderQuotaExceeded,
    403: ProviderAuthError,
}
_BY_WORD: tuple[tuple[str, Callable[[], ProviderError]], ...] = (
    ("rate_limit", ProviderRateLimited),
    ("authentication", ProviderAuthError),
    ("permission", ProviderAuthError),
    ("not_found", ProviderModelNotFound),
)
NO_API = "There is no model API at this address. Check the provider's address and type."


_NETWORK: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[], ProviderError]], ...] = (
    (ssl.SSLError, lambda: ProviderMisconfigured("The provider's certificate could not be verified.")),
    (socket.gaierror, lambda: ProviderUnavailable("The provider's address could not be found. Check it.")),
    (httpx2.ConnectTimeout, lambda: ProviderTimeout("connect")),
    (httpx2.TimeoutException, lambda: ProviderTimeout("between_chunks")),
    (httpx2.ConnectError, lambda: ProviderUnavailable("The provider cannot be reached: no connection.")),
    ((ResponseRefusedError, httpx2.DecodingError), ProviderBadResponse),
    (
        (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeError),
        lambda: ProviderMisconfigured("The provider's key or address holds a character that is not allowed."),
    ),
    (httpx2.TransportError, lambda: ProviderUnavailable("The connection to the provider broke.")),
)


def from_exception(error: BaseException) -> ProviderError:
    """Name a failure of the network or the transport; `error` may be an SDK's wrapping of it."""
    chain = list(_chain(error))
    refused = next((each for each in chain if isinstance(each, EgressRefusedError)), None)
    if refused is not None:
        return EgressRefused(refused.detail)
    for kinds, make in _NETWORK:
        if any(isinstance(each, kinds) for each in chain):
            return make()
    return ProviderBadResponse()


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def from_status(status: int, body: object, headers: Mapping[str, str]) -> ProviderError:
    """Name an answer that is not 200. `body` is the parsed document, if it was one."""
    found = _error_of(body)
    wait = retry_after(headers)
    if status in _BY_STATUS:
        return _BY_STATUS[status]()
    if status == 413:
        return _too_long(body, found) or ProviderPromptTooLong()
    if 300 <= status < 400:
        return ProviderMisconfigured("The provider's address redirects. Enter the address it redirects to.")
    if status in {408, 409, 425} or status >= 500:
        return ProviderUnavailable(retry_after=wait)
    if status == 429:
        return _too_many(found, wait)
    return _not_found(found) if status == 404 else _too_long(body, found) or _bad_request(found)


def _too_many(found: dict[str, str], wait: float | None) -> ProviderError:
    if too_long := larger_than_a_minute(found["message"]):
        return too_long
    return ProviderQuotaExceeded() if _says_no_credit(found) else ProviderRateLimited(retry_after=wait)


def from_event(body: object) -> ProviderError:
    """Name an error that came as an event in a stream that had begun with 200."""
    found = _error_of(body)
    words = f"{found['type']} {found['code']}"
    if _says_no_credit(found):
        return ProviderQuotaExceeded()
    if "invalid_request" in words:
        return _too_long(body, found) or _bad_request(found)
    return next((make() for word, make in _BY_WORD if word in words), ProviderUnavailable())


def _error_of(body: object) -> dict[str, str]:
    """The vendor's own words for the error, in lower case, for classifying only."""
    error: Any = body.get("error", body) if isinstance(body, Mapping) else None
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, Mapping):
        return dict.fromkeys(("type", "code", "param", "message"), "")
    return {name: str(error.get(name) or "").lower() for name in ("type", "code", "param", "message")}


def _too_long(body: object, found: dict[str, str]) -> ProviderError | None:
    error = body.get("error", body) if isinstance(body, Mapping) else None
    return too_long_of(
        error if isinstance(error, Mapping) else {}, f"{found['type']} {found['code']}", found["message"]
    )


def _says_no_credit(found: dict[str, str]) -> bool:
    codes = f"{found['type']} {found['code']}"
    return "insufficient_quota" in codes or "billing" in codes or bool(_NO_CREDIT.search(found["message"]))


def _not_found(found: dict[str, str]) -> ProviderError:
    if not any(found.values()) or _NO_PATH.search(found["message"]):
        return ProviderMisconfigured(NO_API)
    return ProviderModelNotFound()


def _bad_request(found: dict[str, str]) -> ProviderError:
    message = found["message"]
    if _says_no_credit(found):
        return ProviderQuotaExceeded()
    if "model_not_found" in found["code"] or _NO_MODEL.search(message):
        return ProviderModelNotFound()
    if "content_filter" in found["code"] or "content_policy" in found["code"]:
        return ProviderBadRequest("The provider's content filter rejected the question.")
    leading = _LEADING_PARAM.match(message)
    name = found["param"] or (leading[1] if leading else "")
    if _PARAM.fullmatch(name):
        return ProviderBadRequest(f"The provider rejected the setting {name!r} for this model.", param=name)
    return ProviderBadRequest()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds the provider asks to wait: as milliseconds, seconds or a date."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            wait = float(milliseconds) / 1000
        elif value is not None:
            wait = float(value) if value.replace(".", "", 1).isdigit() else _until(value)
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if 0 <= wait <= _LONGEST_WAIT else None


def _until(date: str) -> float:
    return max(0.0, parsedate_to_datetime(date).timestamp() - time())
