"""People who upload and ask without a pause, repeating what was not acknowledged under the same key."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx2
from sample_instance import OWNER

RETRIABLE = {409, 429, 503, 507}
PAUSE_SECONDS = 0.3
PATIENCE_SECONDS = 120.0


@dataclass
class Log:
    """What was acknowledged, and every answer: fault, kind, status, whether it named a time to come back."""

    documents: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    answers: Counter[tuple[str, str, int, bool]] = field(default_factory=Counter)
    slowest_refusal: dict[str, float] = field(default_factory=dict)


class Load:
    """Two threads that upload and two that ask."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        sign_in = {"email": OWNER, "password": password}
        token = httpx2.post(f"{url}/v1/auth/token", json=sign_in, timeout=60).raise_for_status().json()["access"]
        self._headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=url, headers=self._headers, timeout=60) as api:
            self._dataset = api.get("/v1/tenant/datasets").raise_for_status().json()["results"][0]["id"]
            self._bot = api.get("/v1/tenant/bots").raise_for_status().json()["results"][0]["id"]
        self.log = Log()
        self.fault = ""
        self._over = threading.Event()
        self._lock = threading.Lock()
        works = (self._upload, self._upload, self._ask, self._ask)
        self._threads = [threading.Thread(target=self._repeat, args=(work,), daemon=True) for work in works]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let each finish what it has begun."""
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def wait_for_acknowledgements(self) -> None:
        """Wait until another document and another answer are acknowledged."""
        documents, questions = len(self.log.documents), len(self.log.questions)
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(self.log.documents) == documents or len(self.log.questions) == questions:
            assert time.monotonic() < limit, "nothing is acknowledged any more"
            time.sleep(0.2)

    def _repeat(self, work: object) -> None:
        assert callable(work)
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=60) as api:
            while not self._over.is_set():
                work(api)
                time.sleep(PAUSE_SECONDS)

    def _upload(self, api: httpx2.Client) -> None:
        name = f"{uuid.uuid4().hex}.txt"
        text = f"The code of order {name} is {uuid.uuid4().hex}. " * 4
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: text/plain\r\n\r\n{text}\r\n--{boundary}--\r\n"
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": name}
        path = f"/v1/tenant/datasets/{self._dataset}/documents"
        answer = self._until_acknowledged(api, "upload", path, body.encode(), headers)
        if answer is not None:
            self.log.documents[name] = answer.json()["id"]

    def _ask(self, api: httpx2.Client) -> None:
        question = f"How long is the battery under warranty? {uuid.uuid4().hex}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        body = f'{{"message": "{question}"}}'.encode()
        answer = self._until_acknowledged(api, "question", f"/v1/chat/bots/{self._bot}/messages", body, headers)
        if answer is not None:
            self.log.questions[question] = answer.text

    def _until_acknowledged(
        self, api: httpx2.Client, kind: str, path: str, body: bytes, headers: dict[str, str]
    ) -> httpx2.Response | None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            began, fault = time.monotonic(), self.fault
            try:
                answer = api.post(path, content=body, headers=headers)
            except httpx2.HTTPError:
                self._note(fault, kind, 0, is_timed=True)
                time.sleep(PAUSE_SECONDS)
                continue
            self._note(fault, kind, answer.status_code, is_timed="Retry-After" in answer.headers)
            if answer.is_success:
                return answer
            with self._lock:
                known = self.log.slowest_refusal.get(fault, 0.0)
                self.log.slowest_refusal[fault] = max(known, time.monotonic() - began)
            if answer.status_code not in RETRIABLE:
                return None
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), 2.0))
        return None

    def _note(self, fault: str, kind: str, status: int, *, is_timed: bool) -> None:
        with self._lock:
            self.log.answers[fault, kind, status, is_timed] += 1
