"""Shares out the room for large bodies: so much for each tenant, so much for all, first come, first served."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from chatcms.server.exceptions import AllPlacesTakenError, TenantsPlacesTakenError
from chatcms.server.limits import LARGEST_AT_ONCE, MAX_WAITING, MAX_WAITING_OF_ONE, TURN_SECONDS
from chatcms.server.sizes import largest_of_all


@dataclass(eq=False, slots=True)
class Place:
    """Room for one body, for as long as it lies here."""

    owner: str
    size: int
    granted: asyncio.Event = field(default_factory=asyncio.Event)


class Places:
    """The room of one process. It belongs to one event loop.

    Whoever does not fit waits. Of one owner nobody overtakes; of all, a large body that waits for room is not
    overtaken by smaller ones either, so that its turn comes.
    """

    def __init__(self, *, of_one: int, in_all: int, seconds: float = TURN_SECONDS) -> None:
        self._of_one = of_one
        self._in_all = in_all
        self._seconds = seconds
        self._held: Counter[str] = Counter()
        self._waiting: dict[Place, None] = {}

    @property
    def held_bytes(self) -> int:
        """How much room is given to bodies now."""
        return self._held.total()

    async def take(self, owner: str, size: int) -> Place:
        """Return room for a body, to be given back; waits for it, but not for long.

        Raises `TenantsPlacesTakenError` or `AllPlacesTakenError`, as the one or the other has no room.
        """
        self._check_line(owner)
        place, is_in = Place(owner, size), False
        self._waiting[place] = None
        self._grant()
        try:
            async with asyncio.timeout(self._seconds):
                await place.granted.wait()
            is_in = True
        except TimeoutError:
            raise self._refusal(place) from None
        finally:
            if not is_in:
                self._leave(place)
        return place

    def shrink(self, place: Place, size: int) -> None:
        """Give back what the body does not need after all."""
        self._held[place.owner] -= place.size - size
        place.size = size
        self._grant()

    def give_back(self, place: Place) -> None:
        """Give all of the room back; a second time changes nothing."""
        self.shrink(place, 0)
        if not self._held[place.owner]:
            del self._held[place.owner]

    def _check_line(self, owner: str) -> None:
        if sum(one.owner == owner for one in self._waiting) >= MAX_WAITING_OF_ONE:
            raise TenantsPlacesTakenError
        if len(self._waiting) >= MAX_WAITING:
            raise AllPlacesTakenError

    def _leave(self, place: Place) -> None:
        if place.granted.is_set():
            self.give_back(place)
            return
        del self._waiting[place]
        self._grant()

    def _refusal(self, place: Place) -> TenantsPlacesTakenError | AllPlacesTakenError:
        is_own = self._held[place.owner] + place.size > self._of_one
        return TenantsPlacesTakenError() if is_own else AllPlacesTakenError()

    def _grant(self) -> None:
        """Let in from the head of the line whoever fits."""
        stopped: set[str] = set()
        for place in list(self._waiting):
            if place.owner in stopped or self._held[place.owner] + place.size > self._of_one:
                stopped.add(place.owner)
            elif self.held_bytes + place.size > self._in_all:
                return
            else:
                self._held[place.owner] += place.size
                del self._waiting[place]
                place.granted.set()


@lru_cache(maxsize=1)
def places() -> Places:
    """Return the room of this process."""
    return Places(of_one=largest_of_all(), in_all=largest_of_all() * LARGEST_AT_ONCE)
