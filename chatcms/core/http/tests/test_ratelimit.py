"""Tests of the limits on how fast callers ask, against a real Redis."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from redis import Redis

from chatcms.config.environment import rate_limits
from chatcms.core.http import ratelimit
from chatcms.core.http.addresses import client_address, network_of
from chatcms.core.http.ratelimit import Bucket, take


def _bucket(quota: int, *, window: int = 3600, name: str = "key", key: str = "") -> Bucket:
    return Bucket(name, key or uuid.uuid4().hex, quota, window)


def test_200_callers_at_once_get_just_as_many_through_as_the_limit_says() -> None:
    bucket = _bucket(10)
    together = threading.Barrier(50)

    def four() -> list[bool]:
        together.wait()
        return [take([bucket]).allowed for _ in range(4)]

    with ThreadPoolExecutor(50) as threads:
        answers = [answer for done in [threads.submit(four) for _ in range(50)] for answer in done.result()]

    assert (len(answers), sum(answers)) == (200, 10)


def test_a_full_bucket_leaves_the_others_as_they_were() -> None:
    tenant, key = _bucket(5, name="tenant"), _bucket(1, name="key")

    answers = [take([tenant, key]).allowed for _ in range(10)]

    assert sum(answers) == 1
    assert [take([tenant]).allowed for _ in range(5)] == [True] * 4 + [False]


def test_callers_are_told_all_policies_and_what_is_left_of_the_tightest() -> None:
    tenant, key = _bucket(100, window=60, name="tenant"), _bucket(3, window=60, name="key")

    verdict = take([tenant, key])

    assert verdict.headers == {
        "RateLimit-Policy": '"tenant";q=100;w=60, "key";q=3;w=60',
        "RateLimit": '"key";r=2;t=20',
    }


def test_who_is_refused_is_told_when_to_ask_again() -> None:
    bucket = _bucket(2, window=60)
    take([bucket])
    take([bucket])

    verdict = take([bucket])

    assert not verdict.allowed
    assert 29 <= verdict.retry_after <= 30
    assert verdict.headers["RateLimit"].startswith('"key";r=0;t=')


def test_the_longest_wait_is_the_one_that_counts() -> None:
    slow, quick = _bucket(1, window=600, name="tenant"), _bucket(1, window=60, name="key")
    take([slow, quick])

    verdict = take([slow, quick])

    assert verdict.headers["RateLimit"].startswith('"tenant"')
    assert verdict.retry_after > 60


def test_what_is_used_comes_back_evenly() -> None:
    bucket = _bucket(1000, window=1)
    for _ in range(1000):
        take([bucket])
    waited = threading.Event()
    waited.wait(1.0)

    assert take([bucket]).allowed


def test_buckets_of_several_names_do_not_touch() -> None:
    for bucket in (_bucket(1, key=f"key:{uuid.uuid4()}") for _ in range(3)):
        assert take([bucket]).allowed


def test_nothing_stays_in_redis_longer_than_the_window(settings: Any) -> None:
    bucket = _bucket(10, window=7)
    take([bucket])

    left = Redis.from_url(settings.REDIS_URL).pttl(f"{ratelimit.NAMESPACE}:{bucket.key}")

    assert 0 < left <= 7000


def test_while_redis_is_away_requests_go_on_and_redis_is_asked_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(ratelimit, "_paused_until", 0.0)

    assert all(take([_bucket(1)]).allowed for _ in range(5))

    assert len([record for record in caplog.records if record.name == ratelimit.__name__]) == 1


def test_redis_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "_paused_until", float("inf"))
    assert take([_bucket(1)]).headers == {}
    monkeypatch.setattr(ratelimit, "_paused_until", 0.0)
    assert take([_bucket(1)]).headers


def test_a_script_that_redis_forgot_is_sent_again(settings: Any) -> None:
    take([_bucket(1)])
    Redis.from_url(settings.REDIS_URL).script_flush()

    assert take([_bucket(1)]).headers


# --- addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "192.0.2.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (3, "198.51.100.1", "198.51.100.1"),
        (1, "", "192.0.2.9"),
    ],
)
def test_an_address_is_only_believed_from_a_trusted_proxy(proxies: int, forwarded: str, address: str) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address({"REMOTE_ADDR": "192.0.2.9", "HTTP_X_FORWARDED_FOR": forwarded}) == address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 500, "x" * 64),
    ],
)
def test_an_address_of_ipv6_counts_with_all_that_one_customer_has(address: str, counted: str) -> None:
    assert network_of(address) == counted


# --- what the environment says ---------------------------------------------------------------------------

DEFAULTS = {"tenant": (100, 60), "ip": (10, 60)}


def test_the_operator_may_change_any_limit_or_lift_it() -> None:
    assert rate_limits("", DEFAULTS) == DEFAULTS
    assert rate_limits("ip=5/1", DEFAULTS) == {"tenant": (100, 60), "ip": (5, 1)}
    assert rate_limits(" ip = off , tenant=7/3600", DEFAULTS) == {"tenant": (7, 3600), "ip": None}
    assert rate_limits("off", DEFAULTS) == {"tenant": None, "ip": None}


@pytest.mark.parametrize("text", ["ip", "ip=0/60", "ip=5", "nobody=1/1", "ip=5/1;tenant=1/1", "on"])
def test_a_limit_that_is_not_understood_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="RATE_LIMITS"):
        rate_limits(text, DEFAULTS)
