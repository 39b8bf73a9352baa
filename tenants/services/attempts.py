"""Counts attempts to sign in and to have mails sent, so that passwords cannot be guessed nor mailboxes filled.

Who is not known counts three times: as that person at that place, as that place, and as that person from wherever. A
device that the person signed in on before counts by itself alone, and a place that they signed in from before counts
as that person there: whatever strangers do elsewhere, neither is ever shut. See ADR 30.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from django.core.cache import caches
from redis.exceptions import RedisError

from chatcms.core.exceptions import UnavailableError
from chatcms.core.http.addresses import network_of
from tenants.exceptions import TooManyAttemptsError

logger = logging.getLogger(__name__)


class Purpose(StrEnum):
    """What is attempted; each is counted apart."""

    SIGN_IN = "sign-in"
    SECOND_STEP = "second-step"
    MAIL = "mail"


NAMESPACE = "attempts"
WINDOW_SECONDS = 15 * 60
# One person at one place; one place whoever it says it is; one person from wherever. The first is reached by
# a guesser long before the last, so that a guesser elsewhere does not lock the person out.
PER_PERSON_AND_PLACE = 10
PER_PLACE = 100
PER_PERSON = 200
# Who guesses codes of six digits knows the password already: from many places together no more than a few.
CODES_PER_PERSON = 20
# A mailbox is not to be filled from many places either.
MAILS_PER_PERSON = 5
MAILS_PER_PLACE = 200
# Whoever has stolen a device may guess there as slowly as anybody at one place.
PER_DEVICE = 10
# No power of two: nothing is put on record about it.
MANY = 1_000_001
KNOWN_PLACE_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: of whom, from where, and on which device; `device` is "" where the person never signed in."""

    email: str
    address: str = ""
    device: str = ""
    purpose: Purpose = Purpose.SIGN_IN


def count(*, email: str, address: str, device: str = "", purpose: Purpose = Purpose.SIGN_IN) -> int:
    """Count one attempt and return which of the person's it is in this window: anywhere, or on a device of theirs.

    Raises `TooManyAttemptsError` when a limit is passed, known person or not.
    Without the counters (Redis away) nothing is attempted: `UnavailableError`.
    """
    attempt = Attempt(email, address, device, purpose)
    try:
        counted = [(key, _increase(key), limit) for _kind, key, limit in _limits(attempt)]
        passed = [key for key, number, limit in counted if number > limit]
        waits = [_seconds_left(key) for key in passed]
    except (RedisError, OSError) as error:
        logger.warning("Sign-in is closed while Redis does not answer: %s", type(error).__name__)
        raise UnavailableError("This is not possible at the moment. Try again shortly.") from error
    if waits:
        raise TooManyAttemptsError(retry_after=max(waits))
    # The last is the widest count that the attempt goes to.
    return counted[-1][1]


def forget(*, email: str, address: str, device: str = "", purpose: Purpose = Purpose.SIGN_IN) -> None:
    """Give the attempt back that was right."""
    for kind, key, _limit in _limits(Attempt(email, address, device, purpose)):
        caches["global"].delete(key) if kind in {"pair", "device"} else _decrease(key)


def know_place(*, email: str, address: str) -> None:
    """Note that the person has signed in from there, with every factor."""
    try:
        caches["global"].set(_known_place(email, address), 1, timeout=KNOWN_PLACE_SECONDS)
    except (RedisError, OSError) as error:
        logger.warning("A place of a sign-in could not be noted: %s", type(error).__name__)


def count_for_the_log(what: str) -> int:
    """Return how often this happened in this window, this time included; it limits nothing.

    Without the counters it is as if often.
    """
    try:
        return _increase(f"{NAMESPACE}:log:{_hashed(what)}")
    except (RedisError, OSError):
        return MANY


def _limits(attempt: Attempt) -> Iterator[tuple[str, str, int]]:
    """Yield the kind, the key and the limit of each count that the attempt goes to."""
    # One customer has more addresses of IPv6 than could be counted.
    place = network_of(attempt.address)
    for kind, name, limit in _bounds(attempt, place):
        yield kind, f"{NAMESPACE}:{attempt.purpose}:{kind}:{_hashed(name)}", limit


def _bounds(attempt: Attempt, place: str) -> list[tuple[str, str, int]]:
    is_mail = attempt.purpose == Purpose.MAIL
    if attempt.device:
        limit = MAILS_PER_PERSON if is_mail else PER_DEVICE
        return [("device", f"{attempt.email}\n{attempt.device}", limit)]
    pair = ("pair", f"{attempt.email}\n{place}", MAILS_PER_PERSON if is_mail else PER_PERSON_AND_PLACE)
    if is_mail:
        return [pair, ("place", place, MAILS_PER_PLACE), ("person", attempt.email, MAILS_PER_PERSON)]
    if caches["global"].get(_known_place(attempt.email, attempt.address)):
        return [pair]
    of_person = CODES_PER_PERSON if attempt.purpose == Purpose.SECOND_STEP else PER_PERSON
    return [pair, ("place", place, PER_PLACE), ("person", attempt.email, of_person)]


def _known_place(email: str, address: str) -> str:
    person_and_place = f"{email}\n{network_of(address)}"
    return f"{NAMESPACE}:known:{_hashed(person_and_place)}"


def _hashed(name: str) -> str:
    # What people type into the address field is sometimes their password.
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _increase(key: str) -> int:
    """Add one to a count, which begins with its first attempt and ends `WINDOW_SECONDS` later.

    A window by the clock would give a guesser twice the limit at its turn.
    """
    cache = caches["global"]
    while True:
        if cache.add(key, 0, timeout=WINDOW_SECONDS):
            cache.set(f"{key}:since", time.time(), timeout=WINDOW_SECONDS)
        # A count that has run out since is begun again.
        with suppress(ValueError):
            return int(cache.incr(key))


def _decrease(key: str) -> None:
    with suppress(ValueError):
        caches["global"].decr(key)


def _seconds_left(key: str) -> int:
    now = time.time()
    since = float(caches["global"].get(f"{key}:since", now))
    return max(int(since + WINDOW_SECONDS - now), 0) + 1
