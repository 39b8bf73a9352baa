"""Asks a small model on this machine 30 questions about `docs/samples`, through the product, and judges the answers.

    python benchmarks/small_model.py --model FILE.gguf [--port 18990] [--show]

llama.cpp's server runs the model: the package `xllamacpp`, put into a temporary virtual environment, so the network is
needed. The product is started in a folder of its own; the model is connected on the portal's page of providers, a bot
gets a dataset with all files of `docs/samples`, and each question is asked in a conversation of its own, at
temperature 0. `small_model.tsv` beside it holds the questions: those that the samples answer, with a piece of the
passage and of the answer that is right; and near misses, whose answer the samples almost hold.

Exits with 1 when an answer is blank, holds a thought or a mark that leads nowhere, when a right passage is missing in
a prompt, when an answer shows no sources, or when too few are right (15 of 19) or refused or warned of (5 of 6).
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sample_instance import ROOT, Owner, started

QUESTIONS = Path(__file__).with_suffix(".tsv")
SAMPLES = ROOT / "docs" / "samples"
ANSWERABLE = "answerable"
RIGHT_SHARE, WARNED_SHARE = 15 / 19, 5 / 6
READY_SECONDS = 300
ANSWER_SECONDS = 600
_SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel = 8192, 1
params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[2])
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[3])
server = xllamacpp.Server(params)
while True:
    time.sleep(3600)
"""
_MARK = re.compile(r"\[\d+\]")
_THOUGHT = re.compile(r"</?think", re.IGNORECASE)
_REFUSES = re.compile(
    r"documents? do(?:es)? not|no passage|could not find|not (?:mentioned|stated|said)", re.IGNORECASE
)


@dataclass(frozen=True)
class Question:
    """A question; `passage` is a piece of the passage that it is about, `answers` are pieces of right answers."""

    kind: str
    text: str
    passage: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What came of a question. Of a near miss `is_right` says that it was refused or warned of."""

    question: Question
    answer: str
    faults: tuple[str, ...]
    is_right: bool
    shows_sources: bool


def questions() -> list[Question]:
    """Return all of them, in the file's order."""
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        Question(row["kind"], row["question"], row["passage"], tuple(filter(None, row["answers"].split("|"))))
        for row in rows
    ]


@contextmanager
def served(model: Path) -> Iterator[str]:
    """Run llama.cpp's server with a model; yield the address of its API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="chatcms-llama-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin/python")
        subprocess.run([python, "-m", "pip", "install", "-q", "xllamacpp"], check=True)
        command = [str(python), "-c", _SERVE, str(model), str(port), str(os.cpu_count() or 1)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            if httpx2.get(url).is_success:
                return
        except httpx2.TransportError:
            pass
        assert time.monotonic() < until, f"{url} does not answer"
        time.sleep(0.5)


class Tenant(Owner):
    """The owner who connects the model and asks a bot of it."""

    def connect(self, address: str) -> str:
        """Connect the server on the portal's page; return the provider's id."""
        page = f"{self.url}/t/demo/settings/providers/new/"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.pages.get(page).text)
        assert token, "the page has no form"
        fields = {"csrfmiddlewaretoken": token[1], "provider_type": "openai_compatible", "name": "llama.cpp"}
        # Without a graphics card it takes a while to read a prompt.
        fields |= {"base_url": address, "first_word_seconds": "300", "total_seconds": str(ANSWER_SECONDS)}
        answer = self.pages.post(page, data=fields, headers={"referer": page})
        rows = self.api.get("tenant/providers").raise_for_status().json()["results"]
        found = [row["id"] for row in rows if row["name"] == "llama.cpp"]
        assert found, f"the model was not connected: {answer.status_code} {answer.url}"
        return str(found[0])

    def make_bot(self, provider: str) -> str:
        """Make a bot that answers from the samples with the server's model; return its id."""
        models = self._ask("get", f"tenant/providers/{provider}/models?live=true")["models"]
        dataset = self._ask("post", "tenant/datasets", json={"name": "Samples"})["id"]
        for file in sorted(SAMPLES.iterdir()):
            self._ask("post", f"tenant/datasets/{dataset}/documents", files={"file": (file.name, file.read_bytes())})
        until = time.monotonic() + READY_SECONDS
        while not all(
            row["state"] == "ready" for row in self._ask("get", f"tenant/datasets/{dataset}/documents")["results"]
        ):
            assert time.monotonic() < until, "the samples do not get ready"
            time.sleep(1)
        bot = {"name": "Small", "provider_id": provider, "model": models[0]["id"], "dataset_ids": [dataset]}
        return str(self._ask("post", "tenant/bots", json=bot | {"temperature": 0})["id"])

    def ask(self, bot: str, question: Question) -> Verdict:
        """Ask, and judge what comes."""
        found = self._ask("post", f"tenant/bots/{bot}/search", json={"query": question.text})
        said = self._ask("post", f"chat/bots/{bot}/messages", json={"message": question.text})
        return judged(question, said, "\n".join(passage["text"] for passage in found["passages"]))

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.api.request(method, path, timeout=ANSWER_SECONDS, **more)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()


def judged(question: Question, said: dict[str, Any], passages: str) -> Verdict:
    """Return the verdict on an answer of the API, given what the model was shown."""
    answer, cited = said["answer"], {f"[{one['number']}]" for one in said["citations"]}
    faults = {
        "blank": not answer.strip(),
        "a thought": bool(_THOUGHT.search(answer)),
        "a wrong mark": not set(_MARK.findall(answer)) <= cited,
        "no right passage": " ".join(question.passage.split()) not in " ".join(passages.split()),
    }
    if question.kind == ANSWERABLE:
        is_right = any(piece.lower() in answer.lower() for piece in question.answers)
    else:
        is_right = said["has_evidence"] is False or bool(_REFUSES.search(answer))
    return Verdict(
        question,
        answer,
        tuple(fault for fault, is_so in faults.items() if is_so),
        is_right,
        bool(said["citations"] or said.get("consulted")),
    )


def told(verdicts: list[Verdict]) -> bool:
    """Print what came of it; return whether it is good enough."""
    answerable = [one for one in verdicts if one.question.kind == ANSWERABLE]
    near = [one for one in verdicts if one.question.kind != ANSWERABLE]
    faults = [fault for one in verdicts for fault in one.faults]
    right, sources = sum(one.is_right for one in answerable), sum(one.shows_sources for one in answerable)
    warned = sum(one.is_right for one in near)
    print("| Questions | Right | With sources | Near misses refused or warned of | Faults |\n|---|---|---|---|---|")
    print(
        f"| {len(verdicts)} | {right} of {len(answerable)} | {sources} of {len(answerable)} | "
        f"{warned} of {len(near)} | {', '.join(sorted(set(faults))) or 'none'} |"
    )
    is_enough = right >= RIGHT_SHARE * len(answerable) and warned >= WARNED_SHARE * len(near)
    return is_enough and sources == len(answerable) and not faults


def main() -> None:
    """Start, connect, ask, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a model in llama.cpp's format, of instructions")
    parser.add_argument("--port", type=int, default=18990, help="where the product is to listen")
    parser.add_argument("--show", action="store_true", help="print each question with its answer")
    options = parser.parse_args()
    verdicts = []
    with served(options.model.resolve()) as address:
        host = address.removeprefix("http://").removesuffix("/v1")
        with started(options.port, EGRESS_PRIVATE_HOSTS=host) as instance:
            tenant = Tenant(instance)
            bot = tenant.make_bot(tenant.connect(address))
            for question in questions():
                verdict = tenant.ask(bot, question)
                verdicts.append(verdict)
                if options.show:
                    mark = ", ".join(verdict.faults) or ("right" if verdict.is_right else "wrong")
                    print(f"{mark} | {question.text} | {' '.join(verdict.answer.split())}", flush=True)
    sys.exit(0 if told(verdicts) else 1)


if __name__ == "__main__":
    main()
