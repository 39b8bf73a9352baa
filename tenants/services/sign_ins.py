"""Where a person is signed in: browsers and programs, each to be ended by itself or all at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from tenants import audit
from tenants.exceptions import NoSuchSignInError
from tenants.models import BrowserSession, RefreshToken, User
from tenants.services import sign_out
from tenants.sessions import stored_key
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser, or one program that signed in to the API as the person; `ref` names it, and opens nothing."""

    ref: str
    is_program: bool
    browser: str
    address: str
    tenant: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    is_this: bool = False


def of(user: User, *, session_key: str = "") -> list[SignIn]:
    """Return every sign-in of `user` that is good now, this browser's first and then the latest used."""
    found = [_browser(row, session_key) for row in _sessions(user)] + [_program(row) for row in _families(user)]
    now = timezone.now()
    return sorted(found, key=lambda each: (each.is_this, each.seen_at or each.signed_in_at or now), reverse=True)


def end(*, by: Actor, user: User, ref: str) -> None:
    """End one sign-in, from the next request on. Raises `NoSuchSignInError`."""
    with transaction.atomic():
        if not (_end_browser(user, ref) or _end_program(user, ref)):
            raise NoSuchSignInError
        audit.record("user.end_sign_in", by=by, target=user)


def end_others(*, by: Actor, user: User, session_key: str = "") -> None:
    """End every sign-in of `user`, in browsers and programs, but the one of that session."""
    with transaction.atomic():
        BrowserSession.objects.filter(user=user).exclude(session_key=stored_key(session_key)).delete()
        sign_out.revoke_families_of(user_id=user.pk)
        audit.record("user.end_sign_ins", by=by, target=user)


def forget_ended() -> int:
    """Delete sessions and families of tokens that have run out, and return how many rows that were.

    A family goes as a whole: its first link says since when somebody is signed in, and a used one betrays a thief.
    """
    now = timezone.now()
    sessions = BrowserSession.objects.filter(expire_date__lte=now).delete()[0]
    families = RefreshToken.objects.values("family_id").annotate(last=Max("expires_at")).filter(last__lte=now)
    return sessions + RefreshToken.objects.filter(family_id__in=families.values("family_id")).delete()[0]


def _sessions(user: User) -> Any:
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now())


def _families(user: User) -> Any:
    now = timezone.now()
    good = RefreshToken.objects.filter(user=user, revoked_at__isnull=True, consumed_at__isnull=True, expires_at__gt=now)
    families = RefreshToken.objects.filter(family_id__in=good.values("family_id"))
    return families.values("family_id", "tenant__name").annotate(first=Min("created_at"), last=Max("created_at"))


def _browser(row: BrowserSession, session_key: str) -> SignIn:
    return SignIn(
        ref=_ref(row.session_key),
        is_program=False,
        browser=row.browser,
        address=row.address,
        tenant="",
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        is_this=row.session_key == stored_key(session_key),
    )


def _program(row: dict[str, Any]) -> SignIn:
    return SignIn(
        ref=str(row["family_id"]),
        is_program=True,
        browser="",
        address="",
        tenant=row["tenant__name"] or "",
        signed_in_at=row["first"],
        seen_at=row["last"],
    )


def _end_browser(user: User, ref: str) -> bool:
    keys = [row.session_key for row in _sessions(user) if _ref(row.session_key) == ref]
    return bool(BrowserSession.objects.filter(session_key__in=keys).delete()[0])


def _end_program(user: User, ref: str) -> bool:
    try:
        family_id = uuid.UUID(ref)
    except ValueError:
        return False
    good = RefreshToken.objects.filter(user=user, family_id=family_id, revoked_at__isnull=True)
    return bool(good.update(revoked_at=timezone.now()))


def _ref(session_key: str) -> str:
    # A beginning of the hash that is kept of the key: it names the session, and opens nothing.
    return session_key[:24]
