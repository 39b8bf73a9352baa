"""Passkeys (WebAuthn): added to an account, used as its second step, or as the whole sign-in."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.text.jsonin import MalformedJSONError, read_json
from tenants.enums import FactorKind
from tenants.exceptions import PasskeyRefusedError, PasskeysUnavailableError, PasskeyTakenError
from tenants.models import SecondFactor, User
from tenants.selectors import factors_of
from tenants.services.factors import challenges, managing
from tenants.services.factors.challenges import Purpose
from tenants.types import Actor

NAME = "Chat AI CMS"
TIMEOUT_MILLISECONDS = challenges.LIFETIME_SECONDS * 1000


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a passkey is for: a host name, and the origin of the page that asks for it."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Added:
    """A passkey that was added, with recovery codes when the person had none before."""

    factor: SecondFactor
    recovery_codes: list[str]


def party_at(origin: str) -> Party:
    """Return whom passkeys are for on pages of `origin`; raise `PasskeysUnavailableError` where there can be none.

    They belong to the installation's own host name and what is below it. On a tenant's own domain there are none:
    whoever runs the name of that domain could have people sign there for the whole installation.
    """
    own, host = settings.PASSKEY_HOST, urlsplit(origin).hostname or ""
    if host != own and not host.endswith(f".{own}"):
        raise PasskeysUnavailableError(ErrorText("Passkeys work only at %(host)s.", host=own))
    if _is_address(own):
        raise PasskeysUnavailableError("Passkeys need a host name such as localhost instead of an address.")
    return Party(own, origin)


def options_to_add(*, user: User, party: Party) -> str:
    """Return, as JSON, what the browser needs to make a passkey for `user`."""
    import webauthn
    from webauthn.helpers import structs

    known = factors_of(user).filter(kind=FactorKind.PASSKEY)
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=user.pk.bytes,
        user_name=user.email,
        user_display_name=user.name or user.email,
        challenge=challenges.issue(Purpose.ADD, who=str(user.pk)),
        timeout=TIMEOUT_MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def add(*, by: Actor, user: User, party: Party, response: str, name: str = "", session_key: str = "") -> Added:
    """Add the passkey that the browser made to the account.

    With the first factor every sign-in but the one of that session ends.

    Raises `PasskeyRefusedError`, `PasskeyTakenError` and `TooManySecondFactorsError`.
    """
    import webauthn

    sent = _parsed(response)
    challenge = _challenge_of(sent)
    challenges.redeem(challenge, Purpose.ADD, who=str(user.pk))
    with _refusals():
        made = webauthn.verify_registration_response(
            credential=sent, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin
        )
    factor = SecondFactor(
        user=user,
        kind=FactorKind.PASSKEY,
        name=managing.checked_name(name, otherwise=managing.usual_name(user, FactorKind.PASSKEY)),
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=_transports(sent),
    )
    try:
        with transaction.atomic():
            codes = managing.confirm(by=by, factor=factor, session_key=session_key)
    except IntegrityError as error:
        raise PasskeyTakenError from error
    return Added(factor, codes)


def options_to_use(*, user: User, party: Party) -> str:
    """Return, as JSON, what the browser needs to ask for one of the passkeys of `user`, who gave the password."""
    known = factors_of(user).filter(kind=FactorKind.PASSKEY)
    return _request(party, challenges.issue(Purpose.SECOND_STEP, who=str(user.pk)), known, verified=False)


def options_to_sign_in(*, party: Party) -> str:
    """Return, as JSON, what the browser needs to offer every passkey that it has for this installation."""
    return _request(party, challenges.issue(Purpose.SIGN_IN), (), verified=True)


def use(*, user: User, party: Party, response: str) -> None:
    """Check that one of the passkeys of `user` signed. Raises `PasskeyRefusedError`."""
    sent = _parsed(response)
    challenge = _challenge_of(sent)
    challenges.redeem(challenge, Purpose.SECOND_STEP, who=str(user.pk))
    _verify(sent, party, challenge, owner=user, verified=False)


def sign_in(*, party: Party, response: str) -> User:
    """Return the person whose passkey signed, and who was verified by their device. Raises `PasskeyRefusedError`."""
    sent = _parsed(response)
    challenge = _challenge_of(sent)
    challenges.redeem(challenge, Purpose.SIGN_IN)
    factor = _verify(sent, party, challenge, owner=None, verified=True)
    if not factor.user.is_active:
        raise PasskeyRefusedError
    return factor.user


def _verify(
    sent: dict[str, Any], party: Party, challenge: bytes, *, owner: User | None, verified: bool
) -> SecondFactor:
    import webauthn
    from webauthn.helpers import base64url_to_bytes

    with _refusals():
        credential_id = base64url_to_bytes(sent["rawId"])
    with transaction.atomic():
        # Locked: of two answers with one counter the second finds that it has risen.
        rows = SecondFactor.objects.confirmed().select_for_update(of=("self",)).select_related("user")
        factor = rows.filter(credential_id=credential_id).first()
        if factor is None or (owner is not None and factor.user_id != owner.pk) or not _is_of(sent, factor.user_id):
            raise PasskeyRefusedError("This passkey belongs to no account here. Sign in another way.")
        with _refusals():
            done = webauthn.verify_authentication_response(
                credential=sent,
                expected_challenge=challenge,
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=bytes(factor.public_key or b""),
                credential_current_sign_count=factor.sign_count,
                require_user_verification=verified,
            )
        factor.sign_count, factor.last_used_at = done.new_sign_count, timezone.now()
        factor.save(update_fields=["sign_count", "last_used_at", "updated_at"])
    return factor


def _request(party: Party, challenge: bytes, known: Iterable[SecondFactor], *, verified: bool) -> str:
    import webauthn
    from webauthn.helpers import structs

    wish = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=wish.REQUIRED if verified else wish.PREFERRED,
    )
    return webauthn.options_to_json(options)


def _descriptors(known: Iterable[SecondFactor]) -> list[Any]:
    from webauthn.helpers import structs

    usual = {transport.value for transport in structs.AuthenticatorTransport}
    return [
        structs.PublicKeyCredentialDescriptor(
            id=bytes(factor.credential_id or b""),
            transports=[structs.AuthenticatorTransport(name) for name in factor.transports if name in usual],
        )
        for factor in known
    ]


def _parsed(response: str) -> dict[str, Any]:
    try:
        sent = read_json(response)
    except MalformedJSONError:
        raise PasskeyRefusedError from None
    if not isinstance(sent, dict):
        raise PasskeyRefusedError
    return sent


def _challenge_of(sent: dict[str, Any]) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    with _refusals():
        client_data = read_json(base64url_to_bytes(sent["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])


def _is_of(sent: dict[str, Any], user_id: uuid.UUID) -> bool:
    from webauthn.helpers import bytes_to_base64url

    handle = sent["response"].get("userHandle")
    return handle is None or handle == bytes_to_base64url(user_id.bytes)


def _transports(sent: dict[str, Any]) -> list[str]:
    named = sent["response"].get("transports")
    return [str(name)[:20] for name in named][:8] if isinstance(named, list) else []


# The library reads JSON by recursion, and so fails on one that is nested deeply.
_MALFORMED = (MalformedJSONError, RecursionError, ValueError, TypeError, KeyError, AttributeError)


@contextmanager
def _refusals() -> Iterator[None]:
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, *_MALFORMED) as error:
        # Whatever is wrong with what came from outside, there is one answer to it.
        raise PasskeyRefusedError from error


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
