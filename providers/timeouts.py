"""How long a provider is waited for: as its config says, else as the environment does.

    {"timeouts": {"first_word": 120, "silence": 60, "total": 900}}

Seconds: until the first word, between two words, and for the whole answer. What a tenant sends is checked strictly;
what plain SQL wrote is read leniently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from chatcms.core.errortext import ErrorText
from providers.exceptions import ProviderSettingsError
from providers.types import Timeouts

# The most seconds that each may be
MOST: Final[Mapping[str, int]] = {"first_word": 600, "silence": 600, "total": 1800}
# No answer of one model takes longer: its whole time, and that of a refusal before it is asked anew.
LONGEST_ANSWER_SECONDS: Final = MOST["total"] + MOST["first_word"]
_POINTER = "/config/timeouts"


def usual_timeouts() -> Timeouts:
    """Return those of a provider that says nothing of them."""
    return timeouts_of({})


def timeouts_of(config: Mapping[str, Any]) -> Timeouts:
    """Return the seconds to wait for a provider with this config.

    A total that is left out is at least the first word and the silence together, so that a longer wait for the
    first word is not cut short by it.
    """
    said = listed_timeouts(config)
    first_word = said.get("first_word", settings.PROVIDER_FIRST_TOKEN_SECONDS)
    silence = said.get("silence", settings.PROVIDER_SILENCE_SECONDS)
    total = said.get("total", max(settings.PROVIDER_TOTAL_SECONDS, first_word + silence))
    return Timeouts(first_token=first_word, between_chunks=silence, total=total)


def longest_answer(timeouts: Timeouts) -> float:
    """Return the most seconds that a model with these may take, if it is asked anew after a refusal."""
    return timeouts.total + timeouts.first_token


def listed_timeouts(config: Mapping[str, Any]) -> dict[str, int]:
    """Return those that the config names and that may be."""
    said = config.get("timeouts")
    if not isinstance(said, Mapping):
        return {}
    return {name: said[name] for name in MOST if _is_allowed(name, said.get(name))}


def told_timeouts(config: Mapping[str, Any]) -> dict[str, int | None]:
    """Return all three for the audit log, None for one that the config does not name."""
    said = listed_timeouts(config)
    return {f"timeouts.{name}": said.get(name) for name in MOST}


def checked_timeouts(value: Any) -> dict[str, int]:
    """Return the timeouts as they are stored, those that are null left out; raise `ProviderSettingsError`."""
    if not isinstance(value, Mapping):
        raise ProviderSettingsError(
            ErrorText("Send an object with %(most)s, in seconds.", most=", ".join(MOST)), pointer=_POINTER
        )
    stored: dict[str, int] = {}
    for name, seconds in value.items():
        pointer = f"{_POINTER}/{name}"
        if name not in MOST:
            raise ProviderSettingsError(
                ErrorText("There is no such timeout. Use %(most)s.", most=", ".join(MOST)), pointer=pointer
            )
        if seconds is None:
            continue
        if not _is_allowed(name, seconds):
            raise ProviderSettingsError(
                ErrorText("Send whole seconds, from 1 to %(most)s.", most=MOST[name]), pointer=pointer
            )
        stored[name] = seconds
    if stored.get("total", MOST["total"]) < stored.get("first_word", 0):
        raise ProviderSettingsError(
            "The whole answer takes no less than its first word: allow at least as long.", pointer=f"{_POINTER}/total"
        )
    return stored


def _is_allowed(name: str, seconds: Any) -> bool:
    return type(seconds) is int and 1 <= seconds <= MOST[name]
