"""Tests of authenticator apps, recovery codes, and the step after the password."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from django.db import connection

from chatcms.core.db.sealing import UnreadableSecretError
from chatcms.core.exceptions import InvalidInputError
from tenants.enums import Role
from tenants.exceptions import (
    CredentialError,
    LastSecondFactorError,
    NoSuchSecondFactorError,
    SecondFactorDemandedError,
    SecondFactorRequiredError,
    TooManyAttemptsError,
    TooManySecondFactorsError,
    WrongCodeError,
    WrongSecondFactorError,
)
from tenants.models import AuditEvent, Membership, RecoveryCode, SecondFactor, Tenant, TenantSettings, User
from tenants.selectors import factors_of
from tenants.services import attempts, sign_in, tokens
from tenants.services.factors import managing, recovery, second_step, totp
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

HERE = "192.0.2.1"


@pytest.fixture
def user(owner: Membership) -> User:
    return owner.user


@pytest.fixture
def by(by_owner: Actor) -> Actor:
    return by_owner


def sign_in_with(user: User, otp: str, address: str = HERE) -> User:
    return sign_in.authenticate(email=user.email, password=factories.PASSWORD, otp=otp, address=address)


def demand(tenant: Tenant) -> None:
    TenantSettings.objects.update_or_create(tenant=tenant, defaults={"require_second_factor": True})


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


# --- adding an app ---------------------------------------------------------------------------------------


def test_an_app_counts_once_its_first_code_was_given(user: User, by: Actor) -> None:
    begun = totp.begin(by=by, user=user)
    assert second_step.methods_of(user) == []
    assert sign_in_with(user, "") == user

    codes = totp.confirm(by=by, user=user, code=pyotp.TOTP(begun.secret).now(), name="  My   phone ")

    assert second_step.methods_of(user) == ["totp", "recovery_code"]
    assert SecondFactor.objects.get(user=user).name == "My phone"
    assert len(set(codes)) == recovery.left(user) == 10
    assert actions()[-4:] == ["second_factor.begin", "user.end_sign_ins", "second_factor.add", "recovery_codes.make"]


def test_a_wrong_first_code_leaves_the_app_waiting(user: User, by: Actor) -> None:
    begun = totp.begin(by=by, user=user)
    for code in ("", "12345", "abcdef", "١٢٣٤٥٦", "0" * 7):
        with pytest.raises(WrongCodeError):
            totp.confirm(by=by, user=user, code=code)
    assert totp.pending(user) == begun
    assert second_step.methods_of(user) == []


def test_beginning_again_drops_what_was_begun(user: User, by: Actor) -> None:
    first, second = totp.begin(by=by, user=user), totp.begin(by=by, user=user)
    with pytest.raises(WrongCodeError):
        totp.confirm(by=by, user=user, code=pyotp.TOTP(first.secret).now())
    assert totp.pending(user) == second
    assert SecondFactor.objects.filter(user=user).count() == 1


def test_confirming_what_was_not_begun_is_refused(user: User, by: Actor) -> None:
    with pytest.raises(NoSuchSecondFactorError):
        totp.confirm(by=by, user=user, code="123456")


def test_the_secret_is_stored_encrypted_and_bound_to_its_row(user: User, by: Actor) -> None:
    begun = totp.begin(by=by, user=user)
    row = SecondFactor.objects.get(user=user)
    assert begun.secret not in row.secret
    other = factories.make_user("other@acme.example")
    SecondFactor.objects.filter(pk=row.pk).update(user=other)
    with pytest.raises(UnreadableSecretError):
        totp.pending(other)
    assert begun.secret not in str(list(AuditEvent.objects.values()))


def test_the_picture_holds_the_address_that_apps_read(user: User, by: Actor) -> None:
    begun = totp.begin(by=by, user=user)
    assert begun.address.startswith("otpauth://totp/Chat%20AI%20CMS:owner%40acme.example?secret=")
    assert begun.qr_code.startswith("<svg")
    assert "style" not in begun.qr_code
    assert "script" not in begun.qr_code
    assert begun.spaced_secret.replace(" ", "") == begun.secret


def test_nobody_has_more_than_ten_factors(user: User, by: Actor) -> None:
    for _ in range(managing.MOST):
        factories.add_app(user)
    secret = totp.begin(by=by, user=user).secret
    with pytest.raises(TooManySecondFactorsError):
        totp.confirm(by=by, user=user, code=pyotp.TOTP(secret).now())


# --- the step after the password -------------------------------------------------------------------------


def test_without_a_code_the_password_is_not_enough_and_the_ways_are_named(user: User) -> None:
    factories.add_app(user)
    with pytest.raises(SecondFactorRequiredError) as refused:
        sign_in_with(user, "")
    assert refused.value.extra == {"methods": ["totp", "recovery_code"]}


def test_a_wrong_password_says_nothing_of_second_factors(user: User) -> None:
    app = factories.add_app(user)
    with pytest.raises(CredentialError):
        sign_in.authenticate(email=user.email, password="wrong", otp=app.now(), address=HERE)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_step_before_now_and_after_is_good(user: User, steps: int) -> None:
    app = factories.add_app(user)
    assert sign_in_with(user, app.at(time.time(), counter_offset=steps)) == user


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_not(user: User, steps: int) -> None:
    app = factories.add_app(user)
    with pytest.raises(WrongSecondFactorError):
        sign_in_with(user, app.at(time.time(), counter_offset=steps))


def test_a_code_is_good_once_and_none_before_it(user: User) -> None:
    app = factories.add_app(user)
    now, before = app.now(), app.at(time.time(), counter_offset=-1)
    sign_in_with(user, f"{now[:3]} {now[3:]}")
    for code in (now, before):
        with pytest.raises(WrongSecondFactorError):
            sign_in_with(user, code)


def test_the_code_that_confirmed_the_app_does_not_sign_in(user: User, by: Actor) -> None:
    app = pyotp.TOTP(totp.begin(by=by, user=user).secret)
    code = app.now()
    totp.confirm(by=by, user=user, code=code)
    with pytest.raises(WrongSecondFactorError):
        sign_in_with(user, code)


def test_another_persons_code_does_not_sign_in(user: User) -> None:
    factories.add_app(user)
    theirs = factories.add_app(factories.make_user("other@acme.example"))
    with pytest.raises(WrongSecondFactorError):
        sign_in_with(user, theirs.now())


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_one_code_one_succeeds(user: User) -> None:
    code = factories.add_app(user).now()

    def attempt(_: int) -> bool:
        try:
            return totp.use(user, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_codes_cannot_be_guessed_even_from_many_places(user: User) -> None:
    app = factories.add_app(user)
    for place in range(attempts.CODES_PER_PERSON):
        with pytest.raises(WrongSecondFactorError):
            second_step.check_code(user=user, code="000000", address=f"198.51.100.{place}")
    with pytest.raises(TooManyAttemptsError):
        sign_in_with(user, app.now(), address="203.0.113.9")


def test_a_right_code_gives_the_attempt_back(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    app = factories.add_app(user)
    for _ in range(attempts.CODES_PER_PERSON + 5):
        SecondFactor.objects.update(last_counter=0)
        sign_in_with(user, app.now())


# --- recovery codes --------------------------------------------------------------------------------------


def test_a_recovery_code_signs_in_once_however_it_is_typed(user: User, by: Actor) -> None:
    factories.add_app(user)
    code = recovery.regenerate(by=by, user=user)[0]
    assert sign_in_with(user, f" {code.lower().replace('-', ' ')}") == user
    with pytest.raises(WrongSecondFactorError):
        sign_in_with(user, code)
    assert recovery.left(user) == 9
    line = AuditEvent.objects.get(action="recovery_codes.use")
    assert (line.actor_label, line.detail) == (user.email, {"left": 9})


def test_new_recovery_codes_end_the_old_ones(user: User, by: Actor) -> None:
    factories.add_app(user)
    old = recovery.regenerate(by=by, user=user)
    new = recovery.regenerate(by=by, user=user)
    assert not set(old) & set(new)
    with pytest.raises(WrongSecondFactorError):
        sign_in_with(user, old[0])
    assert sign_in_with(user, new[0]) == user


def test_recovery_codes_are_kept_as_hashes(user: User, by: Actor) -> None:
    factories.add_app(user)
    codes = recovery.regenerate(by=by, user=user)
    kept = str(list(RecoveryCode.objects.values())) + str(list(AuditEvent.objects.values()))
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_there_are_no_recovery_codes_without_a_factor(user: User, by: Actor) -> None:
    with pytest.raises(NoSuchSecondFactorError):
        recovery.regenerate(by=by, user=user)


# --- naming and removing ---------------------------------------------------------------------------------


def test_a_factor_is_renamed_and_needs_a_name(user: User, by: Actor) -> None:
    factories.add_app(user)
    factor = SecondFactor.objects.get()
    managing.rename(by=by, user=user, factor_id=factor.pk, name="Tablet")
    factor.refresh_from_db()
    assert factor.name == "Tablet"
    with pytest.raises(InvalidInputError):
        managing.rename(by=by, user=user, factor_id=factor.pk, name="  ")


def test_with_the_last_factor_go_the_recovery_codes(user: User, by: Actor) -> None:
    for _ in range(2):
        factories.add_app(user)
    first, second = factors_of(user)
    managing.remove(by=by, user=user, factor_id=first.pk)
    assert recovery.left(user) == 10
    managing.remove(by=by, user=user, factor_id=second.pk)
    assert not RecoveryCode.objects.exists()
    assert sign_in_with(user, "") == user
    assert actions().count("second_factor.remove") == 2


def test_nobody_touches_another_persons_factor(user: User, by: Actor) -> None:
    other = factories.make_user("other@acme.example")
    factories.add_app(other)
    theirs = factors_of(other).get().pk
    with pytest.raises(NoSuchSecondFactorError):
        managing.remove(by=by, user=user, factor_id=theirs)
    with pytest.raises(NoSuchSecondFactorError):
        managing.rename(by=by, user=user, factor_id=theirs, name="Mine")
    with pytest.raises(NoSuchSecondFactorError):
        managing.remove(by=by, user=user, factor_id=uuid.uuid4())


def test_the_last_factor_stays_where_a_tenant_asks_for_one(user: User, by: Actor, acme: Tenant) -> None:
    factories.add_app(user)
    demand(acme)
    with pytest.raises(LastSecondFactorError, match="Acme asks you"):
        managing.remove(by=by, user=user, factor_id=factors_of(user).get().pk)


def test_who_lost_everything_is_reset_by_the_operator(user: User, acme: Tenant) -> None:
    factories.add_app(user)
    assert managing.reset(by=SYSTEM, user=user) == 1
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    told = AuditEvent.objects.filter(action="second_factor.reset")
    assert told.get(tenant_id=None).detail == {"factors": 1}
    assert told.filter(tenant_id=acme.pk).exists()


# --- where one is asked for ------------------------------------------------------------------------------


def test_a_tenant_that_asks_for_one_lets_nobody_in_without(user: User, acme: Tenant) -> None:
    demand(acme)
    with pytest.raises(SecondFactorDemandedError, match="Acme asks its members"):
        tokens.issue(email=user.email, password=factories.PASSWORD, address=HERE)
    app = factories.add_app(user)
    assert tokens.issue(email=user.email, password=factories.PASSWORD, otp=app.now(), address=HERE).tenant == acme


def test_tokens_are_renewed_no_more_once_the_tenant_asks_for_one(owner: Membership, acme: Tenant) -> None:
    pair = factories.make_token_pair(owner)
    demand(acme)
    with pytest.raises(SecondFactorDemandedError):
        tokens.rotate(pair.refresh)


def test_another_tenant_of_the_person_lets_them_in_all_the_same(user: User, acme: Tenant, globex: Tenant) -> None:
    factories.make_member(globex, user.email, role=Role.VIEWER)
    demand(acme)
    asked: dict[str, Any] = {"email": user.email, "password": factories.PASSWORD, "address": HERE}
    assert tokens.issue(**asked, tenant_slug="globex").tenant == globex
    with pytest.raises(SecondFactorDemandedError):
        tokens.switch(by=Actor(type="user", id=user.pk), tenant_slug="acme")


@pytest.mark.parametrize("asked_for", [True, False])
def test_the_platform_asks_its_staff_by_a_setting(db: None, settings: Any, asked_for: bool) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = asked_for
    staff = factories.make_user("staff@platform.example", is_staff=True)
    if asked_for:
        with pytest.raises(SecondFactorDemandedError, match="The platform asks"):
            tokens.issue_to_staff(email=staff.email, password=factories.PASSWORD, address=HERE)
        app = factories.add_app(staff)
        assert tokens.issue_to_staff(email=staff.email, password=factories.PASSWORD, otp=app.now(), address=HERE)
    else:
        assert tokens.issue_to_staff(email=staff.email, password=factories.PASSWORD, address=HERE)
