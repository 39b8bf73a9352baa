"""Tests of checking passwords and of slowing guessers down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from redis.exceptions import ConnectionError as RedisGoneError

from chatcms.core.exceptions import UnavailableError
from tenants.exceptions import CredentialError, TooManyAttemptsError
from tenants.models import Membership
from tenants.services import attempts, sign_in
from tenants.tests import factories

HERE, THERE = "192.0.2.1", "198.51.100.7"


def _fail(email: str, times: int, address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(CredentialError):
            sign_in.authenticate(email=email, password="wrong", address=address)


def test_the_right_password_finds_the_person_whatever_the_case_of_the_address(owner: Membership) -> None:
    user = sign_in.authenticate(email="  OWNER@Acme.example ", password=factories.PASSWORD, address=HERE)
    assert user == owner.user


def test_unknown_people_and_wrong_passwords_get_the_same_answer(owner: Membership) -> None:
    with pytest.raises(CredentialError) as known:
        sign_in.authenticate(email=owner.user.email, password="wrong", address=HERE)
    with pytest.raises(CredentialError) as unknown:
        sign_in.authenticate(email="nobody@acme.example", password="wrong", address=HERE)
    assert (known.value.code, known.value.detail) == (unknown.value.code, unknown.value.detail)


@pytest.mark.parametrize("state", ["known", "unknown", "inactive"])
def test_one_password_is_hashed_whoever_is_asked_for(
    owner: Membership, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    if state == "inactive":
        owner.user.is_active = False
        owner.user.save()
    hashed: list[str] = []
    plain = PBKDF2PasswordHasher.encode

    def counting(self: PBKDF2PasswordHasher, password: str, salt: str, iterations: int | None = None) -> str:
        hashed.append(password)
        return plain(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counting)
    email = "nobody@acme.example" if state == "unknown" else owner.user.email
    with pytest.raises(CredentialError):
        sign_in.authenticate(email=email, password="wrong", address=HERE)
    assert hashed == ["wrong"]


def test_a_deactivated_person_cannot_sign_in(owner: Membership) -> None:
    owner.user.is_active = False
    owner.user.save()
    with pytest.raises(CredentialError):
        sign_in.authenticate(email=owner.user.email, password=factories.PASSWORD, address=HERE)


@pytest.mark.parametrize("email", ["owner@acme.example", "nobody@acme.example"])
def test_after_too_many_failures_even_the_right_password_waits(owner: Membership, email: str) -> None:
    _fail(email, attempts.PER_PERSON_AND_PLACE)
    with pytest.raises(TooManyAttemptsError) as refused:
        sign_in.authenticate(email=email, password=factories.PASSWORD, address=HERE)
    assert 0 < refused.value.extra["retry_after"] <= attempts.WINDOW_SECONDS + 1


def test_a_guesser_does_not_lock_the_person_out_elsewhere(owner: Membership) -> None:
    _fail(owner.user.email, attempts.PER_PERSON_AND_PLACE)
    assert sign_in.authenticate(email=owner.user.email, password=factories.PASSWORD, address=THERE)


def test_one_place_may_not_try_many_people(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PER_PLACE", 5)
    for number in range(5):
        _fail(f"person{number}@acme.example", 1)
    with pytest.raises(TooManyAttemptsError):
        sign_in.authenticate(email="person6@acme.example", password="wrong", address=HERE)


def test_many_places_may_not_try_one_person_for_ever(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PER_PERSON", 5)
    for number in range(5):
        _fail("person@acme.example", 1, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttemptsError):
        sign_in.authenticate(email="person@acme.example", password="wrong", address="192.0.2.99")


def test_a_right_password_clears_the_count(owner: Membership) -> None:
    for _ in range(3):
        _fail(owner.user.email, attempts.PER_PERSON_AND_PLACE - 1)
        sign_in.authenticate(email=owner.user.email, password=factories.PASSWORD, address=HERE)


def test_parallel_guesses_cannot_slip_past_the_limit() -> None:
    def guess(_: int) -> bool:
        try:
            attempts.count(email="person@acme.example", address=HERE)
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        allowed = sum(pool.map(guess, range(200)))
    assert allowed == attempts.PER_PERSON_AND_PLACE


def test_nobody_signs_in_while_attempts_cannot_be_counted(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(key: str) -> int:
        raise RedisGoneError

    monkeypatch.setattr(attempts, "_increase", gone)
    with pytest.raises(UnavailableError):
        sign_in.authenticate(email=owner.user.email, password=factories.PASSWORD, address=HERE)


def test_the_place_is_read_from_a_request(owner: Membership) -> None:
    class Request:
        META = {"REMOTE_ADDR": HERE}

    _fail(owner.user.email, attempts.PER_PERSON_AND_PLACE)
    with pytest.raises(TooManyAttemptsError):
        sign_in.authenticate(email=owner.user.email, password=factories.PASSWORD, request=Request())


def test_a_turn_of_the_clock_gives_a_guesser_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000 * attempts.WINDOW_SECONDS - 1.0
    monkeypatch.setattr("tenants.services.attempts.time.time", lambda: now)
    for _ in range(attempts.PER_PERSON_AND_PLACE):
        attempts.count(email="ada@acme.example", address="203.0.113.9")
    now += 2
    with pytest.raises(TooManyAttemptsError) as refused:
        attempts.count(email="ada@acme.example", address="203.0.113.9")
    assert refused.value.extra["retry_after"] == attempts.WINDOW_SECONDS - 2 + 1
