"""Errors of those who vouch for visitors."""

from __future__ import annotations

from chatcms.core.exceptions import (
    PermissionDeniedError,
)


class IdentityRequiredError(PermissionDeniedError):
    """The bot talks to nobody for whom the tenant has not vouched."""

    code = "identity_required"
    default_detail = "This bot talks to signed-in people only. Sign in on the page first."


class IdentityInvalidError(PermissionDeniedError):
    """What should prove who a visitor is was not signed with the tenant's identity secret, or is too old."""

    code = "identity_invalid"
    default_detail = "The proof of identity is not valid. Let the tenant's server sign a new one."
