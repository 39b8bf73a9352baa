"""Has schemathesis ask the whole API as every kind of caller, and find nothing that the schema does not say.

A few examples each, so that it is a check and no search. For a search: `SCHEMATHESIS_EXAMPLES=25`, and what went
wrong is printed with a curl command that repeats it.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.tests.fixtures import running_fake
from chatcms.tests import live
from chatcms.tests.fuzzing import SEARCH, ask_as, tried_by
from chatcms.tests.rights import CALLERS
from chatcms.tests.route_table import TABLE
from chatcms.tests.world import Headers, Things, headers_of, platform_things, things_of
from providers.tests.fake_provider import FakeProvider
from tenants.models import Tenant

# So many different links of the schema each caller follows at least: an empty search for chains is no search.
LINKS = {"anonymous": 0, "visitor": 1, "key: chat": 1, "viewer": 2, "key: read": 2}
LINKS_OF_OTHERS = 5

__all__ = ["running_fake"]

pytestmark = [pytest.mark.django_db(transaction=True), *([pytest.mark.timeout(0)] if SEARCH else [])]


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, running_fake: FakeProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The product's own server, without limits on how fast it is asked."""
    log = tmp_path_factory.mktemp("fuzz") / "server.log"
    with live.web_server(extra={"EGRESS_PRIVATE_HOSTS": running_fake.host, "RATE_LIMITS": "off"}, log=log) as address:
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


@pytest.fixture(scope="module")
def schema(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server says that it can do."""
    file = tmp_path_factory.mktemp("schema") / "schema.json"
    with urllib.request.urlopen(f"{server}/v1/schema?format=json") as answer:  # noqa: S310 - our own server
        file.write_bytes(answer.read())
    return file


@pytest.fixture
def things() -> Things:
    """One of everything in acme."""
    acme = Tenant.objects.get(slug="acme")
    return {**things_of(acme), **platform_things(acme)}


@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_happens_that_the_schema_does_not_say(
    server: str, schema: Path, things: Things, caller: str, tmp_path: Path
) -> None:
    headers = headers_of(caller, Tenant.objects.get(slug="acme"), things)
    run = ask_as(caller, server=server, schema=schema, headers=headers, folder=tmp_path)
    assert run.code == 0, run.report
    assert run.links >= LINKS.get(caller, LINKS_OF_OTHERS), run.report
    assert caller == "anonymous" or _is_known(server, headers), "the caller shut itself out on the way"


def test_every_edge_of_every_operation_is_tried_by_somebody() -> None:
    assert set().union(*map(tried_by, CALLERS)) == set(TABLE)


def _is_known(server: str, headers: Headers) -> bool:
    """Whether the credential is still good, so that it was for all that was asked."""
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{server}/v1/auth/me", headers=headers)):  # noqa: S310
            return True
    except urllib.error.HTTPError as refusal:
        return refusal.code != 401
