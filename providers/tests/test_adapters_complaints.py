"""What real vendors and gateways say when they refuse, each in its own document, is understood for what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers import exceptions as errors
from providers.adapters._complaints import document_of
from providers.adapters._failures import from_event, from_status
from providers.exceptions import ProviderError


def openai(message: str, type_: str = "invalid_request_error", code: Any = None, param: str | None = None) -> Any:
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


def anthropic(type_: str, message: str) -> Any:
    return {"type": "error", "error": {"type": type_, "message": message}, "request_id": "req_1"}


def google(code: int, status: str, message: str, *details: Any) -> Any:
    return [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]


def vllm(code: int, type_: str, message: str, param: str | None = None) -> Any:
    return {"object": "error", "message": message, "type": type_, "param": param, "code": code}


AUTH, QUOTA, RATE = errors.ProviderAuthError, errors.ProviderQuotaExceeded, errors.ProviderRateLimited
MODEL, LONG, BAD = errors.ProviderModelNotFound, errors.ProviderPromptTooLong, errors.ProviderBadRequest
DOWN, NO_API, SETUP = errors.ProviderUnavailable, errors.ProviderHasNoApi, errors.ProviderMisconfigured
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
NESTED = json.dumps(openai("This model's maximum context length is 8192 tokens.", code="context_length_exceeded"))

REFUSALS: list[tuple[int, Any, type[ProviderError]]] = [
    # OpenAI
    (401, openai("Incorrect API key provided: sk-abc. You can find your API key at …", code="invalid_api_key"), AUTH),
    (403, openai("Project `proj_1` does not have access to model `gpt-5`", code="model_not_found"), MODEL),
    (403, openai("Country, region, or territory not supported", code="unsupported_country_region_territory"), SETUP),
    (429, openai("You exceeded your current quota, please check your plan", "insufficient_quota"), QUOTA),
    (429, openai("Rate limit reached for gpt-4o on tokens per min (TPM)", "tokens", "rate_limit_exceeded"), RATE),
    (404, openai("The model `gpt-9` does not exist or you do not have access to it.", code="model_not_found"), MODEL),
    (404, openai("The model `gpt-4-vision` has been deprecated, learn more here", code="model_not_found"), MODEL),
    (400, openai("Unsupported value: 'temperature' does not support 0.3", param="temperature"), BAD),
    (400, openai("Invalid prompt: your prompt was flagged as potentially violating our usage policy."), BAD),
    (500, openai("The server had an error while processing your request", "server_error"), DOWN),
    (503, openai("That model is currently overloaded with other requests.", "server_error"), DOWN),
    # Azure
    (401, openai("Access denied due to invalid subscription key or wrong API endpoint.", code="401"), AUTH),
    (401, {"statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, or expired."}, AUTH),
    (404, openai("The API deployment for this resource does not exist.", code="DeploymentNotFound"), MODEL),
    (404, {"error": {"code": "404", "message": "Resource not found"}}, NO_API),
    (400, openai("The response was filtered due to the prompt triggering Azure's content management policy."), BAD),
    (
        400,
        {"error": {"message": "x", "code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        BAD,
    ),
    (
        429,
        {"error": {"code": "429", "message": "Requests have exceeded call rate limit. Please retry after 6 seconds."}},
        RATE,
    ),
    # Anthropic
    (401, anthropic("authentication_error", "invalid x-api-key"), AUTH),
    (403, anthropic("permission_error", "Your API key does not have permission to use the specified resource."), AUTH),
    (404, anthropic("not_found_error", "model: claude-9"), MODEL),
    (400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), QUOTA),
    (400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), LONG),
    (400, anthropic("invalid_request_error", "messages.0.content.0.type: Field required"), BAD),
    (413, anthropic("request_too_large", "Request exceeds the maximum size"), LONG),
    (429, anthropic("rate_limit_error", "Number of request tokens has exceeded your per-minute rate limit"), RATE),
    (529, anthropic("overloaded_error", "Overloaded"), DOWN),
    # Mistral
    (401, {"message": "Unauthorized", "request_id": "1"}, AUTH),
    (401, {"detail": "Unauthorized"}, AUTH),
    (400, {"object": "error", "message": "Invalid model: mistral-9", "type": "invalid_model", "code": "1500"}, MODEL),
    (
        400,
        vllm(
            3051,
            "invalid_request_error",
            "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
        ),
        LONG,
    ),
    (
        429,
        {"object": "error", "message": "Service tier capacity exceeded", "type": "service_tier_capacity_exceeded"},
        RATE,
    ),
    # Groq
    (400, openai("The model `llama2-70b` has been decommissioned", code="model_decommissioned"), MODEL),
    (400, openai("Please reduce the length of the messages or completion.", code="context_length_exceeded"), LONG),
    (413, openai("Request too large on tokens per minute (TPM): Limit 6000, Requested 9000", "tokens"), LONG),
    (
        429,
        openai("Rate limit reached on tokens per day (TPD): Limit 100000, Used 99000. Please try again in 7m12s."),
        RATE,
    ),
    # Together
    (401, openai("Invalid API key provided. You can find your API key at …", code="invalid_api_key"), AUTH),
    (
        404,
        openai(
            "Unable to access model x. Please visit … to see the list of supported models", code="model_not_available"
        ),
        MODEL,
    ),
    (422, openai("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000"), LONG),
    (402, openai("Credit limit exceeded, please navigate to billing", "credit_limit"), QUOTA),
    # OpenRouter
    (401, {"error": {"message": "No auth credentials found", "code": 401}}, AUTH),
    (402, {"error": {"message": "Insufficient credits. Add more using …", "code": 402}}, QUOTA),
    (403, {"error": {"message": "Key limit exceeded", "code": 403}}, QUOTA),
    (
        403,
        {"error": {"message": "x requires moderation. Your input was flagged", "metadata": {"reasons": ["violence"]}}},
        BAD,
    ),
    (404, {"error": {"message": "No endpoints found for x/y.", "code": 404}}, MODEL),
    (400, {"error": {"message": "x/y is not a valid model ID", "code": 400}}, MODEL),
    (400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": NESTED}}}, LONG),
    (
        400,
        {
            "error": {
                "message": "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000"
            }
        },
        LONG,
    ),
    (502, {"error": {"message": "Provider returned error", "code": 502}}, DOWN),
    # vLLM
    (404, vllm(404, "NotFoundError", "The model `x` does not exist.", "model"), MODEL),
    (
        400,
        vllm(400, "BadRequestError", "This model's maximum context length is 4096 tokens. However, you requested 5000"),
        LONG,
    ),
    (400, vllm(400, "BadRequestError", "Conversation roles must alternate user/assistant/user/assistant/..."), BAD),
    (401, {"error": "Unauthorized"}, AUTH),
    (404, {"detail": "Not Found"}, NO_API),
    # llama.cpp
    (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, DOWN),
    (404, {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, NO_API),
    (401, {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}, AUTH),
    (400, {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096}}, LONG),
    (
        500,
        {"error": {"code": 500, "message": "the request exceeds the available context size", "type": "server_error"}},
        LONG,
    ),
    # Ollama and LM Studio
    (404, openai('model "llama9" not found, try pulling it first', "api_error"), MODEL),
    (404, {"error": "model 'llama9' not found"}, MODEL),
    (404, "404 page not found", NO_API),
    (500, {"error": "model requires more system memory (5.6 GiB) than is available"}, DOWN),
    (400, {"error": "Trying to keep the first 5000 tokens when context the overflows."}, LONG),
    # LiteLLM
    (400, openai(f"litellm.BadRequestError: OpenAIException - {NESTED}", code="400"), LONG),
    (400, openai("litellm.ContextWindowExceededError: …", "ContextWindowExceededError", "400"), LONG),
    (401, openai("Authentication Error, LiteLLM Virtual Key expected.", "auth_error", "401"), AUTH),
    (400, openai("/chat/completions: Invalid model name passed in model=x. Call `/v1/models`", "None", "400"), MODEL),
    (429, openai("litellm.RateLimitError: AnthropicException - rate_limit_error", "throttling_error", "429"), RATE),
    # Gemini's OpenAI face
    (400, google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", KEY_INVALID), AUTH),
    (404, google(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1main"), MODEL),
    (429, google(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check billing", RETRY_INFO), RATE),
    (
        400,
        google(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
        LONG,
    ),
    (400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), SETUP),
    (503, google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), DOWN),
    # others
    (400, {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content."}, BAD),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient"}, QUOTA),
    (400, {"code": "Arrearage", "message": "Access denied, please make sure your account is in good standing."}, QUOTA),
    (
        429,
        {"error": {"code": "1113", "message": "Insufficient balance or no resource package. Please recharge."}},
        QUOTA,
    ),
    # pages, plain words, nothing
    (401, "<html><body>401 Authorization Required</body></html>", AUTH),
    (404, "<!DOCTYPE html><title>Not here</title>", NO_API),
    (405, {"detail": "Method Not Allowed"}, NO_API),
    (413, "<html>413 Request Entity Too Large</html>", LONG),
    (502, "<html>502 Bad Gateway</html>", DOWN),
    (524, "error code: 524", DOWN),
    (400, "Bad Request", BAD),
    (400, None, BAD),
    (400, [], BAD),
    (400, {"error": None}, BAD),
    (400, {"errors": [{"message": "temperature: must be ≤ 1"}]}, BAD),
]


@pytest.mark.parametrize(("status", "body", "expected"), REFUSALS)
def test_each_vendors_refusal_is_understood(status: int, body: Any, expected: type[ProviderError]) -> None:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b""
    found = from_status(status, document_of(content), {})
    assert type(found) is expected, found
    assert "sk-abc" not in found.detail


FILTERED = [body for _, body, error in REFUSALS if error is BAD and ("filter" in str(body) or "flagged" in str(body))]


@pytest.mark.parametrize("body", [*FILTERED, {"code": "DataInspectionFailed", "message": "inappropriate content"}])
def test_what_a_filter_refused_is_told_as_such(body: Any) -> None:
    assert "content filter" in from_status(400, body, {}).detail
    assert "content filter" in from_event(body).detail


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("temperature: Extra inputs are not permitted", "temperature"),
        ("max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens", "max_tokens"),
        ("messages.3.content.0.text: Field required", "messages"),
        ("`max_tokens` must be greater than `thinking.budget_tokens`", "max_tokens"),
        ("tools.0.input_schema: Field required", "tools"),
        ("Invalid schema for response_format 'answer': …", "response_format"),
        ("Unknown parameter: 'stream_options.include_usage'.", "stream_options"),
        ("this server does not know the parameter stop", "stop"),
        ("error: something is wrong", ""),
        ("litellm.BadRequestError: it did not work", ""),
        ("note: the request was refused", ""),
        ("internal: see https://status.example.com", ""),
        ("Could not read the messages of the model", ""),
        ("validation error: secret-looking-word: 7", ""),
        ("user: field required", ""),
    ],
)
def test_only_a_setting_that_we_send_is_named(message: str, param: str) -> None:
    for body in (openai(message), anthropic("invalid_request_error", message), {"error": message}, {"detail": message}):
        found = from_status(400, body, {})
        assert isinstance(found, errors.ProviderBadRequest)
        assert found.param == param
        assert (f"'{param}'" in found.detail) is bool(param)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (google(429, "RESOURCE_EXHAUSTED", "quota", RETRY_INFO), 34.0),
        (openai("Rate limit reached. Please try again in 1m2.5s."), 62.5),
        (openai("Rate limit reached. Please try again in 250ms."), 0.25),
        ({"error": {"message": "Please retry after 6 seconds."}}, 6.0),
        (openai("Slow down"), None),
    ],
)
def test_the_wait_that_stands_in_the_document_is_understood(body: Any, seconds: float | None) -> None:
    found = from_status(429, body, {})
    assert found.retry_after == seconds
    assert from_status(429, body, {"retry-after": "3"}).retry_after == 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"message": "Insufficient credits", "code": 402}}, QUOTA),
        ({"error": {"message": "Rate limited", "code": "429"}}, RATE),
        ({"error": {"message": "Internal", "code": 500}}, DOWN),
        (vllm(400, "BadRequestError", "This model's maximum context length is 4096 tokens."), LONG),
        (anthropic("rate_limit_error", "slow"), RATE),
        (anthropic("authentication_error", "no"), AUTH),
        (anthropic("api_error", "no"), DOWN),
        ({"error": "Unexpected endpoint or method. (POST /v1/x)"}, NO_API),
        ({"error": "model 'x' not found"}, MODEL),
        ({"error": {"type": "BadRequestError", "message": "temperature: no"}}, BAD),
    ],
)
def test_an_error_with_the_status_200_is_understood(body: Any, expected: type[ProviderError]) -> None:
    assert type(from_event(body)) is expected


def test_a_document_as_deep_and_long_as_can_be_is_read() -> None:
    body: Any = "end"
    for _ in range(900):
        body = {"error": [body, "x" * 1000]}
    assert type(from_status(400, body, {})) is BAD
    assert type(from_status(400, {"error": "a: " * 500_000}, {})) is BAD
