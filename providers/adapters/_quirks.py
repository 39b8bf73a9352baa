"""Learns from a refusal how a server wants to be asked, so that the request is made again at once, and remembers it.

Servers that speak one vendor's API take other settings, model by model, and have it at other paths.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from providers.exceptions import (
    ProviderBadRequest,
    ProviderBadResponse,
    ProviderError,
    ProviderHasNoApi,
    ProviderMisconfigured,
)

_MAX_REMEMBERED = 2048
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


class Quirks:
    """What servers were found to reject and where their API is, for as long as the process lives."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rejected: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()
        self._places: OrderedDict[str, str] = OrderedDict()

    def fitted(self, body: dict[str, Any], address: str) -> dict[str, Any]:
        """Return a request without the settings that the server rejects for its model, or under their other name."""
        rejected = self._rejected.get((address, str(body.get("model"))), frozenset())
        kept = {name: value for name, value in body.items() if name not in rejected}
        for name in rejected & body.keys():
            other = _OTHER_NAME.get(name)
            if other is not None and other not in rejected:
                kept[other] = body[name]
        return kept

    def reject(self, address: str, model: str, name: str) -> None:
        """Remember that a server takes no such setting for a model."""
        with self._lock:
            known = self._rejected.pop((address, model), frozenset())
            self._rejected[address, model] = known | {name}
            if len(self._rejected) > _MAX_REMEMBERED:
                self._rejected.popitem(last=False)

    def place_of(self, address: str) -> str:
        """Return where the API of an address is: there, unless it was found elsewhere."""
        return self._places.get(address, address)

    def found_at(self, address: str, place: str) -> None:
        """Remember where the API of an address is."""
        with self._lock:
            self._places[address] = place
            if len(self._places) > _MAX_REMEMBERED:
                self._places.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rejected.clear()
            self._places.clear()


QUIRKS = Quirks()


class Adjustment:
    """What one call has learned so far. `place` is where to send the next try."""

    def __init__(self, places: Sequence[str], spared: frozenset[str]) -> None:
        """`places` are where the API may be, the likeliest first; `spared` the settings that can be done without."""
        self._places = places
        self._spared = spared
        self._missed: ProviderError | None = None
        self.place = QUIRKS.place_of(places[0])

    def adjusts(self, failure: ProviderError, sent: Mapping[str, Any]) -> bool:
        """Learn from a failure of the request that was sent; return whether another try differs from it."""
        if isinstance(failure, ProviderHasNoApi):
            return self._moves(failure)
        if not isinstance(failure, ProviderBadRequest) or not failure.unsupported:
            return False
        if failure.param not in self._spared or failure.param not in sent:
            return False
        QUIRKS.reject(self._places[0], str(sent.get("model")), failure.param)
        return True

    def _moves(self, failure: ProviderError) -> bool:
        others = [place for place in self._places if place != self.place]
        if self._missed is not None or not others:
            return False
        self._missed, self.place = failure, others[0]
        return True

    def succeeded(self) -> None:
        """Remember where the API is, if it was not where it usually is."""
        if self._missed is not None:
            QUIRKS.found_at(self._places[0], self.place)

    def told(self, failure: ProviderError) -> ProviderError:
        """Return the failure to tell: that there is no API, where the other place had none either."""
        nothing_there = isinstance(failure, ProviderBadResponse | ProviderMisconfigured)
        return self._missed if self._missed is not None and nothing_there else failure
