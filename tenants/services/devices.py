"""Tokens by which a device shows that a person signed in on it before, so that failures elsewhere never lock it out.

A token opens nothing: it only lets the device try passwords and codes on a count of its own, which strangers cannot use
up. It is signed together with the person's password hash: a new password makes every earlier token worthless.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core import signing

from tenants.models import User

LIFETIME = timedelta(days=365)
# One browser may be several people's.
MOST_PER_BROWSER = 5
MAX_TEXT = 1024
SEPARATOR = "~"


def token_for(user: User) -> str:
    """Return a new token for the device that `user` has just signed in on."""
    return _signer(user).sign(secrets.token_urlsafe(12))


def name_of(*, email: str, tokens: str) -> str:
    """Return the name of the device that one of `tokens` gives it for the person of that address; "" for strangers.

    `tokens` is what a device sent: one token, or several with `SEPARATOR` between.
    """
    sent = _split(tokens)
    user = User.objects.filter(email=email, is_active=True).first() if sent else None
    if user is None:
        return ""
    names = (_opened(user, token) for token in sent)
    return next((name for name in names if name), "")


def added(tokens: str, user: User) -> str:
    """Return what a browser is to keep: the tokens it has, but for this person's, and a new one for them."""
    others = [token for token in _split(tokens) if not _opened(user, token)]
    return SEPARATOR.join([token_for(user), *others][:MOST_PER_BROWSER])


def _split(tokens: str) -> list[str]:
    return [token for token in tokens[:MAX_TEXT].split(SEPARATOR) if token][:MOST_PER_BROWSER]


def _opened(user: User, token: str) -> str:
    try:
        return _signer(user).unsign(token, max_age=LIFETIME)
    except signing.BadSignature:
        return ""


def _signer(user: User) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"tenants.devices:{user.pk}:{user.password}")
