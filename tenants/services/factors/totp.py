"""Authenticator apps: codes of six digits that change every 30 seconds (RFC 6238)."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass

import pyotp
import segno
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from pyotp.exceptions import OTPVerificationError

from chatcms.core.db import sealing
from chatcms.core.errortext import ErrorText
from tenants import audit
from tenants.enums import FactorKind
from tenants.exceptions import NoSuchSecondFactorError, WrongCodeError
from tenants.models import SecondFactor, User
from tenants.models.factors import SecondFactorQuerySet
from tenants.selectors import factors_of
from tenants.services.factors import managing
from tenants.types import Actor

ISSUER = "Chat AI CMS"
SECRET_PURPOSE = "totp secret"  # noqa: S105 - what the encryption key is derived for
# One step before and after the present one: clocks differ, and typing takes time.
STEPS_ASIDE = 1


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An app that is being added: the secret to type, and the address that a QR code of it holds."""

    factor_id: uuid.UUID
    secret: str
    address: str

    @property
    def qr_code(self) -> SafeString:
        """The address as an SVG picture, dark on light in every scheme, as cameras need it."""
        picture = io.BytesIO()
        segno.make(self.address, error="m").save(
            picture, kind="svg", xmldecl=False, svgns=False, border=4, light="#fff", omitsize=True, nl=False
        )
        return mark_safe(picture.getvalue().decode())  # noqa: S308 - drawn here, of squares alone

    @property
    def spaced_secret(self) -> str:
        """The secret in groups of four, as people type it."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


def context_of(factor: SecondFactor) -> str:
    """Return what a factor's encrypted secret is bound to."""
    return f"{factor.user_id}/{factor.pk}"


def begin(*, by: Actor, user: User) -> Enrolment:
    """Make a secret for an app; it counts once `confirm` has seen a code. One that was begun before is dropped."""
    secret = pyotp.random_base32()
    factor = SecondFactor(user=user, kind=FactorKind.TOTP, name=managing.usual_name(user, FactorKind.TOTP))
    factor.secret = sealing.encrypt(secret, purpose=SECRET_PURPOSE, context=context_of(factor))
    with transaction.atomic():
        managing.lock_account(user)
        _unconfirmed(user).delete()
        factor.save(force_insert=True)
        audit.record("second_factor.begin", by=by, target=factor, kind=factor.kind)
    return _enrolment(user, factor, secret)


def pending(user: User) -> Enrolment | None:
    """Return the app that `user` has begun to add, None when there is none."""
    factor = _unconfirmed(user).order_by("-id").first()
    return _enrolment(user, factor, _secret_of(factor)) if factor else None


def confirm(*, by: Actor, user: User, code: str, name: str = "", session_key: str = "") -> list[str]:
    """Put the app that was begun in force by its first code; return recovery codes when the person had none.

    With the first factor every sign-in but the one of that session ends. Raises `NoSuchSecondFactorError` when none
    was begun, `WrongCodeError` and `TooManySecondFactorsError`.
    """
    with transaction.atomic():
        factor = _unconfirmed(user).select_for_update(of=("self",)).order_by("-id").first()
        if factor is None:
            raise NoSuchSecondFactorError("Begin adding the app again.")
        step = _step_of(factor, code)
        if step is None:
            complaint = ErrorText(
                "This code is not right. Check the clock of your device and type the next code it shows."
            )
            raise WrongCodeError(complaint, errors=[{"pointer": "/code", "detail": complaint, "code": "wrong"}])
        factor.last_counter = step
        factor.name = managing.checked_name(name, otherwise=factor.name)
        return managing.confirm(by=by, factor=factor, session_key=session_key)


def use(user: User, code: str) -> bool:
    """Use a code of one of the person's apps up; False when none shows it now, or it was used before."""
    for factor in factors_of(user).filter(kind=FactorKind.TOTP):
        step = _step_of(factor, code)
        if step is None:
            continue
        # One statement decides which of two parallel uses is the one.
        unused = SecondFactor.objects.filter(Q(last_counter__lt=step), pk=factor.pk)
        if unused.update(last_counter=step, last_used_at=timezone.now()):
            return True
    return False


def _step_of(factor: SecondFactor, code: str) -> int | None:
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return pyotp.TOTP(_secret_of(factor)).verify_and_get_timecode(digits, valid_window=STEPS_ASIDE)
    except OTPVerificationError:
        return None


def _unconfirmed(user: User) -> SecondFactorQuerySet:
    return SecondFactor.objects.filter(user=user, kind=FactorKind.TOTP, confirmed_at__isnull=True)


def _secret_of(factor: SecondFactor) -> str:
    return sealing.decrypt(factor.secret, purpose=SECRET_PURPOSE, context=context_of(factor))


def _enrolment(user: User, factor: SecondFactor, secret: str) -> Enrolment:
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Enrolment(factor.pk, secret, address)
