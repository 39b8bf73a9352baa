"""Puts sign-ins on record, those that failed too: for the tenants of a known person, else for the platform.

Strangers decide how often a sign-in fails, so the lines about failures are bounded: of one person the first ten in a
window and then each doubling, of people whom nobody knows the first two hundred of all together. What was typed is
not kept; it is sometimes a password.
"""

from __future__ import annotations

import uuid
from typing import Any

from tenants import audit
from tenants.models import Membership, User
from tenants.services import attempts
from tenants.types import ANONYMOUS, Actor

FIRST_LINES = 10
# More than one place may try (`attempts`): nobody alone gets to where these lines end.
FIRST_LINES_OF_UNKNOWN = 200


def succeeded(user: User, *, address: str, method: str) -> None:
    """A person has taken every step of signing in to the portal; `method` is what they proved themselves with."""
    record_for(user, "user.sign_in", by=_actor(user), address=address, method=method, door="portal")


def signed_out(user: User) -> None:
    """A person has left the portal."""
    record_for(user, "user.sign_out", by=_actor(user), door="portal")


def failed(*, email: str, address: str, number: int, step: str = "password") -> None:
    """An attempt was wrong: the `number`th of that person in this window, if there is one of that address."""
    _record_attempt("user.sign_in_failed", email=email, address=address, number=number, step=step)


def asked_for_reset(*, email: str, address: str, number: int) -> None:
    """Somebody who is not signed in asked for a link for a new password."""
    _record_attempt("user.ask_reset", email=email, address=address, number=number)


def record_for(user: User, action: str, *, by: Actor, **detail: Any) -> None:
    """Append a line for each tenant of a person, and for the platform of its staff and of people without a tenant."""
    audit.record_in(_places_of(user, user.email), action, by=by, target=user, **detail)


def _record_attempt(action: str, *, email: str, address: str, number: int, **detail: Any) -> None:
    if not _is_kept(number, first=FIRST_LINES):
        return
    # The same statements for known and unknown people: how long they take tells nothing.
    user = User.objects.filter(email=email).first()
    places = _places_of(user, email)
    if user is None and not _is_kept(attempts.count_for_the_log(action), first=FIRST_LINES_OF_UNKNOWN):
        return
    label = "" if user else "unknown"
    audit.record_in(places, action, by=ANONYMOUS, target=user, label=label, address=address, attempts=number, **detail)


def _places_of(user: User | None, email: str) -> list[uuid.UUID | None]:
    found = Membership.objects.live().filter(user__email=email)
    places: list[uuid.UUID | None] = list(found.values_list("tenant_id", flat=True))
    return [*places, None] if user is None or user.is_staff or not places else places


def _is_kept(number: int, *, first: int) -> bool:
    return number <= first or number & (number - 1) == 0


def _actor(user: User) -> Actor:
    return Actor(type="user", id=user.pk, label=user.email)
