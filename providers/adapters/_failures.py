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

from chatcms.core.errortext import ErrorText
from chatcms.core.outbound.egress import EgressRefusedError
from chatcms.core.outbound.http1 import ResponseRefusedError
from providers.adapters._complaints import Complaint, complaint_of, document_of
from providers.adapters._too_long import larger_than_a_minute, too_long_of
from providers.exceptions import (
    EgressRefused,
    ProviderAuthError,
    ProviderBadRequest,
    ProviderBadResponse,
    ProviderError,
    ProviderHasNoApi,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderPromptTooLong,
    ProviderQuotaExceeded,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderTooManyTexts,
    ProviderUnavailable,
)

_LONGEST_WAIT = 24 * 3600.0
_NO_CREDIT = re.compile(
    r"credit balance|insufficient[ _](?:funds|balance|credits?|quota)|balance is (?:insufficient|not enough|too low)"
    r"|not enough (?:credits?|balance)|out of credits?|(?:exceeded|used up) your (?:current )?(?:monthly )?quota"
    r"|billing|payment required|in arrears|arrearage|spend(?:ing)?[ _]limit|key limit exceeded"
    r"|more credits|quota_exceeded"
)
_REFUSED = re.compile(
    r"(?:invalid|incorrect|wrong|missing|expired|revoked|no) (?:api|access|auth\w*|x-api)[ _-]?(?:key|token|cred\w+)"
    r"|api[ _-]?key (?:not valid|not found|expired|is (?:invalid|missing|required))|api_key_invalid|invalid_api_key"
    r"|authentication|unauthori[sz]ed|unauthenticated|permission"
)
_FILTERED = re.compile(
    r"content_filter|content_policy|contentfilter|responsibleaipolicy|content management policy|content policy"
    r"|data_?inspection|inappropriate content|requires moderation|(?:was|been|were) flagged|moderation_blocked"
    r"|violat\w+ .{0,60}polic|safety (?:system|filter|reasons)|sensitive (?:words|content|information)"
)
_NO_MODEL = re.compile(
    r"model[^\n]{0,120}(?:not found|does ?n[o']t exist|not exist|unknown model|not available|no longer)"
    r"|model[^\n]{0,80}been (?:deprecated|decommissioned|retired|removed|shut)|(?:access to|unknown|no such) model"
    r"|not a valid model|invalid model|model[_ ](?:is )?not[_ ](?:found|available)|model_decommissioned"
    r"|deployment_?not_?found|deployment[^\n]{0,80}does not exist|no endpoints found for|pulling it first"
)
_NO_PATH = re.compile(
    r"unknown request url|unrecognized request url|invalid url|not found: /|no such (?:path|route|endpoint)"
    r"|cannot (?:post|get)|^not found\.?$|(?:file|page|resource|route|path|url|endpoint) not found"
    r"|unexpected endpoint|method not allowed|no static resource"
)
_RATE = re.compile(r"rate[ _-]?limit|too[ _]many[ _]requests|throttl|resource_exhausted")
_BATCH = re.compile(
    r"batch|too many (?:inputs?|texts?|documents?|items|strings)|array[ _](?:is )?(?:too long|above)"
    r"|number of (?:inputs?|texts?|documents?|items)|instance\(s\)"
    r"|at most \d+ (?:inputs?|texts?|documents?|items|requests|instances)"
)
# What names one of these may be about the prompt, the model or the key as well
_OF_PROMPTS = frozenset({"model", "messages", "input", "system"})
_ELSEWHERE = re.compile(
    r"unsupported_country|(?:region|country|location)[^\n]{0,40} not (?:supported|available|allowed)"
)
_REQUEST = re.compile(r"invalid_?request|bad_?request|invalid_?argument|invalid_?parameter|validation|unprocessable")

_BY_WORDS: tuple[tuple[re.Pattern[str], Callable[[Complaint], ProviderError]], ...] = (
    (_FILTERED, lambda _: ProviderBadRequest("The provider's content filter rejected the question.")),
    (_NO_CREDIT, lambda _: ProviderQuotaExceeded()),
    (_NO_MODEL, lambda _: ProviderModelNotFound()),
    (_ELSEWHERE, lambda _: ProviderMisconfigured("The provider does not serve the region of this installation.")),
    (_RATE, lambda said: ProviderRateLimited(retry_after=said.wait)),
    (_REFUSED, lambda _: ProviderAuthError()),
    (_NO_PATH, lambda _: ProviderHasNoApi()),
)


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


def from_response(response: httpx2.Response) -> ProviderError:
    """Name an answer that is not 200; its body has been read, or it has none."""
    content = b"" if response.is_closed and not response.is_stream_consumed else response.content
    return from_status(response.status_code, document_of(content), response.headers)


def from_status(status: int, body: object, headers: Mapping[str, str]) -> ProviderError:
    """Name an answer that is not 200. `body` is the parsed document, its text if it is none."""
    said = complaint_of(body)
    asked = retry_after(headers)
    wait = said.wait if asked is None else asked
    named: ProviderError | None = None
    if 300 <= status < 400:
        named = ProviderMisconfigured("The provider's address redirects. Enter the address it redirects to.")
    elif status in {401, 402, 403}:
        named = _refused(status, said, wait)
    elif status in {404, 405, 410, 501}:
        named = _not_found(said)
    elif status == 413:
        named = _too_many_texts(said) or too_long_of(said) or ProviderPromptTooLong()
    elif status == 429:
        named = _too_many_calls(said, wait)
    elif status in {408, 409, 424, 425} or status >= 500:
        named = too_long_of(said) or ProviderUnavailable(retry_after=wait)
    return named or _bad_request(said)


def is_error(document: Mapping[str, Any]) -> bool:
    """Whether a document that came with the status 200 is an error, whichever way its server says so."""
    error = document.get("error")
    if isinstance(error, Mapping):
        error = any(error.values())
    return bool(error) or "error" in (document.get("object"), document.get("type"))


def from_event(body: object) -> ProviderError:
    """Name an error that came where an answer was to be: in a stream, or as a document, with the status 200."""
    said = complaint_of(body)
    if said.status:
        return from_status(said.status, body, {})
    named = too_long_of(said) or _by_words(said)
    if named is not None:
        return named
    if _REQUEST.search(said.codes):
        return _bad_request(said)
    return ProviderModelNotFound() if "not_found" in said.codes else ProviderUnavailable(retry_after=said.wait)


def _too_many_texts(said: Complaint) -> ProviderError | None:
    return ProviderTooManyTexts() if _BATCH.search(said.all) else None


def _by_words(said: Complaint) -> ProviderError | None:
    """Name what a vendor says whatever status it says it with."""
    return next((make(said) for pattern, make in _BY_WORDS if pattern.search(said.all)), None)


def _refused(status: int, said: Complaint, wait: float | None) -> ProviderError:
    """Name a refusal to serve; not every 403 is about the key."""
    usual = ProviderQuotaExceeded() if status == 402 else ProviderAuthError()
    named = None if status == 401 else _by_words(said)
    if isinstance(named, ProviderRateLimited):
        return ProviderRateLimited(retry_after=wait)
    return usual if named is None or isinstance(named, ProviderHasNoApi) else named


def _too_many_calls(said: Complaint, wait: float | None) -> ProviderError:
    if too_long := larger_than_a_minute(said.words):
        return too_long
    if said.wait is None and _NO_CREDIT.search(said.all):
        return ProviderQuotaExceeded()
    return ProviderRateLimited(retry_after=wait)


def _not_found(said: Complaint) -> ProviderError:
    """Tell a path that is not there from a model that is not there."""
    if _NO_MODEL.search(said.all):
        return ProviderModelNotFound()
    if said.is_page or not said.words or _NO_PATH.search(said.words):
        return ProviderHasNoApi()
    return ProviderModelNotFound()


def _bad_request(said: Complaint) -> ProviderError:
    if (too_long := too_long_of(said)) is not None:
        return too_long
    if said.param and said.param not in _OF_PROMPTS and not _FILTERED.search(said.all):
        return _bad_setting(said)
    named = _by_words(said) or _too_many_texts(said)
    if named is not None:
        return named
    if said.param == "model":
        return ProviderModelNotFound()
    return _bad_setting(said) if said.param else ProviderBadRequest()


def _bad_setting(said: Complaint) -> ProviderError:
    return ProviderBadRequest(
        ErrorText("The provider rejected the setting %(param)s for this model.", param=f"{said.param!r}"),
        param=said.param,
        unsupported=said.is_unsupported,
    )


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
