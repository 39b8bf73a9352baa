"""Tests of static files as production delivers them, under hashed names and compressed, and of compressed pages."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, Dialog, expect

from chatcms.config.environment import BASE_DIR
from chatcms.core.http.caching import FOR_GOOD
from chatcms.core.http.compression import PageCompressionMiddleware
from chatcms.statics.server import ONE_HOUR, with_static_files
from chatcms.tests import live
from chatcms.tests.browser import complaints_of, opened, signed_in
from tenants.models import Membership, Tenant, User
from tenants.tests import factories

PAGES = ["/sign-in/", "/v1/docs", "/v1/redoc"]
HASHED = re.compile(r"/static/[\w./-]+\.[0-9a-f]{12}\.\w+")
_STATIC = re.compile(r"(?:src|href)=\"(/static/[^\"#?]+)")
_IMPORT = re.compile(r"(?:import|from)\s*\"(\.[^\"]+)\"")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatcms.statics.storage.HashedStaticFilesStorage"},
}


@pytest.fixture(scope="module")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `collectstatic` makes of the product's files."""
    folder = tmp_path_factory.mktemp("static") / "collected"
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput"],
        cwd=BASE_DIR,
        env={**os.environ, "STATIC_ROOT": str(folder)},
        capture_output=True,
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def address(static_root: Path, django_db_setup: None) -> Iterator[str]:
    with live.web_server(extra={"STATIC_ROOT": str(static_root)}) as running:
        yield running


@pytest.fixture(scope="module")
def web(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, headers={"accept-encoding": "gzip"}) as client:
        yield client


def linked(web: httpx2.Client, page: str, **headers: str) -> list[str]:
    answer = web.get(page, headers=headers)
    assert answer.status_code == 200
    return sorted(set(_STATIC.findall(answer.text)))


def assert_kept_for_good(web: httpx2.Client, names: list[str]) -> None:
    assert names
    for name in names:
        assert HASHED.fullmatch(name), name
        answer = web.get(name)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_GOOD), name


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_its_files_by_their_content_and_browsers_keep_them_for_good(web: httpx2.Client, page: str) -> None:
    assert_kept_for_good(web, linked(web, page))


def test_so_does_the_admin_with_files_of_djangos(web: httpx2.Client, transactional_db: None) -> None:
    staff = Client()
    staff.force_login(User.objects.create_superuser("root@platform.example", factories.PASSWORD))

    names = linked(web, "/admin/", cookie=staff.cookies.output(header="", sep=";").strip())

    assert [name for name in names if name.startswith("/static/admin/")]
    assert_kept_for_good(web, names)


def test_a_file_travels_compressed_to_whoever_takes_that(web: httpx2.Client) -> None:
    name = next(name for name in linked(web, "/sign-in/") if "components" in name)

    compressed, plain = web.get(name), web.get(name, headers={"accept-encoding": "identity"})

    assert (compressed.headers["Content-Encoding"], compressed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert compressed.content == plain.content
    assert int(compressed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3


def test_modules_import_one_another_by_their_hashed_names(web: httpx2.Client, static_root: Path) -> None:
    waiting = [f"/static/{path.relative_to(static_root)}" for path in static_root.glob("js/*.*.js")]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name.endswith(".js"):
            seen.add(name)
            assert HASHED.fullmatch(name), name
            waiting += [urljoin(name, other) for other in _IMPORT.findall(web.get(name).raise_for_status().text)]

    assert {name.split("/")[-1].split(".")[0] for name in seen} >= {"portal", "menus", "transcript", "markdown", "sse"}


def test_the_plain_name_goes_on_working_for_an_hour_at_a_time(web: httpx2.Client) -> None:
    answer = web.get("/static/js/portal.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, f"max-age={ONE_HOUR}, public")


@pytest.mark.parametrize("name", ["css/nothing.css", "css/base.0123456789ab.css", "css/base.css.gz"])
def test_a_file_that_is_not_there_is_not_found(web: httpx2.Client, name: str) -> None:
    answer = web.get(f"/static/{name}")
    assert (answer.status_code, answer.text) == (404, "There is no such file.\n")
    assert "Cache-Control" not in answer.headers


def test_what_no_page_loads_is_not_collected(static_root: Path) -> None:
    names = {str(path.relative_to(static_root)) for path in static_root.rglob("*") if path.is_file()}
    assert not [name for name in names if ".map" in name or name.startswith("rest_framework/")]


def test_no_collected_file_asks_for_a_source_map(static_root: Path) -> None:
    asking = re.compile(rb"^(//|/\*)# sourceMappingURL=", re.MULTILINE)
    hashed = [path for path in static_root.rglob("*.*") if HASHED.fullmatch(f"/static/{path.relative_to(static_root)}")]
    assert len(hashed) > 100
    assert not [path for path in hashed if path.suffix in {".js", ".css"} and asking.search(path.read_bytes())]


def test_a_browser_loads_a_page_and_its_modules_without_a_complaint(
    address: str, browser: Browser, transactional_db: None
) -> None:
    owner: Membership = factories.make_member(Tenant.objects.get(slug="acme"))
    with opened(browser) as page:
        complaints = complaints_of(signed_in(page, owner.user, address))
        loaded: list[str] = []
        page.on("response", lambda answer: loaded.append(answer.url.removeprefix(address)))
        asked: list[str] = []

        def leave(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", leave)
        page.goto(f"{address}/t/acme/bots/new/")
        page.get_by_label("Name", exact=True).press_sequentially("Unsaved")
        page.get_by_role("link", name="Dashboard").click()
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()

        assert asked == ["beforeunload"], "a module that portal.js imports is at work"
        assert complaints == []
        assert [name for name in loaded if name.startswith("/static/") and not HASHED.fullmatch(name)] == []


def test_a_folder_where_nothing_is_collected_stops_the_start(settings: LazySettings, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.STORAGES = str(tmp_path), STORAGES
    with pytest.raises(ImproperlyConfigured, match=r"Run manage\.py collectstatic"):
        with_static_files(_unused)


def test_development_serves_files_as_they_are_now(static_root: Path, transactional_db: None) -> None:
    extra = {"STATIC_ROOT": str(static_root), "DEBUG": "true"}
    with live.web_server(extra=extra) as address, httpx2.Client(base_url=address) as web:
        names = linked(web, "/sign-in/")
        answer = web.get("/static/css/base.css")

    assert "/static/css/base.css" in names
    assert not list(filter(HASHED.fullmatch, names))
    assert answer.headers["Cache-Control"] == "max-age=0, public"
    assert answer.content == (BASE_DIR / "static/css/base.css").read_bytes()


async def _unused(scope: dict[str, Any], receive: Any, send: Any) -> None:
    raise AssertionError("Django was asked for a static file")


def test_a_page_is_compressed_for_who_takes_that(db: None) -> None:
    plain = Client().get("/sign-in/")
    compressed = Client().get("/sign-in/", headers={"accept-encoding": "gzip, br"})

    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in compressed.headers["Vary"]
    assert b"<h1" in gzip.decompress(compressed.content)
    assert int(compressed.headers["Content-Length"]) == len(compressed.content) < len(plain.content) / 2


def passed(answer: HttpResponseBase) -> HttpResponseBase:
    """Send an answer through the middleware, on its way to a browser that takes gzip."""
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    return PageCompressionMiddleware(_unasked).process_response(request, answer)


def _unasked(request: HttpRequest) -> HttpResponseBase:
    raise AssertionError("the middleware was handed its answer")


def test_the_same_page_varies_in_length_so_that_it_tells_nothing() -> None:
    lengths = {passed(HttpResponse("<p>the same</p>" * 100)).headers["Content-Length"] for _ in range(30)}
    assert len(lengths) > 1


@pytest.mark.parametrize(
    "answer",
    [
        StreamingHttpResponse(iter([b"data: {}\n\n"] * 100), content_type="text/event-stream"),
        StreamingHttpResponse(iter([b"<p>later</p>"] * 100)),
        HttpResponse("a,b\r\n" * 100, content_type="text/csv; charset=utf-8"),
    ],
    ids=["events", "a streamed page", "a download"],
)
def test_streams_and_downloads_pass_as_they_are(answer: HttpResponseBase) -> None:
    headers = dict(answer.headers)
    assert dict(passed(answer).headers) == headers


def test_the_api_is_left_alone(web: httpx2.Client) -> None:
    answer = web.get("/v1/health")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
