"""What health says of processes that have had no time yet to show themselves, and of a Valkey that lost everything."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from redis.exceptions import ConnectionError as NoRedisError

from chatcms.health import vitals
from chatcms.jobs import heartbeat

NAMES = (heartbeat.WORKERS, heartbeat.SCHEDULER)


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> dict[str, float | None]:
    """For how long each was not seen."""
    known: dict[str, float | None] = dict.fromkeys(NAMES)
    monkeypatch.setattr(heartbeat, "seconds_since", lambda name: known[name])
    return known


def after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "GRACE_SECONDS", 0.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", [None, vitals.SILENT_SECONDS + 1, 1e6], ids=["never", "lately", "long ago"])
def test_a_process_that_was_not_seen_since_the_start_is_unknown_and_not_missing(
    silence: dict[str, float | None], name: str, before: float | None
) -> None:
    silence[name] = before
    signs = vitals.Signs(name)
    assert signs.look() is None
    silence[name] = 1.0
    assert signs.look() is True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", [None, vitals.SILENT_SECONDS + 1], ids=["never", "lately"])
def test_one_that_is_really_missing_is_named_after_the_grace(
    silence: dict[str, float | None], name: str, before: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_grace(monkeypatch)
    silence[name] = before
    assert vitals.Signs(name).look() is False


def test_one_that_falls_silent_later_has_no_grace(
    silence: dict[str, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_grace(monkeypatch)
    signs = vitals.Signs(heartbeat.WORKERS)
    silence[heartbeat.WORKERS] = 1.0
    assert signs.look() is True
    monkeypatch.setattr(vitals, "SILENT_SECONDS", 0.0)
    silence[heartbeat.WORKERS] = 31.0
    assert signs.look() is False


def test_while_valkey_is_away_nobody_counts_as_missing_nor_just_after(
    silence: dict[str, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_grace(monkeypatch)
    signs = vitals.Signs(heartbeat.WORKERS)
    monkeypatch.undo()

    def away(_name: str) -> None:
        raise NoRedisError

    with monkeypatch.context() as outage:
        outage.setattr(heartbeat, "seconds_since", away)
        assert signs.look() is None
    monkeypatch.setattr(heartbeat, "seconds_since", lambda _name: None)
    assert signs.look() is None


def test_a_valkey_that_forgets_a_sign_of_life_takes_none_away(silence: dict[str, float | None]) -> None:
    signs = vitals.Signs(heartbeat.WORKERS)
    silence[heartbeat.WORKERS] = 1.0
    assert signs.look() is True
    silence[heartbeat.WORKERS] = None
    assert signs.look() is True


def test_a_valkey_that_lost_what_it_held_is_named_once_in_the_log_and_for_a_minute_in_health(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = vitals.Keeping(), vitals.Keeping()
    assert not one.look()
    assert not other.look()
    caches["global"].delete("mark")
    assert one.look()
    # The first one has made a new mark by now.
    assert other.look()
    assert one.look()
    assert [record.message for record in caplog.records].count(vitals.LOST) == 2
    monkeypatch.setattr(vitals, "TOLD_SECONDS", 0.0)
    assert not one.look()


def test_a_process_that_begins_after_the_loss_says_nothing() -> None:
    caches["global"].delete("mark")
    assert not vitals.Keeping().look()
