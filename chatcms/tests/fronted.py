"""Puts a TLS reverse proxy in front of a running server, at another loopback address, as an operator would."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatcms.config.environment import BASE_DIR
from chatcms.tests import live
from chatcms.tests.waiting import wait_until

# Where the server sees the proxy come from.
PROXY_ADDRESS = "127.0.0.2"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host", "content-length"}
_NGINX_MAIN = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    proxy_bind {proxy};
    {server}
}}
"""

Front = Callable[[str, Path], AbstractContextManager[str]]


def fronts() -> list[Front]:
    """Return the proxies that can be run here: one of our own, and nginx where it is installed."""
    return [plain_proxy, *([nginx] if NGINX else [])]


@contextmanager
def nginx(server: str, folder: Path) -> Iterator[str]:
    """Run nginx as docs/operations.md configures it; the value is its https address."""
    certificate, key = make_certificate(folder)
    port = live.free_port()
    text = _documented_server()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/chat.example.com.pem", str(certificate)),
        ("/etc/ssl/chat.example.com.key", str(key)),
        ("chat.example.com", "localhost"),
        ("http://127.0.0.1:8000", server),
    ):
        assert old in text, f"docs/operations.md has no {old}"
        text = text.replace(old, new)
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX_MAIN.format(folder=folder, proxy=PROXY_ADDRESS, server=text))
    running = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(configuration)], start_new_session=True)
    try:
        _wait_until_open(port, running)
        yield f"https://localhost:{port}"
    finally:
        live.end(running)


@contextmanager
def plain_proxy(server: str, folder: Path) -> Iterator[str]:
    """Run a small proxy that does what nginx does: ends TLS, adds to `X-Forwarded-For`, overwrites the scheme."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(folder))
    port, loop, ready = live.free_port(), asyncio.new_event_loop(), threading.Event()
    ended = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(server, port, context, ready, ended),))
    thread.start()
    try:
        assert ready.wait(30), "the proxy did not start"
        yield f"https://localhost:{port}"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()


def trusting(folder: Path) -> ssl.SSLContext:
    """Return what a client of these proxies trusts."""
    return ssl.create_default_context(cafile=str(folder / "proxy.pem"))


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "proxy.pem", folder / "proxy.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret


def _documented_server() -> str:
    found = re.search(r"```nginx\n(.*?)```", (BASE_DIR / "docs" / "operations.md").read_text(), re.DOTALL)
    assert found, "docs/operations.md has no configuration of nginx"
    return found.group(1)


async def _serve(server: str, port: int, context: ssl.SSLContext, ready: threading.Event, ended: asyncio.Event) -> None:
    connector = aiohttp.TCPConnector(local_addr=(PROXY_ADDRESS, 0), force_close=True)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            return await _forward(request, session, server)

        runner = web.ServerRunner(web.Server(forward, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
        ready.set()
        await ended.wait()
        await runner.cleanup()


async def _forward(request: web.BaseRequest, session: aiohttp.ClientSession, server: str) -> web.StreamResponse:
    sent = [value for name, value in request.headers.items() if name.lower() == "x-forwarded-for"]
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP]
    headers = [(name, value) for name, value in headers if not name.lower().startswith("x-forwarded-")]
    headers += [
        ("Host", request.headers["Host"]),
        ("X-Forwarded-For", ", ".join([*sent, str(request.remote)])),
        ("X-Forwarded-Proto", "https"),
    ]
    asked = session.request(
        request.method, f"{server}{request.raw_path}", headers=headers, data=await request.read(), allow_redirects=False
    )
    async with asked as answer:
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
        response = web.Response(status=answer.status, body=await answer.read())
        response.headers.clear()
        response.headers.extend(kept)
        return response


def _wait_until_open(port: int, running: subprocess.Popen[bytes]) -> None:
    import socket

    def listens() -> bool:
        assert running.poll() is None, "nginx ended while it was starting"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(listens, "that nginx has started")


def port_of(address: str) -> int:
    """Return the port of an address."""
    return int(urlsplit(address).port or 443)
