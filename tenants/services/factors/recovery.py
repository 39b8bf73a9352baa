"""Recovery codes: ten ways in, each good once, for somebody whose factor is lost."""

from __future__ import annotations

import hashlib
import re
import secrets

from django.db import transaction
from django.utils import timezone

from tenants import audit
from tenants.exceptions import NoSuchSecondFactorError
from tenants.models import RecoveryCode, User
from tenants.services.factors import demands
from tenants.types import Actor

COUNT = 10

# Without letters and digits that are taken for one another; 16 of 32 are 80 bits.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH, _GROUP = 16, 4


def regenerate(*, by: Actor, user: User) -> list[str]:
    """Return fresh codes, shown this once; the ones before are good no more.

    Raises `NoSuchSecondFactorError` for somebody who has no factor that they could stand in for.
    """
    if not demands.has_one(user):
        raise NoSuchSecondFactorError("Add an authenticator app or a passkey first.")
    return replace(by=by, user=user)


def replace(*, by: Actor, user: User) -> list[str]:
    """Make the codes of `user` anew and return their text, which is known only now."""
    codes = [_random() for _ in range(COUNT)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(code)) for code in codes)
        audit.record("recovery_codes.make", by=by, target=user)
    return codes


def left(user: User) -> int:
    """Return how many codes of `user` are still good."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def use(user: User, text: str) -> bool:
    """Use a code up and put that on record; False when it is none of theirs, or was used before."""
    code = _normal(text)
    if len(code) != _LENGTH:
        return False
    with transaction.atomic():
        # One statement decides which of two parallel uses is the one.
        unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(code), used_at__isnull=True)
        if not unused.update(used_at=timezone.now()):
            return False
        audit.record(
            "recovery_codes.use", by=Actor(type="user", id=user.pk, label=user.email), target=user, left=left(user)
        )
    return True


def _random() -> str:
    plain = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(plain[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _normal(text: str) -> str:
    # People type what they read: O for 0 and the like are not in the alphabet, so there is nothing to guess.
    return re.sub(r"[\s-]", "", text).upper()


def _hash(text: str) -> str:
    # 80 random bits need no slow hash: there is no dictionary to try.
    return hashlib.sha256(_normal(text).encode()).hexdigest()
