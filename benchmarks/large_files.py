"""Measures how long a tenant's small file waits, and its webhook, while another tenant's large files are worked on.

    .venv/bin/python benchmarks/large_files.py                    # two files of 1.75 MB, some 22,000 chunks
    .venv/bin/python benchmarks/large_files.py --megabytes 0.4    # of a smaller size, for a busy machine

It starts an instance of its own, as `start-all.sh` does, with two slots for long jobs. The sample's tenant uploads two
files; once both are worked on, a second tenant uploads one of 1 KB. Printed are the seconds from that upload until it
is ready, those from then until the webhook arrives, and how far the large files were at that time. Everything is gone
afterwards. Exit code 1 when the small file waited until a large one was done.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
from own_instance import ROOT, Instance
from sample_instance import OWNER

PORT, RECEIVER_PORT = 18_780, 18_781
PATIENCE_SECONDS = 900.0
# The least there may be: some 160 characters of such words.
CHUNK_TOKENS = 50
# How the second tenant comes to be: through the product's own services, in a process with the instance's settings.
_TENANT = """
from tenants.enums import Scope
from tenants.services import api_keys, provisioning
from tenants.types import SYSTEM
tenant = provisioning.create_tenant(by=SYSTEM, name="Small", slug="small")
print(api_keys.create_api_key(by=SYSTEM, tenant=tenant, name="bench", scopes=list(Scope))[1])
"""
_WORDS = ("return", "repair", "price", "battery", "wheel", "parcel", "letter", "colour", "garden", "river", "window")


class Receiver(BaseHTTPRequestHandler):
    """Notes when the first webhook arrives."""

    arrived = threading.Event()
    at = 0.0

    def do_POST(self) -> None:
        """Take a delivery."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if not Receiver.arrived.is_set():
            Receiver.at = time.monotonic()
            Receiver.arrived.set()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Tenant:
    """Uploads to a dataset of its own and looks at its documents."""

    def __init__(self, instance: Instance, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.api = httpx2.Client(base_url=f"{instance.url}/v1/tenant/", headers=headers, timeout=120)
        dataset = (
            self.api.post("datasets", json={"name": "Measured", "chunk_tokens": CHUNK_TOKENS, "chunk_overlap": 0})
            .raise_for_status()
            .json()["id"]
        )
        self._documents = f"datasets/{dataset}/documents"

    def upload(self, name: str, text: str) -> None:
        """Send a file."""
        self.api.post(self._documents, files={"file": (name, text.encode(), "text/plain")}).raise_for_status()

    def states(self) -> list[str]:
        """Return the state of each document."""
        rows = self.api.get(self._documents).raise_for_status().json()["results"]
        return [row["state"] for row in rows]

    def wait_for(self, *wanted: str) -> float:
        """Return when every document is in one of these states."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while not set(self.states()) <= set(wanted):
            assert time.monotonic() < limit, f"the documents are {self.states()}"
            time.sleep(0.2)
        return time.monotonic()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=1.75, help="of each of the two files")
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcms-large-", ignore_cleanup_errors=True))
        instance = Instance(Path(folder), asked.port)
        instance.env |= {"WORKER_CONCURRENCY": "2", "WEBHOOK_PRIVATE_HOSTS": f"127.0.0.1:{RECEIVER_PORT}"}
        stack.callback(instance.runtime, "down")
        begun = instance.runtime("up")
        assert begun.returncode == 0, begun.stdout + begun.stderr
        return _measure(instance, int(asked.megabytes * 1e6))


def _measure(instance: Instance, size: int) -> int:
    sign_in = {"email": OWNER, "password": instance.password}
    signed_in = httpx2.post(f"{instance.url}/v1/auth/token", json=sign_in, timeout=60).raise_for_status().json()
    large, small = Tenant(instance, signed_in["access"]), Tenant(instance, _second_tenant(instance))
    receiver = HTTPServer(("127.0.0.1", RECEIVER_PORT), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = {"url": f"http://127.0.0.1:{RECEIVER_PORT}/", "events": ["document.ready"]}
    small.api.post("webhooks", json=hook).raise_for_status()
    for number in range(2):
        large.upload(f"large-{number}.txt", _text(size, seed=number))
    large.wait_for("embedding", "ready")
    began = time.monotonic()
    small.upload("small.txt", _text(1000, seed=9))
    ready = small.wait_for("ready")
    states = large.states()
    assert Receiver.arrived.wait(PATIENCE_SECONDS), "no webhook arrived"
    print(f"two files of {size / 1e6:g} MB; the second tenant's file of 1 KB was ready after {ready - began:.1f} s")
    print(f"its webhook arrived {max(Receiver.at - ready, 0):.1f} s later; the large files were {', '.join(states)}")
    whole = large.wait_for("ready")
    print(f"both large files were ready {whole - began:.0f} s after the small one was sent")
    return 0 if "ready" not in states else 1


def _second_tenant(instance: Instance) -> str:
    argv = [sys.executable, "manage.py", "shell", "--no-imports", "-c", _TENANT]
    made = subprocess.run(argv, cwd=ROOT, env=instance.env, capture_output=True, text=True, check=True)
    return made.stdout.split()[-1]


def _text(size: int, *, seed: int) -> str:
    """Return paragraphs of a sentence or two, which become a chunk of some 160 characters each."""
    chosen = random.Random(seed)
    paragraphs: list[str] = []
    while len(paragraphs) * 160 < size:
        words = " ".join(chosen.choice(_WORDS) for _ in range(24))
        paragraphs.append(f"{words.capitalize()} {len(paragraphs)}.")
    return "\n\n".join(paragraphs)[:size]


if __name__ == "__main__":
    sys.exit(main())
