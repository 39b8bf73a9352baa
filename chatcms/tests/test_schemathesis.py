"""Has schemathesis ask the whole API as every kind of caller, and find nothing that the schema does not say.

A few examples each, so that it is a check and no search. For a search: `SCHEMATHESIS_EXAMPLES=100`, and what went
wrong is printed with a curl command that repeats it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chat.tests.conftest import running_fake
from chatcms.tests import live
from chatcms.tests.world import Headers, Things, actors, headers_of, platform_things, things_of
from providers.tests.fake_provider import FakeProvider
from tenants.models import Tenant

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "")
CALLERS = ["anonymous", *actors()]
CONFIG = Path(__file__).with_name("schemathesis.toml")
PROGRAM = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"

__all__ = ["running_fake"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0 if EXAMPLES else 240)]


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, running_fake: FakeProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The product's own server, without limits on how fast it is asked."""
    log = tmp_path_factory.mktemp("fuzz") / "server.log"
    with live.web_server(extra={"EGRESS_PRIVATE_HOSTS": running_fake.host, "RATE_LIMITS": "off"}, log=log) as address:
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


@pytest.fixture
def things() -> Things:
    """One of everything in acme."""
    acme = Tenant.objects.get(slug="acme")
    return {**things_of(acme), **platform_things(acme)}


@dataclass(frozen=True)
class Run:
    """How schemathesis ended."""

    code: int
    report: str


def ask_as(server: str, headers: Headers, *options: str) -> Run:
    """Let schemathesis ask everything with these headers."""
    argv = [sys.executable, "-c", PROGRAM, "--config-file", str(CONFIG), "run", f"{server}/v1/schema"]
    argv += ["--suppress-health-check", "all", "--max-examples", EXAMPLES or "1", *options]
    if not EXAMPLES:
        argv += ["--generation-deterministic"]
    for name, value in headers.items():
        argv += ["-H", f"{name}: {value}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_happens_that_the_schema_does_not_say(server: str, things: Things, caller: str) -> None:
    headers = headers_of(caller, Tenant.objects.get(slug="acme"), things)
    run = ask_as(server, headers)
    assert run.code == 0, run.report
