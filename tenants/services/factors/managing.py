"""What people do with their second factors whatever kind they are: look at them, name them, remove them."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from tenants import audit
from tenants.enums import FactorKind, Notice
from tenants.exceptions import LastSecondFactorError, NoSuchSecondFactorError, TooManySecondFactorsError
from tenants.models import RecoveryCode, SecondFactor, User
from tenants.selectors import factors_of
from tenants.services import notices, sign_ins
from tenants.services.factors import demands, recovery
from tenants.types import Actor

MOST = 10


def factor_of(user: User, factor_id: uuid.UUID) -> SecondFactor:
    """Return one of the person's factors; raise `NoSuchSecondFactorError`."""
    factor = factors_of(user).filter(pk=factor_id).first()
    if factor is None:
        raise NoSuchSecondFactorError
    return factor


def rename(*, by: Actor, user: User, factor_id: uuid.UUID, name: str) -> None:
    """Give a factor another name. Raises `NoSuchSecondFactorError`, and `InvalidInputError` for an empty name."""
    with transaction.atomic():
        factor = _locked(user, factor_id)
        told = audit.changes({"name": factor.name}, {"name": checked_name(name)})
        factor.name = checked_name(name)
        factor.save(update_fields=["name", "updated_at"])
        audit.record("second_factor.rename", by=by, target=factor, changes=told)


def remove(*, by: Actor, user: User, factor_id: uuid.UUID) -> None:
    """Take a factor away; with the last one go the recovery codes.

    Raises `NoSuchSecondFactorError`, and `LastSecondFactorError` where somebody demands that there be one.
    """
    with transaction.atomic():
        lock_account(user)
        factor = _locked(user, factor_id)
        others = factors_of(user).exclude(pk=factor.pk)
        if not others.exists():
            who = demands.who_demands(user)
            if who:
                raise LastSecondFactorError(
                    ErrorText("%(who)s asks you for a second factor. Add another one first.", who=who)
                )
            RecoveryCode.objects.filter(user=user).delete()
        audit.record("second_factor.remove", by=by, target=factor, kind=factor.kind)
        factor.delete()


def reset(*, by: Actor, user: User) -> int:
    """Take every factor and recovery code away from somebody who has lost them; return how many factors there were.

    For the platform's staff and its operator: the person signs in with the password alone until they add one.
    """
    with transaction.atomic():
        lock_account(user)
        taken = factors_of(user).count()
        SecondFactor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        audit.record("second_factor.reset", by=by, target=user, factors=taken)
        notices.record_for_tenants("second_factor.reset", by=by, user=user, notice=Notice.FACTORS_RESET)
    return taken


def confirm(*, by: Actor, factor: SecondFactor, session_key: str = "") -> list[str]:
    """Put a new factor in force, in the caller's transaction; return recovery codes when the person had none.

    With the first one every other sign-in ends: it was made without.
    """
    lock_account(factor.user)
    earlier = factors_of(factor.user).count()
    if earlier >= MOST:
        raise TooManySecondFactorsError
    if not earlier:
        sign_ins.end_others(by=by, user=factor.user, session_key=session_key)
    factor.confirmed_at = timezone.now()
    factor.save()
    audit.record("second_factor.add", by=by, target=factor, kind=factor.kind)
    if RecoveryCode.objects.filter(user=factor.user).exists():
        return []
    return recovery.replace(by=by, user=factor.user)


def checked_name(name: str, *, otherwise: str = "") -> str:
    """Return the name of a factor, tidied; raise `InvalidInputError` when there is none."""
    name = " ".join(name.split())[:100] or otherwise
    if not name:
        complaint = ErrorText("Give it a name that you will know it by.")
        raise InvalidInputError(complaint, errors=[{"pointer": "/name", "detail": complaint, "code": "required"}])
    return name


def usual_name(user: User, kind: FactorKind) -> str:
    """Return a name for a new factor of somebody who gave none: its kind, counted."""
    label = str(kind.label)
    same = factors_of(user).filter(kind=kind).count()
    return f"{label} {same + 1}" if same else label


def lock_account(user: User) -> None:
    """Let nobody else add or remove factors of this person until the transaction ends."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _locked(user: User, factor_id: uuid.UUID) -> SecondFactor:
    factor = factors_of(user).select_for_update(of=("self",)).filter(pk=factor_id).first()
    if factor is None:
        raise NoSuchSecondFactorError
    return factor
