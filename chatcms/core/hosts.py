"""Which host names this installation answers to: those of the settings, and the verified domains of tenants.

The domains are learned at the door, where a request for a host that the settings do not name arrives; Django reads
them from memory, in coroutines too, where it could not ask the database.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

from django.conf import settings
from django.http.request import split_domain_port, validate_host

# A domain that was verified, or taken away, counts everywhere after so long.
FRESH_SECONDS = 15.0

Load = Callable[[], Awaitable[Mapping[str, str]]]


class _Learned:
    """The slugs of tenants by the names of their domains, as of some moment."""

    def __init__(self) -> None:
        self.slugs: Mapping[str, str] = {}
        self.learned_at = float("-inf")


_learned = _Learned()


class Hosts(list[str]):
    """The setting ALLOWED_HOSTS: the names that are given, and the domains that were learned."""

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from _learned.slugs


def is_given(host: str) -> bool:
    """Say whether the settings themselves allow `host` (a header's value, with a port or without)."""
    return validate_host(split_domain_port(host)[0], list(list.__iter__(settings.ALLOWED_HOSTS)))


async def slug_of(host: str, load: Load) -> str:
    """Return whose domain `host` is, "" if nobody's; `load` gives all domains, and is asked every `FRESH_SECONDS`."""
    if time.monotonic() - _learned.learned_at > FRESH_SECONDS:
        _learned.learned_at = time.monotonic()
        _learned.slugs = await load()
    return _learned.slugs.get(split_domain_port(host)[0], "")


def forget() -> None:
    """Learn anew at the next request."""
    _learned.learned_at = float("-inf")
