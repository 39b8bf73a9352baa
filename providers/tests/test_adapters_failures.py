"""Each way in which vendors say no becomes an error that a tenant can act on."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from providers import exceptions as errors
from providers.adapters._failures import from_event, from_exception, from_status, retry_after
from providers.adapters._retry import retrying, wait_before_retry
from providers.exceptions import ProviderError


def said(message: str = "", **extra: str) -> dict[str, Any]:
    return {"error": {"message": message, **extra}}


@pytest.mark.parametrize(
    ("status", "body", "error", "detail"),
    [
        (
            400,
            said("This model's maximum context length is 8192 tokens"),
            errors.ProviderPromptTooLong,
            "fewer passages",
        ),
        (
            400,
            said("prompt is too long: 210000 tokens > 200000 maximum"),
            errors.ProviderPromptTooLong,
            "fewer passages",
        ),
        (413, None, errors.ProviderPromptTooLong, "fewer passages"),
        (400, said(param="temperature", code="unsupported_value"), errors.ProviderBadRequest, "'temperature'"),
        (400, said("`temperature` is deprecated for this model."), errors.ProviderBadRequest, "'temperature'"),
        (400, said("max_tokens: Field required"), errors.ProviderBadRequest, "'max_tokens'"),
        (400, said(code="content_filter"), errors.ProviderBadRequest, "content filter"),
        (400, said("Your credit balance is too low"), errors.ProviderQuotaExceeded, "billing"),
        (400, said("The model `x` does not exist"), errors.ProviderModelNotFound, "model"),
        (400, said("invalid key sk-abc in param <script>", param="<script>"), errors.ProviderBadRequest, "settings"),
        (402, None, errors.ProviderQuotaExceeded, "billing"),
        (404, said("model 'llama9' not found, try pulling it first"), errors.ProviderModelNotFound, "model"),
        (404, {"error": "model 'llama9' not found"}, errors.ProviderModelNotFound, "model"),
        (404, said("Unknown request URL: POST /chat"), errors.ProviderHasNoApi, "no model API"),
        (404, None, errors.ProviderHasNoApi, "no model API"),
        (404, "<html>", errors.ProviderHasNoApi, "no model API"),
        (404, {"detail": "Not Found"}, errors.ProviderHasNoApi, "no model API"),
        (409, None, errors.ProviderUnavailable, "again"),
        (418, None, errors.ProviderBadRequest, "settings"),
        (422, said("messages: at least one message is required"), errors.ProviderBadRequest, "'messages'"),
        (429, said(type="insufficient_quota"), errors.ProviderQuotaExceeded, "billing"),
        (429, said("Rate limit reached"), errors.ProviderRateLimited, "rate"),
        (502, "<html>", errors.ProviderUnavailable, "again"),
        (307, None, errors.ProviderMisconfigured, "redirects"),
    ],
)
def test_an_answer_that_is_not_200_is_named(status: int, body: object, error: type[ProviderError], detail: str) -> None:
    found = from_status(status, body, {})
    assert type(found) is error
    assert detail in found.detail
    assert "sk-abc" not in found.detail
    assert "<" not in found.detail


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        ("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", 8192),
        ("prompt is too long: 210000 tokens > 200000 maximum", 200_000),
        ("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length", 200_000),
        ("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096),
        ("the request exceeds the available context size. try increasing the context size", None),
        ("The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure", 4096),
        (
            "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only"
            " 4096 tokens, resulting in a maximum input length of 3996 tokens.",
            3996,
        ),
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            32768,
        ),
        (
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens",
            8193,
        ),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1_048_576),
        ("This model's maximum prompt length is 131072 but the request contains 150000 tokens.", 131_072),
        ("The prompt is too long: 140000, model maximum context length: 131071", 131_071),
        ("Invalid request: Your request exceeded model token limit: 8192", 8192),
        ("Range of input length should be [1, 30720]", 30_720),
        ("too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.", 4081),
        ("Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192", 8192),
        ("Input is too long for requested model.", None),
        ("Your input exceeds the context window of this model. Please adjust your input and try again.", None),
        ("the input length exceeds the context length", None),
        ("litellm.ContextWindowExceededError: This model's maximum context length is 16,385 tokens.", 16_385),
        (
            "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context"
            " length of only 4096 tokens, which is not enough.",
            4096,
        ),
    ],
)
def test_a_prompt_that_is_too_long_is_named_with_the_limit_that_the_vendor_tells(
    message: str, limit: int | None
) -> None:
    for found in (
        from_status(400, said(message), {}),
        from_event({"error": {"type": "invalid_request_error", "message": message}}),
    ):
        assert isinstance(found, errors.ProviderPromptTooLong)
        assert found.limit_tokens == limit
        assert found.extra == ({} if limit is None else {"limit_tokens": limit})


def test_a_server_that_counts_the_limit_apart_is_understood() -> None:
    body = {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096}}
    found = from_status(400, body, {})
    assert isinstance(found, errors.ProviderPromptTooLong)
    assert found.limit_tokens == 4096


def test_a_prompt_that_no_wait_makes_fit_is_no_matter_of_the_rate() -> None:
    message = "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce"
    for status in (413, 429):
        found = from_status(status, said(message, type="tokens", code="rate_limit_exceeded"), {})
        assert isinstance(found, errors.ProviderPromptTooLong)
        assert found.limit_tokens == 6000


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 50000. This model supports at most 16384 completion tokens.",
        "Invalid value for 'stop': too long.",
        "Rate limit reached for gpt-4 on tokens per min (TPM): Limit 10000, Used 9000, Requested 2000.",
        "Unrecognized request argument supplied: context",
        "You have reached your daily token limit. Try again tomorrow.",
    ],
)
def test_other_limits_are_not_taken_for_a_prompt_that_is_too_long(message: str) -> None:
    for status in (400, 429):
        assert not isinstance(from_status(status, said(message), {}), errors.ProviderPromptTooLong)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"type": "error", "error": {"type": "overloaded_error"}}, errors.ProviderUnavailable),
        ({"type": "error", "error": {"type": "rate_limit_error"}}, errors.ProviderRateLimited),
        ({"error": {"code": "insufficient_quota"}}, errors.ProviderQuotaExceeded),
        ({"error": {"type": "authentication_error"}}, errors.ProviderAuthError),
        ({"error": {"type": "not_found_error"}}, errors.ProviderModelNotFound),
        ({"error": {"type": "invalid_request_error", "message": "too many tokens"}}, errors.ProviderPromptTooLong),
        ({"error": "something"}, errors.ProviderUnavailable),
    ],
)
def test_an_error_in_the_stream_is_named(body: object, error: type[ProviderError]) -> None:
    assert type(from_event(body)) is error


def test_an_error_that_nobody_foresaw_is_a_bad_response() -> None:
    assert type(from_exception(RuntimeError("sk-abc"))) is errors.ProviderBadResponse


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": formatdate(time.time() - 60, usegmt=True)}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "9999999"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_wait_given_as_a_date_is_understood() -> None:
    wait = retry_after({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert wait is not None
    assert 20 < wait <= 30


class TestWaitBeforeRetry:
    def test_a_failure_that_may_pass_is_tried_again_after_a_short_random_wait(self) -> None:
        waits = {wait_before_retry(errors.ProviderUnavailable(), attempt=1, seconds_left=60) for _ in range(20)}
        assert len(waits) > 1
        assert all(wait is not None and 0.1 < wait < 1 for wait in waits)

    def test_the_wait_that_was_asked_for_is_honoured(self) -> None:
        wait = wait_before_retry(errors.ProviderRateLimited(retry_after=2), attempt=1, seconds_left=60)
        assert wait is not None
        assert wait >= 2

    @pytest.mark.parametrize(
        ("failure", "attempt", "seconds_left"),
        [
            (errors.ProviderUnavailable(), 2, 60),
            (errors.ProviderAuthError(), 1, 60),
            (errors.ProviderTimeout("first_token"), 1, 60),
            (errors.ProviderRateLimited(retry_after=30), 1, 60),
            (errors.ProviderRateLimited(retry_after=3), 1, 2),
        ],
    )
    def test_there_is_no_second_retry_no_hopeless_one_and_no_long_wait(
        self, failure: ProviderError, attempt: int, seconds_left: float
    ) -> None:
        assert wait_before_retry(failure, attempt=attempt, seconds_left=seconds_left) is None

    async def test_the_second_failure_is_the_one_that_is_told(self) -> None:
        failures = iter([errors.ProviderUnavailable(), errors.ProviderAuthError()])

        async def call() -> None:
            raise next(failures)

        with pytest.raises(errors.ProviderAuthError):
            await retrying(call, seconds_left=lambda: 60)
