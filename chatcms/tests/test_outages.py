"""PostgreSQL refused, cut off or stopped: retriable answers at once, health that says so, a log that says so once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from psycopg import OperationalError as DriverError
from rest_framework.test import APIClient

from chatcms.core.api.routes import Route, api_routes
from chatcms.core.db import outages
from chatcms.tests import live
from chatcms.tests.faulty import Line, line_to_the_database
from chatcms.tests.waiting import wait_until
from datasets import storage
from tenants.models import Membership, Tenant
from tenants.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

HTML = {"Accept": "text/html", "Accept-Language": "de"}
# What a route is asked with, and the content type of its refusal.
ROUTES = [
    ("GET", "/sign-in/", HTML, "text/html; charset=utf-8"),
    ("GET", "/t/acme/", HTML, "text/html; charset=utf-8"),
    ("GET", "/admin/", HTML, "text/html; charset=utf-8"),
    ("GET", "/nowhere/", HTML, "text/html; charset=utf-8"),
    ("POST", "/sign-in/", HTML, "text/html; charset=utf-8"),
    ("GET", "/v1/tenant/bots", {}, "application/problem+json"),
    ("POST", "/v1/auth/token", {}, "application/problem+json"),
    ("POST", "/v1/tenant/datasets", {}, "application/problem+json"),
    ("GET", "/v1/models", {}, "application/json"),
    ("POST", "/v1/chat/completions", {}, "application/json"),
]
FAULTS: dict[str, Callable[[Line], None]] = {"refused": Line.cut, "stopped": Line.hang}
# Less than the two seconds that are promised would be a race on a busy machine; without the watch it is ten and more.
PROMPT_SECONDS = 6.0


@pytest.fixture
def reached() -> Iterator[tuple[Line, str]]:
    with line_to_the_database() as found:
        yield found


@pytest.fixture
def database(reached: tuple[Line, str]) -> Line:
    return reached[0]


@pytest.fixture
def web(reached: tuple[Line, str], acme: Tenant, tmp_path: Path) -> Iterator[httpx2.Client]:
    key = factories.make_api_key(acme)[1]
    with live.web_server(extra={"DATABASE_URL": reached[1]}, log=tmp_path / "web.log") as address:
        headers = {"Authorization": f"Bearer {key}", "Host": "localhost"}
        with httpx2.Client(base_url=address, timeout=60, headers=headers) as client:
            assert client.get("/v1/tenant/bots").status_code == 200
            yield client


@pytest.mark.parametrize("fault", FAULTS)
def test_while_postgresql_is_away_every_route_says_so_at_once_and_works_again_after(
    fault: str, database: Line, web: httpx2.Client, tmp_path: Path
) -> None:
    FAULTS[fault](database)
    wait_until(lambda: web.get("/readyz").status_code == 503, "that the outage is seen")
    for method, path, headers, content_type in ROUTES:
        answer = web.request(method, path, headers=headers, timeout=PROMPT_SECONDS)
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, content_type), (path, answer.text)
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["X-Request-ID"]
    assert "Einen Moment" in web.get("/sign-in/", headers=HTML).text
    assert web.get("/v1/models").json()["error"]["code"] == "database_unavailable"
    health = web.get("/v1/health")
    assert (health.status_code, health.json()["status"], health.json()["checks"]["database"]) == (503, "broken", False)
    assert web.get("/livez").status_code == 200
    assert web.get("/static/css/base.css").status_code == 200
    database.mend()
    wait_until(lambda: web.get("/v1/tenant/bots").status_code == 200, "that it works again")
    assert web.get("/readyz").status_code == 200
    log = (tmp_path / "web.log").read_text()
    assert (log.count("PostgreSQL is away"), log.count("PostgreSQL is back")) == (1, 1)
    assert "Traceback" not in log


@pytest.mark.parametrize("fault", FAULTS)
def test_no_request_of_the_moment_of_the_fault_gets_a_500_or_waits_for_its_end(
    fault: str, database: Line, web: httpx2.Client
) -> None:
    FAULTS[fault](database)
    for path, headers in (("/v1/tenant/bots", {}), ("/sign-in/", HTML), ("/v1/models", {})):
        answer = web.get(path, headers=headers)
        assert answer.status_code in {200, 503}, answer.text
    database.mend()


def test_health_answers_at_any_host_and_whatever_the_forwarded_protocol(web: httpx2.Client) -> None:
    for host in ("example.invalid", "10.0.0.7:8000", "", "a" * 300):
        for path in ("/livez", "/readyz", "/v1/health"):
            answer = web.get(path, headers={"Host": host, "X-Forwarded-Proto": "http"})
            assert answer.status_code == 200, (host, path)
            assert answer.headers["Cache-Control"] == "no-store"
    assert web.post("/readyz").status_code == 405


def test_health_keeps_the_members_it_had_and_names_the_rest(web: httpx2.Client, tmp_path: Path) -> None:
    shown = web.get("/v1/health").json()
    assert shown["checks"]["database"] is True
    assert set(shown["checks"]) == {"database", "redis", "workers", "scheduler", "periodic", "tenants", "disk"}
    assert str(settings.REDIS_URL) not in str(shown)
    # No worker runs here; just after the start nobody can know.
    assert shown["checks"]["workers"] is not False
    assert shown["checks"]["scheduler"] is not False
    assert "at work" not in (tmp_path / "web.log").read_text()


def test_without_valkey_the_service_is_degraded_and_still_ready(acme: Tenant, tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with live.web_server(extra={"REDIS_URL": "redis://127.0.0.1:1/0"}, log=log) as address:
        client = httpx2.Client(base_url=address, timeout=60, headers={"Host": "localhost"})
        wait_until(lambda: client.get("/v1/health").json()["checks"].get("redis") is False)
        shown: Any = client.get("/v1/health")
        assert (shown.status_code, shown.json()["status"]) == (200, "degraded")
        assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (200, {"status": "degraded"})
        assert client.get("/sign-in/").status_code == 200
        client.close()
    assert log.read_text().count("Valkey is away") == 1


def test_a_full_disk_is_answered_with_507_and_leaves_nothing(
    acme: Tenant, api_key: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    monkeypatch.setattr(storage, "_private", lambda _path, _flags: os.open("/dev/full", os.O_WRONLY))
    api = APIClient(headers={"authorization": f"Bearer {api_key}"})
    dataset = api.post("/v1/tenant/datasets", {"name": "Manuals"}, format="json").json()["id"]
    for _ in range(3):
        file = SimpleUploadedFile("manual.txt", b"Press the green button. " * 1000)
        answer = api.post(f"/v1/tenant/datasets/{dataset}/documents", {"file": file}, format="multipart")
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.content
        assert "no space left" in answer.json()["detail"]
        assert answer.headers["Retry-After"] == "60"
    assert api.get(f"/v1/tenant/datasets/{dataset}/documents").json()["results"] == []
    assert not [path for path in settings.MEDIA_ROOT.rglob(str(acme.pk) + "/*") if path.is_file()]
    assert len([line for line in caplog.records if "disk is full" in line.message]) <= 1
    assert outages.is_disk_full()


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("53100", "storage_full"), ("53300", "database_unavailable"), ("57P01", "database_unavailable"),
        ("57P02", "database_unavailable"), ("57P03", "database_unavailable"), ("08006", "database_unavailable"),
        ("40P01", "busy"), ("40001", "busy"), ("55P03", "busy"), ("57014", "busy"),
        ("42P01", "schema_behind"), ("42703", "schema_behind"), ("3F000", "schema_behind"),
    ],
)  # fmt: skip
def test_each_passing_error_of_postgresql_is_answered_as_such(db: None, sqlstate: str, code: str) -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{sqlstate}'; END $$")
    known = outages.passing_error(raised.value)
    assert known is not None
    assert known.code == code


@pytest.mark.parametrize("sqlstate", ["23505", "22012", "25P02"])
def test_faults_of_ours_are_no_passing_errors(db: None, sqlstate: str) -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{sqlstate}'; END $$")
    assert outages.passing_error(raised.value) is None


BEHIND = [
    ("GET", "/v1/tenant/bots", 503, "application/problem+json"),
    ("POST", "/v1/tenant/bots", 503, "application/problem+json"),
    ("GET", "/v1/models", 503, "application/json"),
    ("GET", "/v1/tenant/usage", 200, "application/json"),
]


def test_a_table_that_a_migration_left_out_is_answered_with_503_and_told_once(
    acme: Tenant, api_key: str, owner: Membership, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_missing", {})
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {api_key}"})
    person = Client(raise_request_exception=False)
    person.force_login(owner.user)
    with _without_table(acme, "bots"):
        for method, path, status, content_type in BEHIND * 2:
            answer = client.generic(method, path, b'{"name": "x"}', content_type="application/json")
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type), answer.content
            if status == 503:
                assert answer.headers["Retry-After"] == "30"
                assert b"brought up to the present version" in answer.content
        assert person.get("/t/acme/bots/", headers=HTML).status_code == 503
    assert client.get("/v1/tenant/bots").status_code == 200
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.message.split(" (schema")[0] for record in told] == [
        'The database is behind the code: relation "bots" does not exist'
    ]


@contextmanager
def _without_table(tenant: Tenant, name: str) -> Iterator[None]:
    schema = connection.ops.quote_name(tenant.schema_name)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {schema}.{name} RENAME TO {name}_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {schema}.{name}_away RENAME TO {name}")


def _lost(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Stand for a connection that is lost at whatever statement comes next."""
    raise OperationalError("server closed the connection unexpectedly") from DriverError("closed")


ASKED = [(method, route) for route in api_routes() for method in route.methods]


@pytest.mark.parametrize(("method", "route"), ASKED, ids=[f"{method} {route}" for method, route in ASKED])
def test_no_route_answers_500_when_the_connection_is_lost_in_the_middle(method: str, route: Route) -> None:
    url = route.url(defaultdict(lambda: "0199aaaa-0000-7000-8000-000000000000"))
    client = Client(raise_request_exception=False, headers={"authorization": "Bearer cms_live_" + "a" * 40})
    with connection.execute_wrapper(_lost):
        answer = client.generic(method.upper(), url, b"{}", content_type="application/json")
    assert answer.status_code < 500 or answer.status_code == 503, answer.content
    if answer.status_code == 503:
        assert answer.headers["Retry-After"]
        shown = answer.json()
        assert "database_unavailable" in {shown.get("code"), shown.get("error", {}).get("code")}


@pytest.mark.parametrize("path", ["/sign-in/", "/t/acme/", "/t/acme/bots/", "/admin/", "/account/", "/nowhere/"])
def test_a_page_says_so_when_the_connection_is_lost_in_the_middle(path: str, owner: Membership) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(owner.user)
    with connection.execute_wrapper(_lost):
        answer = client.get(path, headers=HTML)
    assert answer.status_code in {200, 302, 404, 503}, answer.content
    if answer.status_code == 503:
        assert ("One moment" if path == "/admin/" else "Einen Moment") in answer.content.decode()
        assert answer.headers["Retry-After"]
