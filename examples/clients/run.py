"""Runs OpenAI's official clients and what is built on them against a running product, and writes a table of what works.

It installs the newest release of each client (and the official one of before) into a folder, starts a model vendor that
follows scripts, makes bots that ask it, and runs every check of `programs/` in a process of its own. It needs the
network, Node 20 or later and Python 3.11 or later, and is no part of the daily checks:

    EGRESS_PRIVATE_HOSTS=127.0.0.1:9100 ./start-all.sh
    python examples/clients/run.py --write

`--only NAME` runs some clients; `--folder DIR` keeps what was installed there for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAMS = HERE / "programs"
PAGE = ROOT / "docs" / "openai.md"
MARKS = ("<!-- clients: examples/clients/run.py -->\n", "<!-- /clients -->\n")
CHECKS = {
    "chat": "Chat",
    "stream": "Stream",
    "usage": "Usage",
    "sources": "Sources",
    "tools": "Tools",
    "json": "JSON of a schema",
    "turns": "Three turns, one conversation",
}
NOT_THERE = 3
NPM = ("--no-audit", "--no-fund", "--ignore-scripts")
SECONDS_A_CHECK = 180
DOCUMENT = "# Returns\n\nA purchase may be returned within thirty days.\n\nThe shop pays for the way back."


@dataclass(frozen=True)
class Client:
    """A client: what is installed for it, whose version is shown, and the program that uses it."""

    name: str
    packages: tuple[str, ...]
    program: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def is_node(self) -> bool:
        return self.program.endswith(".mjs")


AI_SDK = ("@ai-sdk/openai", "@ai-sdk/openai-compatible", "ai")
CLIENTS = [
    Client("openai (Python), before", ("openai<2",), "openai_client.py"),
    Client("openai (Python)", ("openai",), "openai_client.py"),
    Client("openai (Node)", ("openai",), "openai.mjs"),
    Client("LangChain (Python)", ("langchain-openai",), "langchain_client.py"),
    Client("LangChain (JS)", ("@langchain/openai", "@langchain/core"), "langchain.mjs"),
    Client("LlamaIndex", ("llama-index-llms-openai-like",), "llama_index_client.py"),
    Client("AI SDK, `@ai-sdk/openai`", ("@ai-sdk/openai", *AI_SDK), "ai_sdk.mjs", {"AI_PROVIDER": "openai"}),
    Client("AI SDK, `@ai-sdk/openai-compatible`", ("@ai-sdk/openai-compatible", *AI_SDK), "ai_sdk.mjs"),
    Client("llm", ("llm",), "llm_client.py"),
    Client("LiteLLM", ("litellm",), "litellm_client.py"),
    Client("pydantic-ai", ("pydantic-ai-slim[openai]",), "pydantic_ai_client.py"),
    Client("instructor", ("instructor",), "instructor_client.py"),
]


class Product:
    """The running product, asked as its owner."""

    def __init__(self, address: str, credentials: Path) -> None:
        self.address = address
        password = re.search(r"owner@demo\.example\s+(\S+)", credentials.read_text())
        if password is None:
            sys.exit(f"{credentials} has no password of owner@demo.example: start the product with ./start-all.sh.")
        signed_in = self.ask("POST", "/v1/auth/token", {"email": "owner@demo.example", "password": password[1]})
        self.key = signed_in["access"]
        self.chat_key = self.new_key("chat")
        # A token lasts for minutes; the clients take longer.
        self.key = self.new_key("read", "write", "admin")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if key := getattr(self, "key", ""):
            headers["Authorization"] = f"Bearer {key}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def new_key(self, *scopes: str) -> str:
        return str(self.ask("POST", "/v1/tenant/api-keys", {"name": "Clients", "scopes": scopes})["key"])

    def environment(self, vendor: str) -> dict[str, str]:
        """Make a provider, a dataset and the bots; return what programs are told of them."""
        mark = int(time.time())
        able = dict.fromkeys(("supports_tools", "supports_json", "supports_output_schema"), True)
        config = {"base_url": vendor, "models": [{"id": name, **able} for name in ("echo", "cite", "tools", "json")]}
        about = {"name": f"Clients {mark}", "provider_type": "openai_compatible", "api_key": "none", "config": config}
        provider = self.ask("POST", "/v1/tenant/providers", about)["id"]
        dataset = self.ask("POST", "/v1/tenant/datasets", {"name": f"Clients {mark}"})["id"]
        place = f"/v1/tenant/datasets/{dataset}/documents"
        document = self.ask("POST", place, {"name": "returns.md", "text": DOCUMENT})["id"]
        while self.ask("GET", f"/v1/tenant/documents/{document}")["state"] != "ready":
            time.sleep(0.5)
        found = {"CHAT": self.address, "CHAT_KEY": self.chat_key}
        for model in ("echo", "cite", "tools", "json"):
            bot = {"name": f"Client {model} {mark}", "model": model, "tenant_ai_provider_id": provider}
            bot["dataset_ids"] = [dataset] if model == "cite" else []
            found[f"CHAT_BOT_{model.upper()}"] = self.ask("POST", "/v1/tenant/bots", bot)["slug"]
        return found

    def conversations(self) -> dict[str, int]:
        """Return how many messages each of the newest conversations by OpenAI's protocols has."""
        rows = self.ask("GET", "/v1/tenant/conversations?channel=openai&limit=100")["results"]
        return {row["id"]: row["message_count"] for row in rows}


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None, seconds: int = 1800) -> tuple[int, str]:
    """Run a command; return its status and the end of what it printed."""
    words = [str(word) for word in command]
    whole = {**os.environ, **(env or {})}
    try:
        done = subprocess.run(words, cwd=cwd, env=whole, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 1, f"no end within {seconds} seconds"
    return done.returncode, (done.stdout + done.stderr)[-3000:]


def install(client: Client, folder: Path) -> tuple[list[str | Path], str] | None:
    """Install a client; return what runs its programs, and its version; None when it cannot be installed."""
    folder.mkdir(parents=True, exist_ok=True)
    if client.is_node:
        (folder / "package.json").write_text(json.dumps({"name": "client", "private": True, "type": "module"}))
        status, told = run("npm", "install", *NPM, *client.packages, cwd=folder)
        if status:
            print(told, file=sys.stderr)
            return None
        for program in PROGRAMS.glob("*.mjs"):
            (folder / program.name).write_text(program.read_text())
        about = json.loads((folder / "node_modules" / client.packages[0] / "package.json").read_text())
        return ["node", folder / client.program], about["version"]
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
    status, told = run(python, "-m", "pip", "install", "-q", *client.packages, cwd=folder)
    if status:
        print(told, file=sys.stderr)
        return None
    package = re.split(r"[<\[]", client.packages[0])[0]
    _, version = run(python, "-c", f"import importlib.metadata as m; print(m.version('{package}'))", cwd=folder)
    return [python, PROGRAMS / client.program], version.strip()


def tried(client: Client, command: list[str | Path], env: dict[str, str], product: Product, folder: Path) -> list[str]:
    """Run the checks of a client; return a cell for each."""
    cells = []
    for check in CHECKS:
        before = product.conversations()
        status, told = run(*command, check, cwd=folder, env=env | client.environment, seconds=SECONDS_A_CHECK)
        if status == 0 and check == "turns":
            new = {key: count for key, count in product.conversations().items() if before.get(key) != count}
            if list(new.values()) != [6]:
                status, told = 1, f"three turns became conversations of so many messages: {list(new.values())}"
        cells.append("yes" if status == 0 else "–" if status == NOT_THERE else "no")
        if cells[-1] == "no":
            print(f"{client.name}: {check}\n{told}\n", file=sys.stderr)
    return cells


def table(rows: list[list[str]]) -> str:
    """Return the table as it stands in the docs."""
    node = run("node", "--version", cwd=HERE)[1].strip()
    head = ["Client", "Version", *CHECKS.values()]
    lines = [f"| {' | '.join(line)} |\n" for line in (head, *rows)]
    lines.insert(1, f"|{'---|' * len(head)}\n")
    day = datetime.now(UTC).strftime("%d %B %Y").lstrip("0")
    about = f"On {day}, with Python {platform.python_version()} and Node {node.removeprefix('v')}:\n\n"
    return about + "".join(lines)


def write(text: str) -> None:
    """Put the table into the docs, between its marks."""
    page = PAGE.read_text()
    before, rest = page.split(MARKS[0])
    PAGE.write_text(f"{before}{MARKS[0]}{text}{MARKS[1]}{rest.split(MARKS[1])[1]}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chat", default="http://127.0.0.1:8000", help="where the product runs")
    parser.add_argument("--credentials", type=Path, default=ROOT / "var" / "credentials.txt")
    parser.add_argument("--vendor-port", type=int, default=9100, help="as in the product's EGRESS_PRIVATE_HOSTS")
    parser.add_argument("--folder", type=Path, help="where to install; a temporary folder by default")
    parser.add_argument("--only", default="", help="a part of the names of the clients to run")
    parser.add_argument("--write", action="store_true", help="write the table into docs/openai.md")
    return parser.parse_args()


def main() -> None:
    """Try all clients."""
    asked = arguments()
    product = Product(asked.chat, asked.credentials)
    command = [str(ROOT / ".venv/bin/python"), "-m", "providers.tests.fake_provider", "--until-stdin-closes"]
    command += ["--port", str(asked.vendor_port)]
    rows = []
    with (
        tempfile.TemporaryDirectory() as temporary,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as vendor,
    ):
        assert vendor.stdin and vendor.stdout
        vendor.stdout.readline()
        env = product.environment(f"http://127.0.0.1:{asked.vendor_port}/v1")
        for client in CLIENTS:
            if asked.only not in client.name:
                continue
            folder = (asked.folder or Path(temporary)).resolve() / re.sub(r"\W+", "-", client.name).strip("-")
            installed = install(client, folder)
            if installed is None:
                rows.append([client.name, "could not be installed", *["?"] * len(CHECKS)])
            else:
                rows.append([client.name, installed[1], *tried(client, installed[0], env, product, folder)])
            print(" | ".join(rows[-1]), flush=True)
        vendor.stdin.close()
    if asked.write:
        write(table(rows))


if __name__ == "__main__":
    main()
