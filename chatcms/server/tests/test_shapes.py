"""Whatever is refused before a view, is refused in the shape of the API that was asked."""

from __future__ import annotations

import pytest

from chatcms.core.api.routes import api_routes
from chatcms.core.api.shapes import instead_of, is_openais
from chatcms.server.tests.conftest import Server
from chatcms.server.tests.wire import Answer, head, sent

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"Content-Type": "application/json"}
OPENAIS = ["/v1/chat/completions", "/v1/models", "/v1/models/some-bot", "/v1/responses", "/v1/embeddings"]
OURS = ["/v1/tenant/bots", "/v1/nothing", "/v1/modelsx", "/v1/auth/token"]

ERRORS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "too large": (413, {**JSON, "Content-Length": "99999999"}, b""),
    "charset": (415, {"Content-Type": "application/json; charset=punycode", "Content-Length": "2"}, b"{}"),
    "coding": (415, {**JSON, "Content-Encoding": "gzip", "Content-Length": "2"}, b"{}"),
    "boundary": (400, {"Content-Type": "multipart/form-data", "Content-Length": "2"}, b"{}"),
    "two types": (400, {"Content-Type": "a/b", "content-type": "a/c", "Content-Length": "2"}, b"{}"),
    "slow": (408, {**JSON, "Content-Length": "2"}, b"{"),
    "no chunk": (400, {**JSON, "Transfer-Encoding": "chunked"}, b"zz\r\n"),
    "large head": (431, {"X-Long": "a" * 70_000}, b""),
    "unknown host": (400, {"Host": "evil.example"}, b""),
}


def _is_in_shape(path: str, answer: Answer) -> bool:
    if is_openais(path):
        error = answer.json["error"]
        is_whole = error.keys() == {"message", "type", "param", "code"} and error["message"] and error["code"]
        return is_whole and "content-type: application/json\r\n" in answer.head
    is_whole = answer.json["status"] == answer.status and answer.json["detail"] and answer.json["code"]
    return is_whole and "content-type: application/problem+json\r\n" in answer.head


@pytest.mark.parametrize(("status", "headers", "body"), ERRORS.values(), ids=ERRORS.keys())
def test_what_is_refused_has_the_shape_of_the_api(
    server: Server, status: int, headers: dict[str, str], body: bytes
) -> None:
    for path in OPENAIS + OURS:
        begun = head("POST", path, headers)
        if "Host" in headers:
            begun = begun.replace(b"Host: localhost\r\n", b"")
        answer = sent(server.address, begun + body)
        # A body is not asked for by whoever may not send one.
        assert answer.status in {status, 401 if status == 413 else status}, (path, answer)
        assert _is_in_shape(path, answer), (path, answer)


ABSENT = [
    *(
        "/v1/embeddings",
        "/v1/completions",
        "/v1/audio/speech",
        "/v1/images/generations",
        "/v1/files",
        "/v1/files/f/content",
    ),
    *("/v1/assistants", "/v1/threads/t/runs", "/v1/moderations", "/v1/batches", "/v1/fine_tuning/jobs", "/v1/realtime"),
    *("/v1/vector_stores/v", "/v1/uploads", "/v1/conversations/c/items", "/v1/videos", "/v1/containers", "/v1/evals"),
]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "PUT"])
def test_what_else_openai_has_is_told_what_there_is_instead(server: Server, method: str) -> None:
    for path in ABSENT:
        answer = sent(server.address, head(method, path, {**JSON, "Content-Length": "2"}) + b"{}")
        assert answer.status == 404 and _is_in_shape(path, answer), (path, answer)
        assert answer.json["error"]["type"] == "invalid_request_error"
        assert answer.json["error"]["message"].startswith("This part of OpenAI's API is not here. ")


def test_no_route_of_ours_is_among_them() -> None:
    taken = {str(route).split("<", maxsplit=1)[0].rstrip("/") for route in api_routes()}
    assert "v1/responses" in {each.strip("/") for each in taken}
    assert [each for each in taken if instead_of("/" + each.strip("/"))] == []


@pytest.mark.parametrize("path", ["/v1/models/a/b", "/v1/chat/completions/more"])
def test_an_address_below_openais_that_is_none_is_told_in_openais_shape(server: Server, path: str) -> None:
    answer = sent(server.address, head("GET", path))
    assert answer.status == 404 and _is_in_shape(path, answer)
