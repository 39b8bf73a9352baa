"""Nothing private can be reached from an address that a tenant types, in whatever form it is written."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatcms.core.outbound import egress
from chatcms.core.outbound.egress import EgressPolicy, EgressRefusedError, Purpose
from chatcms.tests.waiting import delay, settle

STRICT = EgressPolicy(Purpose.FETCH)
TIMEOUT = httpx2.Timeout(2.0)

# PORT stands for the port on which the canary listens, at 127.0.0.1 and at ::1.
REFUSED = [
    # plain http and other schemes
    "http://example.com/", "http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://[::1]:PORT/",
    "ftp://127.0.0.1:PORT/", "file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "data:text/plain,hi",
    "unix:///var/run/docker.sock", "ws://127.0.0.1:PORT/", "javascript:alert(1)", "//127.0.0.1:PORT/",
    "127.0.0.1:PORT", "", "https://", "https:///v1", "HTTP://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/",
    # loopback, plainly and in disguise
    "https://127.0.0.1:PORT/", "https://localhost:PORT/", "https://LOCALHOST:PORT/", "https://localhost.:PORT/",
    "https://127.1:PORT/", "https://127.0.1:PORT/", "https://2130706433:PORT/", "https://0x7f000001:PORT/",
    "https://0x7f.0.0.1:PORT/", "https://0x7f.1:PORT/", "https://0177.0.0.1:PORT/", "https://017700000001:PORT/",
    "https://127.0.0.1.:PORT/", "https://127.255.255.254:PORT/", "https://0.0.0.0:PORT/", "https://0:PORT/",
    "https://0.1.2.3:PORT/", "https://１２７.０.０.１:PORT/", "https://①②⑦.⓪.⓪.①:PORT/", "https://127。0。0。1:PORT/",
    "https://%31%32%37.0.0.1:PORT/", "https://127.0.0.1%00.example.com:PORT/", "https://127.0.0.1%2f.a.com:PORT/",
    # IPv6, and IPv4 inside it
    "https://[::1]:PORT/", "https://[::]:PORT/", "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/", "https://[::ffff:7f00:1]:PORT/", "https://[::ffff:0:127.0.0.1]:PORT/",
    "https://[::127.0.0.1]:PORT/", "https://[64:ff9b::7f00:1]:PORT/", "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[64:ff9b:1::7f00:1]:PORT/", "https://[2002:7f00:1::]:PORT/", "https://[2002:0808:0808::1]:PORT/",
    "https://[2001:0:7f00:1::]:PORT/", "https://[2001:0000:4136:e378:8000:63bf:80ff:fffe]:PORT/",
    "https://[fe80::1]:PORT/", "https://[fe80::1%25lo]:PORT/", "https://[fc00::1]:PORT/", "https://[fd12::1]:PORT/",
    "https://[fec0::1]:PORT/", "https://[ff02::1]:PORT/", "https://[2001:db8::1]:PORT/", "https://[3fff::1]:PORT/",
    "https://[5f00::1]:PORT/", "https://[2606:4700::5efe:7f00:1]:PORT/", "https://[100::1]:PORT/",
    # private, shared, link-local (cloud credentials), multicast, reserved
    "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://[::ffff:169.254.169.254]/", "https://[fd00:ec2::254]/",
    "https://100.64.0.1/", "https://100.100.100.200/", "https://198.18.0.1/", "https://192.0.0.192/",
    "https://192.0.2.1/", "https://198.51.100.1/", "https://203.0.113.1/", "https://224.0.0.1/",
    "https://239.255.255.250/", "https://240.0.0.1/", "https://255.255.255.255/", "https://192.88.99.1/",
    # credentials, odd characters, odd ports
    "https://user@example.com/", "https://user:pass@example.com/", "https://example.com@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT@example.com/", "https://example.com\\@127.0.0.1:PORT/", "https://exa mple.com/",
    "https://example.com\r\nX: y/", " https://127.0.0.1:PORT/", "https://example.com:22/",
    "https://example.com:25/", "https://example.com:99999/", "https://example.com:-1/", "https://example.com:0/",
]  # fmt: skip


@asynccontextmanager
async def listening(
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve `answer` on 127.0.0.1 and ::1; yields the port and the list of what was received."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(b"")
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            seen[-1] = head
            writer.write(answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port: int = server.sockets[0].getsockname()[1]
    second = await asyncio.start_server(serve, "::1", port, ssl=tls)
    try:
        yield port, seen
    finally:
        server.close()
        second.close()


async def test_no_form_of_a_forbidden_address_reaches_the_canary() -> None:
    accepted = []
    async with listening() as (port, seen), egress.async_client(STRICT, timeout=TIMEOUT) as client:
        for form in REFUSED:
            try:
                await client.get(egress.check_url(form.replace("PORT", str(port)), STRICT))
            except EgressRefusedError:
                continue
            except httpx2.HTTPError as error:
                accepted.append((form, repr(error)))
            else:
                accepted.append((form, "answered"))
        await settle()
        reached = len(seen)
    assert accepted == []
    assert reached == 0
    assert len(set(REFUSED)) >= 60


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1", "https://api.anthropic.com", "https://example.com:8443/v1",
        "https://bücher.example/v1", "https://8.8.8.8/", "https://[2606:4700:4700::1111]/", "https://EXAMPLE.com",
        "https://[::ffff:8.8.8.8]/", "https://[64:ff9b::808:808]/", "https://my-resource.openai.azure.com/openai/v1/",
    ],
)  # fmt: skip
def test_a_public_https_address_is_accepted(url: str) -> None:
    assert egress.check_url(url, STRICT).scheme == "https"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_a_host_that_the_operator_named_may_be_private_and_plain(host: str) -> None:
    async with listening() as (port, seen):
        policy = EgressPolicy(Purpose.FETCH, frozenset({f"{host}:{port}"}))
        async with egress.async_client(policy, timeout=TIMEOUT) as client:
            response = await client.get(f"http://{host}:{port}/x")
    assert response.text == "hi"
    assert f"Host: {host}:{port}".encode() in seen[0]


async def test_the_operators_permission_is_for_that_port_and_that_spelling_only() -> None:
    async with listening() as (port, seen):
        policy = EgressPolicy(Purpose.FETCH, frozenset({f"localhost:{port + 1}", f"127.0.0.1:{port}"}))
        async with egress.async_client(policy, timeout=TIMEOUT) as client:
            for url in (f"http://localhost:{port}/", f"https://localhost:{port}/"):
                with pytest.raises(EgressRefusedError):
                    await client.get(url)
    assert seen == []


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8000/", True), ("http://10.1.2.3:8000/", True), ("http://[::1]:8000/", True),
        ("http://[fd00::1]:8000/", True), ("https://192.168.0.9/", True), ("http://169.254.169.254/", False),
        ("http://[fe80::1]:8000/", False), ("http://8.8.8.8/", False), ("https://0.0.0.0/", False),
        ("https://224.0.0.1/", False), ("https://255.255.255.255/", False),
    ],
)  # fmt: skip
def test_the_development_flag_opens_private_addresses_but_never_link_local_ones(url: str, allowed: bool) -> None:
    policy = EgressPolicy(Purpose.FETCH, frozenset({egress.ANY_PRIVATE}))
    try:
        egress.check_url(url, policy)
    except EgressRefusedError:
        assert not allowed
    else:
        assert allowed


def changing_resolver(*answers: list[str]) -> tuple[egress.Resolve, list[str]]:
    """A name server whose answer changes with each question, as a rebinding attacker's does."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


async def test_a_name_is_judged_again_at_every_connection() -> None:
    async with listening() as (port, seen):
        resolve, asked = changing_resolver(["127.0.0.1"])
        async with egress.async_client(STRICT, timeout=TIMEOUT, resolve=resolve) as client:
            for _ in range(2):
                with pytest.raises(EgressRefusedError):
                    await client.get(f"https://rebind.example:{port}/")
    assert (seen, asked) == ([], ["rebind.example", "rebind.example"])


async def test_one_private_address_among_public_ones_refuses_them_all() -> None:
    async with listening() as (port, seen):
        resolve, _ = changing_resolver(["8.8.8.8", "127.0.0.1"])
        async with egress.async_client(STRICT, timeout=TIMEOUT, resolve=resolve) as client:
            with pytest.raises(EgressRefusedError):
                await client.get(f"https://rebind.example:{port}/")
    assert seen == []


async def test_the_connection_goes_to_the_address_that_was_judged_and_the_name_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[str] = []
    loop = asyncio.get_running_loop()

    async def record(factory: object, host: str, port: int, **kwargs: object) -> object:
        connected.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "create_connection", record)
    resolve, asked = changing_resolver(["8.8.8.8"], ["127.0.0.1"])
    async with egress.async_client(STRICT, timeout=TIMEOUT, resolve=resolve) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("https://rebind.example/")
        with pytest.raises(EgressRefusedError):
            await client.get("https://rebind.example/")
    assert connected == ["8.8.8.8"]
    assert asked == ["rebind.example", "rebind.example"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_answers_and_not_followed(status: int) -> None:
    async with listening() as (canary, seen):
        target = f"http://127.0.0.1:{canary}/".encode()
        answer = b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, target)
        async with listening(answer) as (port, _):
            policy = EgressPolicy(Purpose.FETCH, frozenset({f"127.0.0.1:{port}", f"127.0.0.1:{canary}"}))
            async with egress.async_client(policy, timeout=TIMEOUT) as client:
                response = await client.get(f"http://127.0.0.1:{port}/")
    assert response.status_code == status
    assert seen == []


async def test_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with listening() as (proxy, via_proxy), listening() as (port, seen):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password sk-SECRET\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        policy = EgressPolicy(Purpose.FETCH, frozenset({f"127.0.0.1:{port}"}))
        async with egress.async_client(policy, timeout=TIMEOUT) as client:
            await client.get(f"http://127.0.0.1:{port}/")
    assert via_proxy == []
    assert b"authorization" not in seen[0].lower()


async def test_cookies_are_not_kept() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with (
        listening(answer) as (port, seen),
        egress.async_client(EgressPolicy(Purpose.FETCH, frozenset({f"127.0.0.1:{port}"})), timeout=TIMEOUT) as client,
    ):
        await client.get(f"http://127.0.0.1:{port}/")
        await client.get(f"http://127.0.0.1:{port}/")
    assert b"cookie" not in seen[1].lower()


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context for a certificate of `name` that only they know."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


async def test_the_certificate_is_checked_against_the_name_although_the_address_is_pinned(
    tmp_path: Path,
) -> None:
    server, client_context = certificate_for("model.example", tmp_path)
    asked_names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked_names.append(name)
    resolve, _ = changing_resolver(["127.0.0.1"])
    async with listening(tls=server) as (port, seen):
        names = frozenset({f"model.example:{port}", f"other.example:{port}"})
        policy = EgressPolicy(Purpose.FETCH, names)
        async with egress.async_client(policy, timeout=TIMEOUT, resolve=resolve, tls=client_context) as client:
            response = await client.get(f"https://model.example:{port}/")
            with pytest.raises(httpx2.ConnectError) as failure:
                await client.get(f"https://other.example:{port}/")
    assert response.text == "hi"
    assert asked_names == ["model.example", "other.example"]
    assert isinstance(failure.value.__cause__, ssl.SSLCertVerificationError)
    assert f"Host: model.example:{port}".encode() in seen[0]


async def test_an_unknown_certificate_is_refused_by_default(tmp_path: Path) -> None:
    server, _ = certificate_for("model.example", tmp_path)
    resolve, _ = changing_resolver(["127.0.0.1"])
    async with listening(tls=server) as (port, _):
        policy = EgressPolicy(Purpose.FETCH, frozenset({f"model.example:{port}"}))
        async with egress.async_client(policy, timeout=TIMEOUT, resolve=resolve) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.get(f"https://model.example:{port}/")


def test_addresses_that_wrap_another_are_judged_by_what_they_wrap() -> None:
    public, private = "8.8.8.8", "10.0.0.1"
    for template in ("::ffff:{}", "64:ff9b::{}"):
        assert egress.is_public(ipaddress.ip_address(template.format(public)))
        assert not egress.is_public(ipaddress.ip_address(template.format(private)))


async def test_an_unresolvable_name_is_a_connection_error() -> None:
    async with egress.async_client(STRICT, timeout=TIMEOUT) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("https://no-such-host.invalid/")


async def test_a_slow_name_server_runs_into_the_connect_timeout() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        await delay(60)
        return []

    async with egress.async_client(STRICT, timeout=httpx2.Timeout(0.05), resolve=resolve) as client:
        with pytest.raises(httpx2.ConnectTimeout):
            await client.get("https://example.com/")
