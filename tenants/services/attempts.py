"""Counts attempts to sign in and to have mails sent, so that passwords cannot be guessed nor mailboxes filled."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from enum import StrEnum

from django.core.cache import caches
from redis.exceptions import RedisError

from chatcms.core.addresses import network_of
from chatcms.core.exceptions import UnavailableError
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


def count(*, email: str, address: str, purpose: Purpose = Purpose.SIGN_IN) -> None:
    """Count one attempt; raise `TooManyAttemptsError` when a limit is passed, known person or not.

    Without the counters (Redis away) nothing is attempted: `UnavailableError`.
    """
    now = time.time()
    try:
        passed = [limit for key, limit in _limits(email, address, purpose, now) if _increase(key) > limit]
    except (RedisError, OSError) as error:
        logger.warning("Sign-in is closed while Redis does not answer: %s", type(error).__name__)
        raise UnavailableError("This is not possible at the moment. Try again shortly.") from error
    if passed:
        raise TooManyAttemptsError(retry_after=int(WINDOW_SECONDS - now % WINDOW_SECONDS) + 1)


def forget(*, email: str, address: str, purpose: Purpose = Purpose.SIGN_IN) -> None:
    """Give the attempt back that was right."""
    for key, _limit in _limits(email, address, purpose, time.time()):
        caches["global"].delete(key) if ":pair:" in key else _decrease(key)


def _limits(email: str, address: str, purpose: Purpose, now: float) -> Iterator[tuple[str, int]]:
    window = int(now // WINDOW_SECONDS)
    # One customer has more addresses of IPv6 than could be counted.
    place = network_of(address)
    per_pair, per_place, per_person = _bounds(purpose)
    for kind, name, limit in (
        ("pair", f"{email}\n{place}", per_pair),
        ("place", place, per_place),
        ("person", email, per_person),
    ):
        # Hashed: what people type into the address field is sometimes their password.
        yield f"{NAMESPACE}:{purpose}:{kind}:{window}:{hashlib.sha256(name.encode()).hexdigest()[:32]}", limit


def _bounds(purpose: Purpose) -> tuple[int, int, int]:
    if purpose == Purpose.MAIL:
        return MAILS_PER_PERSON, MAILS_PER_PLACE, MAILS_PER_PERSON
    return PER_PERSON_AND_PLACE, PER_PLACE, CODES_PER_PERSON if purpose == Purpose.SECOND_STEP else PER_PERSON


def _increase(key: str) -> int:
    caches["global"].add(key, 0, timeout=WINDOW_SECONDS * 2)
    return int(caches["global"].incr(key))


def _decrease(key: str) -> None:
    caches["global"].decr(key)
