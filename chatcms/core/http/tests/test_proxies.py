"""Tests of what is believed of a proxy besides the address, and of the note about what is not read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.core.cache import caches
from redis.exceptions import ConnectionError as RedisGoneError

from chatcms.core.http import proxies
from chatcms.core.http.proxies import Unread, last_unread, with_proxies

PEER = "127.0.0.2"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "_noted_at", float("-inf"))
    caches["global"].delete(proxies.NOTE)


def ask(*headers: tuple[str, str], scheme: str = "http", kind: str = "http") -> dict[str, Any]:
    """Return the scope as the application behind the door sees it, after all that was begun is done."""
    seen: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope)

    async def request() -> None:
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        scope = {"type": kind, "scheme": scheme, "client": (PEER, 4711), "headers": encoded}
        await with_proxies(application)(scope, None, None)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(request())
    return seen[0]


@pytest.mark.parametrize(
    ("behind", "trusted", "sent", "scheme"),
    [
        (False, 0, ["https"], "http"),
        (False, 1, ["https"], "http"),
        (True, 1, ["https"], "https"),
        (True, 1, ["http"], "http"),
        (True, 1, ["https, http"], "http"),
        (True, 1, ["http, https"], "https"),
        (True, 1, ["http", "https"], "https"),
        (True, 1, ["https", "http"], "http"),
        (True, 2, ["http, https, http"], "https"),
        (True, 0, ["https, http"], "http"),
        (True, 1, ["HTTPS"], "https"),
        (True, 1, ["javascript"], "http"),
        (True, 1, [""], "http"),
        (True, 1, [], "http"),
    ],
)
def test_the_scheme_is_what_the_trusted_proxy_says(
    settings: Any, behind: bool, trusted: int, sent: list[str], scheme: str
) -> None:
    settings.BEHIND_TLS_PROXY, settings.TRUSTED_PROXIES = behind, trusted
    assert ask(*(("x-forwarded-proto", value) for value in sent))["scheme"] == scheme


def test_a_server_with_tls_of_its_own_keeps_its_scheme(settings: Any) -> None:
    settings.BEHIND_TLS_PROXY = True
    assert ask(scheme="https")["scheme"] == "https"


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_a_header_that_is_not_read_is_noted_with_what_to_set(
    settings: Any, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    settings.TRUSTED_PROXIES = 0
    ask((name, "203.0.113.1"))
    noted = last_unread()
    assert noted is not None
    assert noted.peer == PEER
    assert "TRUSTED_PROXIES" in noted.advice
    assert [record.message for record in caplog.records if record.name == proxies.__name__] == [noted.advice]


def test_it_is_noted_now_and_then_and_not_by_every_request(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TRUSTED_PROXIES = 0
    for _ in range(5):
        ask(("x-forwarded-for", "203.0.113.1"))
    assert len([record for record in caplog.records if record.name == proxies.__name__]) == 1


@pytest.mark.parametrize(
    ("trusted", "names", "is_noted"),
    [
        (1, ["x-forwarded-for"], False),
        (1, ["x-forwarded-for", "x-real-ip"], False),
        (1, ["forwarded"], True),
        (1, ["x-real-ip"], True),
        (0, ["x-forwarded-proto"], False),
        (0, [], False),
    ],
)
def test_what_is_read_is_not_noted(settings: Any, trusted: int, names: list[str], is_noted: bool) -> None:
    settings.TRUSTED_PROXIES = trusted
    ask(*((name, "203.0.113.1") for name in names))
    assert (last_unread() is not None) is is_noted


def test_a_note_about_another_setting_is_over(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    ask(("x-forwarded-for", "203.0.113.1"))
    settings.TRUSTED_PROXIES = 1
    assert last_unread() is None


def test_a_request_is_answered_though_nothing_can_be_noted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **options: Any) -> None:
        raise RedisGoneError

    settings.TRUSTED_PROXIES = 0
    monkeypatch.setattr(type(caches["global"]), "set", gone)
    assert ask(("x-forwarded-for", "203.0.113.1"))["scheme"] == "http"


def test_the_advice_fits_what_is_set() -> None:
    assert "is 0" in Unread(0.0, PEER, 0).advice
    assert "X-Forwarded-For" in Unread(0.0, PEER, 1).advice
