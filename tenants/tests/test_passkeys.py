"""Tests of passkeys, with a device in software that signs by the specification."""

from __future__ import annotations

import json
import time

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.exceptions import PasskeyRefusedError, PasskeysUnavailableError, PasskeyTakenError
from tenants.models import AuditEvent, Membership, SecondFactor, User
from tenants.services.factors import challenges, passkeys, second_step
from tenants.services.factors.challenges import Purpose
from tenants.tests import factories
from tenants.tests.authenticator import Device, challenge_of
from tenants.types import Actor

PARTY = passkeys.Party("localhost", "http://localhost:8000")


@pytest.fixture
def user(owner: Membership) -> User:
    return owner.user


def add(user: User, device: Device) -> passkeys.Added:
    options = passkeys.options_to_add(user=user, party=PARTY)
    by = Actor(type="user", id=user.pk, label=user.email)
    return passkeys.add(by=by, user=user, party=PARTY, response=device.create(options))


@pytest.fixture
def device(user: User) -> Device:
    """A device with a passkey of acme's owner."""
    made = Device()
    add(user, made)
    return made


def test_a_passkey_is_added_with_recovery_codes_the_first_time(user: User) -> None:
    first, second = add(user, Device()), add(user, Device())
    assert len(first.recovery_codes) == 10
    assert second.recovery_codes == []
    assert [factor.name for factor in SecondFactor.objects.all()] == ["Passkey", "Passkey 2"]
    assert first.factor.transports == ["internal", "hybrid"]
    assert second_step.methods_of(user) == ["passkey", "recovery_code"]
    assert AuditEvent.objects.filter(action="second_factor.add").count() == 2


def test_options_name_no_person_but_by_a_number_and_exclude_what_is_there(user: User, device: Device) -> None:
    options = json.loads(passkeys.options_to_add(user=user, party=PARTY))
    assert options["rp"] == {"name": "Chat AI CMS", "id": "localhost"}
    assert user.email not in options["user"]["id"]
    assert len(options["excludeCredentials"]) == 1
    assert options["attestation"] == "none"


def test_the_same_passkey_cannot_belong_to_two_accounts(user: User, device: Device) -> None:
    with pytest.raises(PasskeyTakenError):
        add(factories.make_user("other@acme.example"), device)


def test_a_passkey_takes_the_second_step(user: User, device: Device) -> None:
    options = passkeys.options_to_use(user=user, party=PARTY)
    assert len(json.loads(options)["allowCredentials"]) == 1
    second_step.check_passkey(user=user, party=PARTY, response=device.get(options))
    factor = SecondFactor.objects.get()
    assert factor.sign_count == 1
    assert factor.last_used_at is not None


def test_a_passkey_alone_signs_in_whom_the_device_has_verified(user: User, device: Device) -> None:
    options = passkeys.options_to_sign_in(party=PARTY)
    assert json.loads(options)["allowCredentials"] == []
    assert passkeys.sign_in(party=PARTY, response=device.get(options)) == user

    device.verified = False
    options = passkeys.options_to_sign_in(party=PARTY)
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=device.get(options))
    # Beside the password that is enough.
    passkeys.use(user=user, party=PARTY, response=device.get(passkeys.options_to_use(user=user, party=PARTY)))


def test_an_answer_is_good_once(user: User, device: Device) -> None:
    answer = device.get(passkeys.options_to_sign_in(party=PARTY))
    passkeys.sign_in(party=PARTY, response=answer)
    with pytest.raises(PasskeyRefusedError, match="too long"):
        passkeys.sign_in(party=PARTY, response=answer)


def test_an_answer_is_good_for_what_it_was_asked_for_only(user: User, device: Device) -> None:
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_use(user=user, party=PARTY)))
    with pytest.raises(PasskeyRefusedError):
        passkeys.use(user=user, party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY)))
    other = factories.make_user("other@acme.example")
    add(other, theirs := Device())
    with pytest.raises(PasskeyRefusedError):
        passkeys.use(user=user, party=PARTY, response=theirs.get(passkeys.options_to_use(user=user, party=PARTY)))


def test_a_signature_for_another_site_is_refused(device: Device) -> None:
    for wrong in ({"origin": "https://evil.example"}, {"type": "webauthn.create"}):
        with pytest.raises(PasskeyRefusedError):
            passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY), **wrong))
    with pytest.raises(PasskeyRefusedError):
        options = passkeys.options_to_sign_in(party=PARTY)
        passkeys.sign_in(party=PARTY, response=device.get(options, rp_id="evil.example"))


def test_a_copied_device_is_found_by_its_counter(device: Device) -> None:
    passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY)))
    device.count = 0
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY)))


def test_another_key_under_the_same_name_is_refused(device: Device) -> None:
    forged = Device(credential_id=device.credential_id, user_handle=device.user_handle, count=99)
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=forged.get(passkeys.options_to_sign_in(party=PARTY)))


def test_a_passkey_that_names_another_person_is_refused(user: User, device: Device) -> None:
    device.user_handle = "AAAAAAAAAAAAAAAAAAAAAA"
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY)))


def test_unknown_passkeys_and_people_who_are_shut_out_do_not_sign_in(user: User, device: Device) -> None:
    with pytest.raises(PasskeyRefusedError, match="no account"):
        passkeys.sign_in(party=PARTY, response=Device().get(passkeys.options_to_sign_in(party=PARTY)))
    User.objects.update(is_active=False)
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=device.get(passkeys.options_to_sign_in(party=PARTY)))


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "[]", "null", "{}", '{"response": 1}', '{"response": {"clientDataJSON": "!!"}}',
        '{"response": {"clientDataJSON": "e30"}}', '{"response": {"clientDataJSON": "W10"}, "rawId": 1}',
    ],
)  # fmt: skip
def test_nonsense_is_refused(user: User, text: str) -> None:
    with pytest.raises(PasskeyRefusedError):
        passkeys.sign_in(party=PARTY, response=text)
    with pytest.raises(PasskeyRefusedError):
        passkeys.add(by=Actor(type="user"), user=user, party=PARTY, response=text)


def test_a_damaged_answer_is_refused_whatever_is_damaged(device: Device) -> None:
    whole = json.loads(device.get(passkeys.options_to_sign_in(party=PARTY)))
    for name in ("authenticatorData", "signature"):
        for value in ("", "AAAA", "!", None, 7):
            options = passkeys.options_to_sign_in(party=PARTY)
            answer = json.loads(device.get(options))
            answer["response"][name] = value
            with pytest.raises(PasskeyRefusedError):
                passkeys.sign_in(party=PARTY, response=json.dumps(answer))
    assert whole


# --- challenges ------------------------------------------------------------------------------------------


def test_a_challenge_is_ours_young_and_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = challenges.issue(Purpose.SIGN_IN)
    with pytest.raises(PasskeyRefusedError):
        challenges.redeem(challenge, Purpose.ADD)
    with pytest.raises(PasskeyRefusedError):
        challenges.redeem(challenge, Purpose.SIGN_IN, who="somebody")
    for damaged in (b"", challenge[:-1], bytes(56), challenge[:20] + bytes([challenge[20] ^ 1]) + challenge[21:]):
        with pytest.raises(PasskeyRefusedError):
            challenges.redeem(damaged, Purpose.SIGN_IN)
    later = time.time() + challenges.LIFETIME_SECONDS + 2
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: later)
        with pytest.raises(PasskeyRefusedError):
            challenges.redeem(challenge, Purpose.SIGN_IN)
    challenges.redeem(challenge, Purpose.SIGN_IN)
    with pytest.raises(PasskeyRefusedError):
        challenges.redeem(challenge, Purpose.SIGN_IN)


def test_challenges_differ(user: User) -> None:
    seen = {challenge_of(passkeys.options_to_sign_in(party=PARTY)) for _ in range(5)}
    assert len(seen) == 5


# --- where passkeys are ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin", "good"),
    [
        ("chat.example.com", "https://chat.example.com", True),
        ("chat.example.com", "https://admin.chat.example.com", True),
        ("chat.example.com", "https://chat.acme.example", False),
        ("chat.example.com", "https://evilchat.example.com", False),
        ("localhost", "http://localhost:8107", True),
        ("localhost", "http://127.0.0.1:8000", False),
        ("127.0.0.1", "http://127.0.0.1:8000", False),
    ],
)
def test_passkeys_belong_to_the_installations_own_host(settings: Settings, host: str, origin: str, good: bool) -> None:
    settings.PASSKEY_HOST = host
    if good:
        assert passkeys.party_at(origin) == passkeys.Party(host, origin)
    else:
        with pytest.raises(PasskeysUnavailableError):
            passkeys.party_at(origin)


def test_where_there_can_be_no_passkeys_none_are_offered(client: Client, db: None, settings: Settings) -> None:
    settings.PASSKEY_HOST = "chat.example.com"
    elsewhere = {"Host": "127.0.0.1:8000"}

    assert "data-passkey" not in client.get("/sign-in/", headers=elsewhere).content.decode()
    refused = client.get("/sign-in/passkey/options/", headers=elsewhere)

    assert (refused.status_code, refused.content) == (409, b"Passkeys work only at chat.example.com.")
