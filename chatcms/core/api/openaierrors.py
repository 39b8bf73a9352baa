"""Says a problem document in OpenAI's words, so that its official clients raise the right exception."""

from __future__ import annotations

from typing import Any

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {
    "authentication_failed": "invalid_api_key",
    "not_authenticated": "invalid_api_key",
    "no_such_bot": "model_not_found",
    "provider_rate_limited": "rate_limit_exceeded",
    "monthly_messages_used_up": "insufficient_quota",
}
# What is not OpenAI's way to say it: a used-up quota is 429 there, and an input that cannot be used is 400.
_STATUSES = {
    "insufficient_quota": 429,
    "empty_question": 400,
    "model_cannot": 400,
    "invalid_image_url": 400,
    "egress_refused": 400,
}
_MODEL_NOT_FOUND = "The model does not exist, or you may not use it. `GET /v1/models` lists the bots there are."


def from_problem(problem: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return status, body and further headers for a problem document."""
    code = _CODES.get(problem["code"], problem["code"])
    status = _STATUSES.get(code, problem["status"])
    headers = {}
    if code == "insufficient_quota":
        headers["x-should-retry"] = "false"
    if (wait := problem.get("retry_after")) is not None:
        headers["Retry-After"] = str(int(wait))
    error = {
        "message": _MODEL_NOT_FOUND if code == "model_not_found" else problem["detail"],
        "type": _type_of(status, code),
        "param": "model" if code == "model_not_found" else _param_of(problem),
        "code": code,
    }
    return status, {"error": error}, headers


def _type_of(status: int, code: str) -> str:
    if code == "insufficient_quota":
        return code
    if status >= 500:
        return "server_error"
    return _TYPES.get(status, "invalid_request_error")


def _param_of(problem: dict[str, Any]) -> str | None:
    if "param" in problem:
        return str(problem["param"])
    errors = problem.get("errors") or [{"pointer": ""}]
    return errors[0]["pointer"].strip("/").replace("/", ".") or None
