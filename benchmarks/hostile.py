"""Sends sixteen hostile requests at once, asking health ten times a second meanwhile, and floods the disk with 2 GB.

    .venv/bin/python benchmarks/hostile.py

It starts an instance of its own, as `start-all.sh` does. It checks these promises, and exits with 1 when one is broken:
health is never silent for more than 500 ms; each hostile request ends in a 4xx, or costs less than 2 s of the web
process; 2 GB in chunks without a credential leave nothing on the disk, and with one never more than `MAX_UPLOAD_BYTES`.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
from own_instance import Instance
from sample_instance import OWNER

PORT = 18_771
MEBIBYTE = 1 << 20
FLOOD_BYTES = 2 << 30
MAX_UPLOAD_BYTES = 50 * MEBIBYTE
MOST_SILENCE = 0.5
ROUNDS = 50
MOST_CPU = 2.0
JSON = "application/json"


@dataclass(frozen=True)
class Attack:
    """One hostile request: `size` bytes of `body` over and over are sent in chunks when it has a size."""

    name: str
    method: str
    path: str
    content_type: str
    body: bytes
    size: int = 0
    with_credential: bool = False
    headers: tuple[str, ...] = ()


def attacks(bot: str, dataset: str) -> list[Attack]:
    """Sixteen requests, each of which once held or filled a server of this kind."""
    upload, token, sign_in = f"/v1/tenant/datasets/{dataset}/documents", "/v1/auth/token", "/sign-in/"
    messages = f"/v1/chat/bots/{bot}/messages"
    form = "multipart/form-data; boundary=b"
    named = b'--b\r\nContent-Disposition: form-data; name="email"\r\n'
    part = named + b"Content-Type: text/plain; charset=%s\r\n\r\n%s\r\n--b--\r\n"
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n%s\r\n--b--\r\n'
    many = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 10_000 + b"--b--\r\n"
    word = b'{"message": "%s"}' % (b"a" * 4_000)
    return [
        Attack("punycode", "POST", token, f"{JSON}; charset=punycode", b'"' + b"a-" * 200_000 + b'"'),
        Attack("idna", "POST", token, f"{JSON}; charset=idna", b'"' + b"a" * 400_000 + b'"'),
        Attack(
            "unicode_escape", "POST", messages, f"{JSON}; charset=unicode_escape", b'"' + b"\\u0041" * 60_000 + b'"'
        ),
        Attack("utf-7 in a form", "POST", sign_in, form, part % (b"utf-7", b"+AAA-" * 80_000)),
        Attack("punycode in a form", "POST", sign_in, form, part % (b"punycode", b"a-" * 200_000)),
        Attack("JSON nested deeply", "POST", token, JSON, b"[" * 60_000),
        Attack("a number of 60,000 digits", "POST", token, JSON, b"1" * 60_000),
        Attack("100,000 fields", "POST", sign_in, "application/x-www-form-urlencoded", b"&".join([b"a=1"] * 100_000)),
        Attack("10,000 parts", "POST", sign_in, form, many),
        Attack("compressed", "POST", token, JSON, b"x" * 100_000, headers=("Content-Encoding: gzip",)),
        Attack("a long word", "POST", messages, JSON, word, with_credential=True),
        Attack(
            "spaces in a heading", "POST", upload, form, file % (b"# a" + b" " * 300_000 + b"b"), with_credential=True
        ),
        Attack("2 GB to no route", "POST", "/nowhere/", "application/octet-stream", b"x" * MEBIBYTE, FLOOD_BYTES),
        Attack("2 GB to the sign-in", "POST", sign_in, form, b"x" * MEBIBYTE, FLOOD_BYTES),
        Attack("2 GB of upload, no credential", "POST", upload, form, b"x" * MEBIBYTE, FLOOD_BYTES),
        Attack("2 GB of upload", "POST", upload, form, b"x" * MEBIBYTE, FLOOD_BYTES, with_credential=True),
    ]


def sent(address: tuple[str, int], attack: Attack, credential: str) -> int:
    """Send it whole or until the server has enough; return the status, 0 for a connection that it closed."""
    lines = [f"{attack.method} {attack.path} HTTP/1.1", "Host: localhost", f"Content-Type: {attack.content_type}"]
    lines += [*attack.headers, *([f"Authorization: Bearer {credential}"] if attack.with_credential else [])]
    lines.append("Transfer-Encoding: chunked" if attack.size else f"Content-Length: {len(attack.body)}")
    with socket.create_connection(address, timeout=120) as connection:
        with suppress(OSError):
            connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            for piece in _pieces(attack):
                connection.sendall(piece)
        with suppress(OSError):
            answer = connection.recv(4096)
            return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
    return 0


def _pieces(attack: Attack) -> Iterator[bytes]:
    if not attack.size:
        yield attack.body
        return
    for _ in range(attack.size // len(attack.body)):
        yield b"%x\r\n%s\r\n" % (len(attack.body), attack.body)
    yield b"0\r\n\r\n"


class Watch:
    """Asks health ten times a second, and looks at what files the web process fills, deleted ones too."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._over = threading.Event()
        self.silence = 0.0
        self.asked = 0
        self.most_bytes = 0
        self._threads = [threading.Thread(target=self._ask), threading.Thread(target=self._measure)]

    def __enter__(self) -> Watch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx2.Client(timeout=30) as client:
            while not self._over.wait(0.1):
                began = time.monotonic()
                client.get(f"{self._instance.url}/v1/health")
                self.silence = max(self.silence, time.monotonic() - began)
                self.asked += 1

    def _measure(self) -> None:
        web = self._instance.process("web")
        while not self._over.wait(0.05):
            self.most_bytes = max(
                self.most_bytes, sum(_open_bytes(one) for one in (web, *web.children(recursive=True)))
            )


def _open_bytes(process: psutil.Process) -> int:
    """How much lies in the temporary files that a process has open, those without a name included."""
    total = 0
    with suppress(OSError):
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(OSError):
                target = str(link.readlink())
                if target.startswith(tempfile.gettempdir()) and "socket" not in target and ".log" not in target:
                    total += link.stat().st_size
    return total


def _cpu(instance: Instance) -> float:
    web = instance.process("web")
    return sum(sum(one.cpu_times()[:2]) for one in (web, *web.children(recursive=True)))


def main() -> int:
    """Attack, watch and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=PORT)
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="chatcms-hostile-", ignore_cleanup_errors=True)
        instance = Instance(Path(stack.enter_context(folder)), parser.parse_args().port)
        stack.callback(instance.runtime, "down")
        begun = instance.runtime("up")
        assert begun.returncode == 0, begun.stdout + begun.stderr
        faults = _judge(instance)
    print("\n".join(faults) or "Every promise is kept.")
    return int(bool(faults))


def _judge(instance: Instance) -> list[str]:
    credential, listed = _prepared(instance)
    address = ("127.0.0.1", int(instance.url.rpartition(":")[2]))
    faults = []
    for attack in listed:
        with Watch(instance) as watch:
            before = _cpu(instance)
            status, cpu = sent(address, attack, credential), _cpu(instance) - before
        is_refused = 400 <= status < 500 or status == 0
        print(
            f"{attack.name:32} {status}  {cpu:5.2f} s of CPU  {watch.most_bytes / MEBIBYTE:6.1f} MB in files",
            flush=True,
        )
        faults += [f"{attack.name}: {status} after {cpu:.1f} s of CPU"] if cpu > MOST_CPU and not is_refused else []
        limit = MAX_UPLOAD_BYTES + MEBIBYTE if attack.with_credential else MEBIBYTE
        faults += [f"{attack.name}: {watch.most_bytes} bytes in files"] if watch.most_bytes > limit else []
    with Watch(instance) as watch, ThreadPoolExecutor(len(listed)) as pool:
        for _ in range(ROUNDS):
            list(pool.map(lambda attack: sent(address, attack, credential), listed))
    asked = f"{ROUNDS} rounds of all {len(listed)} at once, {watch.asked} questions after its health"
    print(f"{asked}: it was silent for at most {1000 * watch.silence:.0f} ms.")
    return [*faults, *([f"health was silent for {watch.silence:.2f} s"] if watch.silence > MOST_SILENCE else [])]


def _prepared(instance: Instance) -> tuple[str, list[Attack]]:
    with httpx2.Client(base_url=instance.url, timeout=60) as client:
        signed_in = client.post("/v1/auth/token", json={"email": OWNER, "password": instance.password})
        credential = signed_in.json()["access"]
        client.headers["Authorization"] = f"Bearer {credential}"
        bot = client.get("/v1/tenant/bots").json()["results"][0]["id"]
        dataset = client.get("/v1/tenant/datasets").json()["results"][0]["id"]
    return credential, attacks(bot, dataset)


if __name__ == "__main__":
    sys.exit(main())
