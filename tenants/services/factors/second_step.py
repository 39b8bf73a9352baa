"""The step after the right password: a code, a passkey or a recovery code, slowly for guessers."""

from __future__ import annotations

from tenants.enums import FactorKind
from tenants.exceptions import PasskeyRefusedError, SecondFactorRequiredError, WrongSecondFactorError
from tenants.models import User
from tenants.selectors import factors_of
from tenants.services import attempts, devices, sign_in_log
from tenants.services.factors import passkeys, recovery, totp
from tenants.services.factors.passkeys import Party

RECOVERY_CODE = "recovery_code"


def methods_of(user: User) -> list[str]:
    """Return the ways in which `user` can take the second step; none when they have no second factor."""
    kinds = set(factors_of(user).values_list("kind", flat=True))
    methods = [str(kind) for kind in FactorKind if kind in kinds]
    return [*methods, RECOVERY_CODE] if methods and recovery.left(user) else methods


def require_code(*, user: User, code: str, address: str = "", device_token: str = "") -> None:
    """Let `user` pass who has no second factor, or whose `code` is good.

    Raises `SecondFactorRequiredError` for an empty code, and as `check_code` does.
    """
    methods = methods_of(user)
    if not methods:
        return
    if not code:
        raise SecondFactorRequiredError(methods=methods)
    check_code(user=user, code=code, address=address, device_token=device_token)


def check_code(*, user: User, code: str, address: str = "", device_token: str = "") -> None:
    """Use a code of an app, or a recovery code, up. Raises `WrongSecondFactorError` and `TooManyAttemptsError`.

    The attempt is counted before it is judged, so that parallel guesses cannot slip past the limit.
    """
    purpose = attempts.Purpose.SECOND_STEP
    device = devices.name_of(email=user.email, tokens=device_token)
    number = attempts.count(email=user.email, address=address, device=device, purpose=purpose)
    if not totp.use(user, code) and not recovery.use(user, code):
        sign_in_log.failed(email=user.email, address=address, number=number, step="code")
        raise WrongSecondFactorError
    attempts.forget(email=user.email, address=address, device=device, purpose=purpose)


def sign_in_by_passkey(*, party: Party, response: str, address: str = "") -> User:
    """Return the person whose passkey signed; no password is needed. Raises `PasskeyRefusedError`."""
    try:
        return passkeys.sign_in(party=party, response=response)
    except PasskeyRefusedError:
        sign_in_log.failed(email="", address=address, number=1, step="passkey")
        raise


def check_passkey(*, user: User, party: Party, response: str, address: str = "") -> None:
    """Check that a passkey of `user` signed. Raises `PasskeyRefusedError`; there is nothing to guess."""
    try:
        passkeys.use(user=user, party=party, response=response)
    except PasskeyRefusedError:
        number = attempts.count_for_the_log(f"passkey {user.pk}")
        sign_in_log.failed(email=user.email, address=address, number=number, step="passkey")
        raise
