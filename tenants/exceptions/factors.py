"""Errors about second factors."""

from __future__ import annotations

from chatcms.core.exceptions import AppError, ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError


class SecondFactorRequiredError(AppError):
    """The password is right, and the person has a second factor; `methods` in extra says which kinds."""

    code = "second_factor_required"
    kind = "unauthenticated"
    default_detail = "Send `otp` too: a code of your authenticator app, or one of your recovery codes."


class WrongSecondFactorError(AppError):
    """The code is wrong, too old or used, never said which."""

    code = "second_factor_wrong"
    kind = "unauthenticated"
    default_detail = "This code is not right, or was used already. Type the next one that your app shows."


class SecondFactorDemandedError(PermissionDeniedError):
    """The tenant, or the platform, asks for a second factor and the person has none."""

    code = "second_factor_demanded"
    default_detail = "A second factor is asked for here. Add one to your account, then sign in again."


class NoSuchSecondFactorError(NotFoundError):
    """The person has no such second factor."""

    code = "no_such_second_factor"
    default_detail = "You have no such second factor. It may be removed already."


class WrongCodeError(InvalidInputError):
    """The first code of an app that is being added is wrong."""

    code = "wrong_code"
    default_detail = "This code is not right. Type the next one that your app shows."


class LastSecondFactorError(ConflictError):
    """Somebody asks the person for a second factor, and this is the only one."""

    code = "last_second_factor"
    default_detail = "A second factor is asked of you. Add another one first."


class TooManySecondFactorsError(ConflictError):
    """The person has as many second factors as anybody may."""

    code = "too_many_second_factors"
    default_detail = "You have ten second factors. Remove one first."


class PasskeyRefusedError(InvalidInputError):
    """What the browser sent does not prove possession of the passkey."""

    code = "passkey_refused"
    default_detail = "The passkey could not be checked. Try again, or use another way."


class PasskeyTakenError(ConflictError):
    """The passkey belongs to an account already."""

    code = "passkey_taken"
    default_detail = "This passkey is in use already."


class PasskeysUnavailableError(ConflictError):
    """Passkeys belong to one host name, and the page is not at it."""

    code = "passkeys_unavailable"
    default_detail = "Passkeys work only at this installation's own address."
