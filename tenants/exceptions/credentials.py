"""Errors about passwords, tokens, keys and where one is signed in."""

from __future__ import annotations

from chatcms.core.exceptions import AppError, ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError


class CredentialError(AppError):
    """The credential is missing, wrong, expired, revoked, or not for this tenant (never said which)."""

    code = "authentication_failed"
    kind = "unauthenticated"
    default_detail = "The credential is not valid. Sign in again or use another key."


class SignedOutError(CredentialError):
    """The person's sign-in to the portal has run out."""

    code = "signed_out"
    default_detail = "You have been signed out. Sign in again, then repeat this."


class TooManyAttemptsError(AppError):
    """Too many sign-in attempts; `retry_after` in extra says in how many seconds the next one counts."""

    code = "too_many_attempts"
    kind = "rate_limited"
    default_detail = "There were too many attempts. Wait a while before the next one."


class TenantChoiceNeededError(AppError):
    """The user belongs to several tenants and named none."""

    code = "tenant_required"
    kind = "invalid"
    default_detail = "You belong to several tenants. Send `tenant` with the slug of one of them."


class VisitorTokenError(AppError):
    """A visitor's token is forged or damaged, or its tenant or bot is not there for visitors any more."""

    code = "visitor_token_invalid"
    kind = "unauthenticated"
    default_detail = "The visitor token is not valid. Get a new one for this page."


class VisitorTokenExpiredError(AppError):
    """A visitor's token is too old."""

    code = "visitor_token_expired"
    kind = "unauthenticated"
    default_detail = "The visitor token has expired. Get a new one, with this one as `token` to go on as before."


class OriginNotAllowedError(AppError):
    """The page is not of an origin that may show the bot, or of another than the token was issued to."""

    code = "origin_not_allowed"
    kind = "forbidden"
    default_detail = "Pages of this origin may not show the bot. Let the tenant add it to the bot's allowed origins."


class WeakPasswordError(InvalidInputError):
    """The new password is too easy to guess; `errors` say why."""

    code = "weak_password"
    default_detail = "This password is too easy to guess. Choose another."


class WrongPasswordError(InvalidInputError):
    """The present password, asked once more, is wrong."""

    code = "wrong_password"
    default_detail = "The present password is wrong."


class BadResetTokenError(InvalidInputError):
    """The token for a new password is wrong, expired or used."""

    code = "bad_reset_token"
    default_detail = "This link is no longer good. Ask for a new one."


class NoSuchKeyError(NotFoundError):
    """No API key of that id belongs to the tenant."""

    code = "no_such_key"
    default_detail = "There is no such API key. Check the id."


class KeyAboveYoursError(PermissionDeniedError):
    """A key would make or change one that may do more than itself."""

    code = "key_above_yours"
    default_detail = "A key can make and change only keys that may do no more than itself."


class KeyRevokedError(ConflictError):
    """A revoked key can be changed no more."""

    code = "key_revoked"
    default_detail = "This key is revoked and cannot be changed. Make a new one."


class NoSuchSignInError(NotFoundError):
    """The person has no such sign-in, or it is over."""

    code = "no_such_sign_in"
    default_detail = "You are not signed in there any more."
