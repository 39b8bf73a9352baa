"""Bodies that are chunked, large, slow, compressed or in another charset, over real sockets."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, suppress

import pytest

from chatcms.server.tests.conftest import MAX_UPLOAD_BYTES, Server
from chatcms.server.tests.wire import MB, SECONDS, Answer, chunk, connected, head, read, request, sent
from chatcms.tests.waiting import wait_until
from datasets import services
from tenants.context import tenant_scope
from tenants.enums import Scope
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.tests.factories import PASSWORD, bearer
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=xyz"}
TOKEN = "/v1/auth/token"


@pytest.fixture
def upload_path(acme: Tenant) -> str:
    with tenant_scope(acme):
        dataset = services.create_dataset(by=SYSTEM, name="Papers")
    return f"/v1/tenant/datasets/{dataset.pk}/documents"


def form(content: bytes, *, head_lines: str = "") -> bytes:
    disposition = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    return f"--xyz\r\n{disposition}{head_lines}\r\n".encode() + content + b"\r\n--xyz--\r\n"


def hostile(server: Server, path: str, headers: dict[str, str], *, megabytes: int) -> tuple[Answer, int]:
    """Send a body in chunks of 1 MB as long as they are taken; return the answer and the most that lay on the disk."""
    held = 0
    with connected(server.address) as connection:
        connection.sendall(head("POST", path, {**headers, "Transfer-Encoding": "chunked"}))
        for number in range(megabytes):
            try:
                connection.sendall(chunk(b"x" * MB))
            except OSError:
                break
            if number % 64 < 8:
                held = max(held, server.held_bytes())
        else:
            connection.sendall(b"0\r\n\r\n")
        return read(connection), held


# --- chunks ----------------------------------------------------------------------------------------------


def test_signing_in_works_in_chunks(server: Server, owner: Membership) -> None:
    body = json.dumps({"email": owner.user.email, "password": PASSWORD}).encode()
    assert request(server.address, "POST", TOKEN, body, JSON, in_chunks=True).status == 200


def test_a_change_in_chunks_is_made(server: Server, api_key: str) -> None:
    headers = {**JSON, **bearer(api_key)}
    answer = request(server.address, "PATCH", "/v1/tenant/settings", b'{"language": "de"}', headers, in_chunks=True)
    assert (answer.status, answer.json["language"]) == (200, "de")


def test_a_file_in_chunks_is_taken(server: Server, api_key: str, upload_path: str) -> None:
    headers = {**FORM, **bearer(api_key)}
    answer = request(server.address, "POST", upload_path, form(b"We open at nine."), headers, in_chunks=True)
    assert answer.status == 201
    assert answer.json["size_bytes"] == len(b"We open at nine.")


def test_a_page_reads_a_form_in_chunks(server: Server) -> None:
    page = sent(server.address, head("GET", "/sign-in/"))
    cookie = next(line for line in page.head.splitlines() if line.startswith("set-cookie: chatcms_csrf=".lower()))
    assert page.status == 200 and cookie
    body = b"csrfmiddlewaretoken=nonsense"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    whole = request(server.address, "POST", "/sign-in/", body, headers)
    assert request(server.address, "POST", "/sign-in/", body, headers, in_chunks=True).status == whole.status == 403


def test_who_waits_to_be_told_to_continue_is_told(server: Server) -> None:
    with connected(server.address) as connection:
        connection.sendall(head("POST", TOKEN, {**JSON, "Content-Length": "2", "Expect": "100-continue"}))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert read(connection).status == 400


def test_who_waits_to_continue_with_too_much_is_not_told_to(server: Server) -> None:
    with connected(server.address) as connection:
        connection.sendall(head("POST", TOKEN, {**JSON, "Content-Length": "9999999", "Expect": "100-continue"}))
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


# --- sizes -----------------------------------------------------------------------------------------------

PATHS = ["/", "/nothing", "/static/none.js", TOKEN, "/v1/chat/completions", "/v1/nothing", "/sign-in/", "/admin/login/"]


@pytest.mark.parametrize("path", PATHS)
def test_two_gigabytes_without_a_credential_leave_nothing_on_the_disk(server: Server, path: str) -> None:
    answer, held = hostile(server, path, JSON, megabytes=256)
    assert answer.status in {401, 403, 404, 405, 413}
    assert held == 0


def test_an_upload_without_a_credential_is_refused_before_it_is_kept(server: Server, upload_path: str) -> None:
    answer, held = hostile(server, upload_path, FORM, megabytes=64)
    assert (answer.status, held) == (401, 0)


def test_a_credential_that_may_not_upload_does_not_fill_the_disk(
    server: Server, acme: Tenant, upload_path: str
) -> None:
    _, key = factories.make_api_key(acme, scopes=[Scope.CHAT])
    answer, held = hostile(server, upload_path, {**FORM, **bearer(key)}, megabytes=64)
    assert (answer.status, held) == (403, 0)


def test_with_a_credential_no_more_than_the_largest_file_lies_on_the_disk(
    server: Server, api_key: str, upload_path: str
) -> None:
    answer, held = hostile(server, upload_path, {**FORM, **bearer(api_key)}, megabytes=64)
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")
    assert answer.json["max_bytes"] >= MAX_UPLOAD_BYTES >= held - 65_536
    assert "3 MB" in answer.json["detail"]


def test_a_large_file_with_a_credential_is_taken(server: Server, api_key: str, upload_path: str) -> None:
    content = b"We open at nine. " * (MAX_UPLOAD_BYTES // 20)
    for in_chunks in (False, True):
        headers = {**FORM, **bearer(api_key)}
        answer = request(server.address, "POST", upload_path, form(content), headers, in_chunks=in_chunks)
        assert answer.status in {201, 200}, server.log.read_text()[-3000:]


def test_a_length_that_is_too_large_is_refused_at_once(server: Server, api_key: str) -> None:
    headers = {**JSON, **bearer(api_key), "Content-Length": "3000000"}
    answer = sent(server.address, head("POST", "/v1/tenant/bots", headers))
    assert (answer.status, answer.json["code"], answer.json["max_bytes"]) == (413, "body_too_large", 2 * MB)
    assert "2 MB" in answer.json["detail"]


def test_openais_paths_refuse_in_openais_shape(server: Server, api_key: str) -> None:
    headers = {**JSON, **bearer(api_key), "Content-Length": "30000000"}
    answer = sent(server.address, head("POST", "/v1/chat/completions", headers))
    assert (answer.status, answer.json["error"]["code"]) == (413, "body_too_large")


def test_a_browser_gets_a_page_in_its_language(server: Server) -> None:
    headers = {"Content-Length": "3000000", "Accept": "text/html", "Accept-Language": "de"}
    answer = sent(server.address, head("POST", "/sign-in/", headers))
    assert answer.status == 413
    assert "64 KB" in answer.body.decode() and 'lang="de"' in answer.body.decode()


# --- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "9"}, {"Transfer-Encoding": "chunked"}], ids=["length", "chunks"]
)
def test_a_body_that_does_not_come_is_not_waited_for(server: Server, headers: dict[str, str]) -> None:
    answer = sent(server.address, head("POST", TOKEN, {**JSON, **headers}), b"1\r\n{\r\n")
    assert (answer.status, answer.json["code"]) == (408, "request_timeout")


def test_who_leaves_in_mid_body_leaves_no_traceback(server: Server) -> None:
    with connected(server.address) as connection:
        connection.sendall(head("POST", TOKEN, {**JSON, "Content-Length": "100"}) + b"{")
    assert request(server.address, "POST", TOKEN, b"{}", JSON).status == 400
    assert "Traceback" not in server.log.read_text()


# --- charsets and codings --------------------------------------------------------------------------------

DECODERS = ["punycode", "idna", "utf-7", "unicode_escape", "utf-16", "latin-1", "raw_unicode_escape", "zip", '"idna"']


@pytest.mark.parametrize("charset", DECODERS)
@pytest.mark.parametrize("path", [TOKEN, "/sign-in/", "/v1/chat/completions", "/nothing"])
def test_a_charset_other_than_utf_8_is_refused(server: Server, path: str, charset: str) -> None:
    for media_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": f"{media_type}; charset={charset}"}
        assert request(server.address, "POST", path, b"a" * 60_000, headers).status == 415


@pytest.mark.parametrize(
    "parameter", ["charset*=idna''utf-8", "charset*0=puny; charset*1=code", "x*=idna''a", "CHARSET = idna"]
)
def test_a_charset_in_disguise_is_refused(server: Server, parameter: str) -> None:
    headers = {"Content-Type": f"application/json; {parameter}"}
    assert request(server.address, "POST", TOKEN, b"{}", headers).status == 415


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8", "us-ascii"])
def test_utf_8_is_taken(server: Server, charset: str) -> None:
    answer = request(server.address, "POST", TOKEN, b"{}", {"Content-Type": f"application/json; charset={charset}"})
    assert answer.status == 400


@pytest.mark.parametrize(
    "lines",
    ["Content-Type: text/plain; charset=punycode\r\n", "X: form-data; filename*=idna''a\r\n"],
)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_part_does_not_choose_its_decoder(
    server: Server, api_key: str, upload_path: str, lines: str, in_chunks: bool
) -> None:
    body = form(b"a", head_lines=lines)
    headers = {**FORM, **bearer(api_key)}
    assert request(server.address, "POST", upload_path, body, headers, in_chunks=in_chunks).status == 415


def test_a_name_in_utf_8_by_the_standard_is_taken(server: Server, api_key: str, upload_path: str) -> None:
    body = form(b"We open.").replace(b'filename="a.txt"', b"filename=\"a.txt\"; filename*=UTF-8''pr%C3%A9.txt")
    assert request(server.address, "POST", upload_path, body, {**FORM, **bearer(api_key)}).status == 201


def test_a_form_of_too_many_parts_is_refused(server: Server, api_key: str, upload_path: str) -> None:
    part = b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = part * 10_000 + b"--xyz--\r\n"
    answer = request(server.address, "POST", upload_path, body, {**FORM, **bearer(api_key)})
    assert (answer.status, answer.json["code"]) == (400, "too_many_parts")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_compressed_body_is_refused(server: Server, coding: str) -> None:
    headers = {**JSON, "Content-Encoding": coding}
    assert request(server.address, "POST", TOKEN, b"{}", headers).status == 415


# --- how much at once ------------------------------------------------------------------------------------


def begun(server: Server, path: str, headers: dict[str, str]) -> socket.socket:
    """Send all of a large upload but its last bytes, and leave it so."""
    content = form(b"x" * (MAX_UPLOAD_BYTES - 1000))
    connection = socket.create_connection(_place_of(server), timeout=SECONDS)
    connection.setblocking(False)
    pieces = head("POST", path, {**FORM, **headers, "Content-Length": str(len(content))}) + content[:-10]
    with suppress(BlockingIOError):
        while pieces:
            pieces = pieces[connection.send(pieces) :]
    return connection


def test_the_uploads_of_one_tenant_do_not_fill_the_disk_together(
    server: Server, api_key: str, upload_path: str
) -> None:
    with ExitStack() as stack:
        ahead = [stack.enter_context(begun(server, upload_path, bearer(api_key))) for _ in range(12)]
        most, answers = wait_until(server.held_bytes, "a body on the disk"), []
        for connection in ahead:
            most = max(most, server.held_bytes())
            connection.settimeout(SECONDS)
            answers.append(read(connection))
    assert 0 < most <= MAX_UPLOAD_BYTES + 65_536
    told = {(answer.status, answer.json["code"]) for answer in answers}
    assert told <= {(408, "request_timeout"), (429, "uploads_under_way")} and len(told) == 2
    waits = [answer.head for answer in answers if answer.status == 429]
    assert all("retry-after: " in text for text in waits)


def test_small_uploads_of_one_tenant_go_side_by_side(server: Server, api_key: str, upload_path: str) -> None:
    with connected(server.address) as slow:
        content = form(b"x" * 200_000)
        slow.sendall(head("POST", upload_path, {**FORM, **bearer(api_key), "Content-Length": str(len(content))}))
        slow.sendall(content[:100_000])
        headers = {**FORM, **bearer(api_key)}
        assert request(server.address, "POST", upload_path, form(b"y" * 100_000), headers).status == 201


# --- bodies where none belongs, and forms without end -------------------------------------------------------

ODD_METHODS = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "QUERY"]
ODD_PATHS = ["/v1/nothing", "/v1/models", "/v1/health", "/", "/nothing", "/sign-in", "/static/none.js", "/admin"]


@pytest.mark.parametrize("method", ODD_METHODS)
@pytest.mark.parametrize("path", ODD_PATHS)
def test_a_body_where_none_belongs_harms_nothing(server: Server, method: str, path: str) -> None:
    small = {"Content-Length": "5"}
    with connected(server.address) as connection:
        connection.sendall(head(method, path, small) + b"GET /")
        first = read(connection, is_head=method == "HEAD")
        assert 200 <= first.status < 500
        # The body has not been taken for a request.
        connection.sendall(head("GET", "/livez"))
        assert read(connection).status == 200
    large = sent(server.address, head(method, path, {"Content-Length": "9999999"}))
    assert 200 <= large.status < 500
    assert server.held_bytes() == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", FORM["Content-Type"]])
@pytest.mark.parametrize("path", ["/sign-in/", TOKEN, "/v1/nothing", "/nothing"])
def test_a_form_of_a_hundred_thousand_fields_is_refused(server: Server, path: str, kind: str) -> None:
    part = b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = part * 100_000 if kind.startswith("multipart") else b"a=1&" * 100_000
    for in_chunks in (False, True):
        answer = request(server.address, "POST", path, body, {"Content-Type": kind}, in_chunks=in_chunks)
        assert answer.status in {400, 413}
    short = body[:60_000]
    assert request(server.address, "POST", path, short, {"Content-Type": kind}).status in {400, 403, 404, 415}
    assert "Traceback" not in server.log.read_text()


def _place_of(server: Server) -> tuple[str, int]:
    host, _, port = server.address.removeprefix("http://").partition(":")
    return host, int(port)
