"""Tests that strangers never lock a person out of where they signed in before, and never guess without bound."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from tenants.exceptions import CredentialError, TooManyAttemptsError, WrongPasswordError, WrongSecondFactorError
from tenants.models import Membership, Tenant, User
from tenants.services import attempts, devices, passwords, sign_in
from tenants.services.factors import second_step
from tenants.tests import factories
from tenants.tests.factories import PASSWORD

HERE, NEW_PLACE = "192.0.2.1", "198.51.100.7"
NEW_PASSWORD = "eight larches and a lamp"


def guess(email: str, times: int, *, address: str = "") -> int:
    """Guess from an address each, or from one; return how many guesses were judged."""
    judged = 0
    for number in range(times):
        try:
            sign_in.authenticate(email=email, password="wrong", address=address or f"2001:db8:{number:x}::1")
        except CredentialError:
            judged += 1
        except TooManyAttemptsError:
            pass
    return judged


def enter(user: User, *, address: str, device_token: str = "", password: str = PASSWORD) -> User:
    return sign_in.authenticate(email=user.email, password=password, address=address, device_token=device_token)


@pytest.fixture(autouse=True)
def _low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PER_PERSON", 15)


# --- whoever signed in before gets in -----------------------------------------------------------------------


def test_a_device_that_signed_in_before_gets_in_from_anywhere(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    guess(owner.user.email, 40)
    with pytest.raises(TooManyAttemptsError):
        enter(owner.user, address=NEW_PLACE)
    assert enter(owner.user, address=NEW_PLACE, device_token=token) == owner.user


def test_a_place_that_the_person_signed_in_from_gets_in(owner: Membership) -> None:
    enter(owner.user, address=HERE)
    guess(owner.user.email, 40)
    assert enter(owner.user, address=HERE) == owner.user


def test_a_device_gets_in_where_strangers_at_the_same_address_guess(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    guess(owner.user.email, 40, address=HERE)
    for number in range(attempts.PER_PLACE + 1):
        guess(f"nobody{number}@acme.example", 1, address=HERE)
    with pytest.raises(TooManyAttemptsError):
        enter(owner.user, address=HERE)
    assert enter(owner.user, address=HERE, device_token=token) == owner.user


def test_codes_guessed_elsewhere_do_not_keep_a_device_from_the_second_step(owner: Membership) -> None:
    app = factories.add_app(owner.user)
    token = devices.token_for(owner.user)
    for number in range(attempts.CODES_PER_PERSON + 5):
        with pytest.raises((WrongSecondFactorError, TooManyAttemptsError)):
            second_step.check_code(user=owner.user, code="000000", address=f"2001:db8:{number:x}::1")
    code = app.now()
    with pytest.raises(TooManyAttemptsError):
        second_step.check_code(user=owner.user, code=code, address=NEW_PLACE)
    second_step.check_code(user=owner.user, code=code, address=NEW_PLACE, device_token=token)


def test_links_asked_for_elsewhere_do_not_keep_a_device_from_asking(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    for number in range(attempts.MAILS_PER_PERSON):
        passwords.request_reset(email=owner.user.email, address=f"2001:db8:{number:x}::1")
    with pytest.raises(TooManyAttemptsError):
        passwords.request_reset(email=owner.user.email, address=NEW_PLACE)
    passwords.request_reset(email=owner.user.email, address=NEW_PLACE, device_token=token)


def test_who_is_signed_in_proves_who_they_are_whatever_strangers_do(owner: Membership) -> None:
    guess(owner.user.email, 40)
    passwords.check_present(user=owner.user, password=PASSWORD, address=NEW_PLACE)


# --- and nobody guesses without bound -----------------------------------------------------------------------


def test_guesses_from_many_places_are_bounded_by_person(owner: Membership) -> None:
    assert guess(owner.user.email, 40) == attempts.PER_PERSON


def test_a_stolen_device_guesses_no_more_than_one_place(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    for _ in range(attempts.PER_DEVICE):
        with pytest.raises(CredentialError):
            enter(owner.user, address=HERE, device_token=token, password="wrong")
    with pytest.raises(TooManyAttemptsError):
        enter(owner.user, address=NEW_PLACE, device_token=token)


def test_a_known_place_guesses_no_more_than_another(owner: Membership) -> None:
    enter(owner.user, address=HERE)
    assert guess(owner.user.email, 40, address=HERE) == attempts.PER_PERSON_AND_PLACE


def test_a_password_alone_makes_no_place_known_to_who_has_a_second_factor(owner: Membership) -> None:
    factories.add_app(owner.user)
    with pytest.raises(WrongSecondFactorError):
        sign_in.authenticate(email=owner.user.email, password=PASSWORD, otp="000000", address=HERE)
    guess(owner.user.email, 40)
    with pytest.raises(TooManyAttemptsError):
        sign_in.check_password(email=owner.user.email, password=PASSWORD, address=HERE)


def test_who_is_signed_in_cannot_guess_the_password_without_bound(owner: Membership) -> None:
    refused: list[type[Exception]] = []
    for number in range(attempts.PER_DEVICE + 5):
        with pytest.raises((WrongPasswordError, TooManyAttemptsError)) as error:
            passwords.check_present(user=owner.user, password="wrong", address=f"2001:db8:{number:x}::1")
        refused.append(error.type)
    assert refused.count(TooManyAttemptsError) == 5


# --- what a token is worth ----------------------------------------------------------------------------------


def test_a_token_is_worth_nothing_for_somebody_else(owner: Membership, globex_owner: Membership) -> None:
    token = devices.token_for(globex_owner.user)
    assert devices.name_of(email=owner.user.email, tokens=token) == ""


def test_a_new_password_makes_every_token_worthless(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    owner.user.set_password(NEW_PASSWORD)
    owner.user.save()
    assert devices.name_of(email=owner.user.email, tokens=token) == ""


def test_a_token_of_a_secret_key_before_the_present_one_is_good(owner: Membership, settings: Any) -> None:
    token = devices.token_for(owner.user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of forty characters and more"
    assert devices.name_of(email=owner.user.email, tokens=token)


def test_an_old_token_is_worth_nothing(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    token = devices.token_for(owner.user)
    monkeypatch.setattr(devices, "LIFETIME", timedelta(seconds=-1))
    assert devices.name_of(email=owner.user.email, tokens=token) == ""


@pytest.mark.parametrize("text", ["", "~", "~~~", "a:b:c", "x" * 5000, "\x00", "é:ü:ö", ":" * 100])
def test_garbage_is_a_stranger(owner: Membership, text: str) -> None:
    assert devices.name_of(email=owner.user.email, tokens=text) == ""


def test_one_browser_is_several_peoples(owner: Membership, globex_owner: Membership) -> None:
    both = devices.added(devices.added("", owner.user), globex_owner.user)
    assert devices.name_of(email=owner.user.email, tokens=both)
    assert devices.name_of(email=globex_owner.user.email, tokens=both)
    again = devices.added(both, owner.user)
    assert len(again.split(devices.SEPARATOR)) == 2


def test_a_browser_keeps_few_tokens(db: None) -> None:
    kept = ""
    for number in range(devices.MOST_PER_BROWSER + 3):
        kept = devices.added(kept, factories.make_user(f"person{number}@acme.example"))
    assert len(kept.split(devices.SEPARATOR)) == devices.MOST_PER_BROWSER
    assert len(kept) <= devices.MAX_TEXT


# --- at the portal ------------------------------------------------------------------------------------------


def post_sign_in(client: Client, email: str, password: str = PASSWORD, *, address: str = HERE) -> int:
    return client.post("/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address).status_code


def test_the_portal_knows_a_browser_again(client: Client, owner: Membership, settings: Any) -> None:
    assert post_sign_in(client, owner.user.email) == 302
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    client.post("/sign-out/")
    guess(owner.user.email, 40)
    assert post_sign_in(Client(), owner.user.email, address=NEW_PLACE) == 422
    assert post_sign_in(client, owner.user.email, address=NEW_PLACE) == 302


def test_a_wrong_password_and_a_first_step_alone_leave_no_cookie(
    client: Client, owner: Membership, settings: Any
) -> None:
    post_sign_in(client, owner.user.email, "wrong")
    factories.add_app(owner.user)
    post_sign_in(client, owner.user.email)
    assert settings.DEVICE_COOKIE_NAME not in client.cookies


def test_whoever_takes_the_mailed_link_gets_in(client: Client, owner: Membership) -> None:
    guess(owner.user.email, 40)
    assert post_sign_in(client, owner.user.email, address=NEW_PLACE) == 422
    token = passwords.reset_token_of(owner.user)
    client.post(f"/password-reset/{token}", {"password": NEW_PASSWORD}, REMOTE_ADDR=NEW_PLACE)
    assert post_sign_in(client, owner.user.email, NEW_PASSWORD, address=NEW_PLACE) == 302


# --- at the API ---------------------------------------------------------------------------------------------


def ask_api(path: str, email: str, *, password: str = PASSWORD, **more: str) -> Any:
    asked = {"email": email, "password": password, **more}
    return Client().post(path, asked, content_type="application/json", REMOTE_ADDR=NEW_PLACE)


@pytest.mark.parametrize("path", ["/v1/auth/token", "/v1/admin/token"])
def test_a_program_gets_a_token_and_is_known_by_it(acme: Tenant, path: str) -> None:
    user = factories.make_member(acme, "clerk@acme.example").user
    User.objects.filter(pk=user.pk).update(is_staff=True)
    token = ask_api(path, user.email).json()["device_token"]
    caches["global"].clear()
    guess(user.email, 40)
    assert ask_api(path, user.email).status_code == 429
    assert ask_api(path, user.email, device_token="made:up:one").status_code == 429
    known = ask_api(path, user.email, device_token=token)
    assert known.status_code == 200
    assert devices.name_of(email=user.email, tokens=known.json()["device_token"])


def test_a_program_gets_no_device_for_a_wrong_password_or_code(owner: Membership) -> None:
    factories.add_app(owner.user)
    for answer in (
        ask_api("/v1/auth/token", owner.user.email, password="wrong"),
        ask_api("/v1/auth/token", owner.user.email),
        ask_api("/v1/auth/token", owner.user.email, otp="000000"),
    ):
        assert answer.status_code == 401
        assert "device_token" not in answer.json()


def test_a_program_that_changes_the_password_is_known_again(owner: Membership, access_token: str) -> None:
    before = devices.token_for(owner.user)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    headers = factories.bearer(access_token)
    answer = Client().post("/v1/auth/password", body, content_type="application/json", headers=headers)
    after = answer.json()["device_token"]
    named = [bool(devices.name_of(email=owner.user.email, tokens=token)) for token in (before, after)]
    assert named == [False, True]


def test_links_asked_for_elsewhere_do_not_keep_a_program_from_asking(owner: Membership) -> None:
    token = devices.token_for(owner.user)
    for number in range(attempts.MAILS_PER_PERSON):
        passwords.request_reset(email=owner.user.email, address=f"2001:db8:{number:x}::1")
    codes = [
        Client()
        .post("/v1/auth/password-reset", {"email": owner.user.email, **more}, content_type="application/json")
        .status_code
        for more in ({}, {"device_token": token})
    ]
    assert codes == [429, 202]
