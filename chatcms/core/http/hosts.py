"""Which host names this installation answers to: those of the settings, and the verified domains of tenants.

The domains are learned at the door, where a request for a host that the settings do not name arrives; Django reads
them from memory, in coroutines too, where it could not ask the database.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http.request import split_domain_port, validate_host

# A domain that was verified, or taken away, counts everywhere after so long.
FRESH_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class DomainOwner:
    """Whose own domain a host is; `is_open` says whether that tenant may be entered now."""

    tenant_id: uuid.UUID
    slug: str
    is_open: bool


# Gives None when it cannot tell: what was learned before goes on counting.
Load = Callable[[], Awaitable[Mapping[str, DomainOwner] | None]]


class _Learned:
    """The owners of domains by name, as of some moment."""

    def __init__(self) -> None:
        self.owners: Mapping[str, DomainOwner] = {}
        self.learned_at = float("-inf")


_learned = _Learned()


class Hosts(list[str]):
    """The setting ALLOWED_HOSTS: the names that are given, and the domains that were learned."""

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from _learned.owners


def is_given(host: str) -> bool:
    """Say whether the settings themselves allow `host` (a header's value, with a port or without)."""
    return validate_host(split_domain_port(host)[0], _given())


def is_named(host: str) -> bool:
    """Say whether the settings name this very host, so that it is the platform's and no tenant's."""
    return split_domain_port(host)[0] in {name.lower() for name in _given()}


async def owner_of(host: str, load: Load) -> DomainOwner | None:
    """Return whose domain `host` is, None if nobody's; `load` gives all domains, and is asked every `FRESH_SECONDS`."""
    if time.monotonic() - _learned.learned_at > FRESH_SECONDS:
        _learned.learned_at = time.monotonic()
        loaded = await load()
        _learned.owners = _learned.owners if loaded is None else loaded
    return _learned.owners.get(split_domain_port(host)[0])


def forget() -> None:
    """Learn anew at the next request."""
    _learned.learned_at = float("-inf")


def _given() -> list[str]:
    return list(list.__iter__(settings.ALLOWED_HOSTS))
