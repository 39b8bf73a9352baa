"""An instance of the product with its sample, for measurements of pages: all of it started, a few questions asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parent.parent
OWNER = "owner@demo.example"
READY_SECONDS = 300
QUESTIONS = (
    "How long is the battery under warranty?",
    "Can I return a bike after three weeks?",
    "What does a yearly service cost?",
    "Who won the cup in 1998?",
)


@dataclass(frozen=True)
class Instance:
    """Where it is, and the sign-in of the sample's owner."""

    url: str
    password: str


@contextmanager
def started(port: int, **settings: str) -> Iterator[Instance]:
    """Start the product in a folder of its own, as `start-all.sh` does; all of it is gone afterwards."""
    # The environment's own database and queue are left alone.
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    with tempfile.TemporaryDirectory(prefix="chatcms-sample-", ignore_cleanup_errors=True) as folder:
        env = {**kept, "CHATCMS_VAR": folder, "PORT": str(port), "RATE_LIMITS": "off", **settings}
        runtime = [sys.executable, "-m", "chatcms.runtime"]
        try:
            subprocess.run([*runtime, "up"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
            lines = Path(folder, "credentials.txt").read_text().splitlines()
            password = lines[[line.strip() for line in lines].index(OWNER) + 1].strip()
            yield Instance(f"http://127.0.0.1:{port}", password)
        finally:
            subprocess.run([*runtime, "down"], cwd=ROOT, env=env, check=False, stdout=subprocess.DEVNULL)


class Owner:
    """The owner of the sample, at work through the API and in pages."""

    def __init__(self, instance: Instance) -> None:
        self.url = instance.url
        sign_in = {"email": OWNER, "password": instance.password}
        token = httpx2.post(f"{self.url}/v1/auth/token", json=sign_in).raise_for_status().json()["access"]
        self.api = httpx2.Client(base_url=f"{self.url}/v1/", headers={"authorization": f"Bearer {token}"}, timeout=60)
        self.pages = httpx2.Client(base_url=self.url, follow_redirects=True, timeout=120)
        form = self.pages.get("/sign-in/").text
        hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert hidden, "the sign-in page has no form"
        fields = dict(re.findall(r'<input[^>]*name="(next|email|password)"[^>]*()', form))
        fields |= {"csrfmiddlewaretoken": hidden[1], "email": OWNER, "password": instance.password}
        answer = self.pages.post("/sign-in/", data=fields, headers={"referer": f"{self.url}/sign-in/"})
        assert answer.url.path.startswith("/t/demo/"), f"signing in led to {answer.url}"

    @property
    def cookies(self) -> list[dict[str, Any]]:
        """What a browser keeps that is signed in, as Playwright takes it."""
        until = time.time() + 86_400
        return [
            {"name": name, "value": value, "url": self.url, "expires": until}
            for name, value in self.pages.cookies.items()
        ]

    def one(self, kind: str) -> dict[str, Any]:
        """Return the first of the tenant's bots, datasets or conversations."""
        row: dict[str, Any] = self.api.get(f"tenant/{kind}").raise_for_status().json()["results"][0]
        return row

    def use_the_sample(self) -> None:
        """Wait until the sample is read, let its bot have a page of its own, and ask it a few questions."""
        documents = f"tenant/datasets/{self.one('datasets')['id']}/documents"
        deadline = time.monotonic() + READY_SECONDS
        while not all(row["state"] == "ready" for row in self.api.get(documents).json()["results"]):
            assert time.monotonic() < deadline, "the sample's documents do not get ready"
            time.sleep(1)
        bot = self.api.get(f"tenant/bots/{self.one('bots')['id']}")
        changed = {"hosted_page": True}
        self.api.patch(
            f"tenant/bots/{bot.json()['id']}", json=changed, headers={"if-match": bot.headers["etag"]}
        ).raise_for_status()
        for question in QUESTIONS:
            self.api.post(f"chat/bots/{bot.json()['id']}/messages", json={"message": question}).raise_for_status()
