"""Carries a sign-in through its steps in the browser's session, and knows how fresh it is."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from chatcms.core.http.addresses import client_address
from tenants import sessions
from tenants.exceptions import PasskeysUnavailableError
from tenants.models import User
from tenants.pages import devicecookie
from tenants.services import attempts, sign_in_log
from tenants.services.factors import passkeys, second_step
from tenants.services.factors.passkeys import Party

# Who has given the right password has so long for the second step.
SECOND_STEP_SECONDS = 10 * 60
# What changes how one signs in needs a sign-in or a proof no older than this.
FRESH_SECONDS = 15 * 60
SEEN_EVERY_SECONDS = 5 * 60

_PENDING = "_second_step"
_PROVED_AT = "_proved_at"


def party(request: HttpRequest) -> Party:
    """Return whom passkeys are for on this page; raise `PasskeysUnavailableError` where there can be none."""
    return passkeys.party_at(f"{request.scheme}://{request.get_host()}")


def passkey_host(request: HttpRequest) -> str:
    """Return the host name that passkeys on this page belong to; empty where there can be none."""
    try:
        return party(request).id
    except PasskeysUnavailableError:
        return ""


def proceed(request: HttpRequest, user: User) -> bool:
    """Sign the person of the right password in, or note that the second step is ahead; say whether they are in."""
    if not second_step.methods_of(user):
        finish(request, user, method="password")
        return True
    proof = user.get_session_auth_hash()
    request.session[_PENDING] = {"user": str(user.pk), "at": time.time(), "proof": proof}
    return False


def pending(request: HttpRequest) -> User | None:
    """Return who has given the right password and has the second step ahead; None after a while, or a new password."""
    noted: Any = request.session.get(_PENDING)
    if not noted or time.time() - noted["at"] > SECOND_STEP_SECONDS:
        return None
    user = User.objects.filter(pk=noted["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), noted["proof"]) else None


def finish(request: HttpRequest, user: User, *, method: str) -> None:
    """Sign a person in who has taken every step, on record; this browser and this place are known from now on."""
    request.session.pop(_PENDING, None)
    address = client_address(request.META)
    with transaction.atomic():
        auth.login(request, user)
        sign_in_log.succeeded(user, address=address, method=method)
    attempts.know_place(email=user.email, address=address)
    devicecookie.remember(request, user)
    now = time.time()
    request.session[sessions.ADDRESS] = address
    request.session[sessions.BROWSER] = request.headers.get("User-Agent", "")
    request.session[sessions.SIGNED_IN_AT] = request.session[sessions.SEEN_AT] = now
    request.session[_PROVED_AT] = now


def leave(request: HttpRequest) -> None:
    """End the session, on record."""
    with transaction.atomic():
        if isinstance(request.user, User):
            sign_in_log.signed_out(request.user)
        auth.logout(request)


def is_fresh(request: HttpRequest) -> bool:
    """Say whether the person has signed in, or proved once more who they are, a short while ago."""
    return time.time() - float(request.session.get(_PROVED_AT, 0)) < FRESH_SECONDS


def prove(request: HttpRequest) -> None:
    """Note that the person has just proved once more who they are."""
    request.session[_PROVED_AT] = time.time()


def note_visit(request: HttpRequest) -> None:
    """Note now and then that this browser is in use."""
    now = time.time()
    if now - float(request.session.get(sessions.SEEN_AT, 0)) > SEEN_EVERY_SECONDS:
        request.session[sessions.SEEN_AT] = now
