"""Starts again what has died: web server, worker, scheduler, and the embedded PostgreSQL and Valkey.

It goes by the records in var/run, so it takes on what `start-all.sh` has started, whoever its parent is. A process that
was stopped on purpose has no record any more. A process that dies again soon is started after a growing pause. The
supervisor itself is started again by `start-all.sh`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import postgres, programs, valkey
from .errors import SetupError
from .lock import if_free
from .paths import Layout
from .processes import Record, living, read_record
from .services import start_services

NAME = programs.SUPERVISOR
POLL_SECONDS = 1.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
# A process that has lived for so long has recovered.
STEADY_SECONDS = 60.0

Start = Callable[[Layout, Mapping[str, str], str], object]


def _start_database(place: Layout, settings: Mapping[str, str], stamp: str) -> None:
    start_services(place.var, cache=False)


def _start_cache(place: Layout, settings: Mapping[str, str], stamp: str) -> None:
    start_services(place.var, database=False)


# Services first: the others need them.
STARTS: dict[str, Start] = {postgres.NAME: _start_database, valkey.NAME: _start_cache, **programs.STARTS}


@dataclass
class Patience:
    """How long to wait before a process is started again, and when that is."""

    pause: float = FIRST_PAUSE
    due: float | None = None

    def died(self, now: float) -> None:
        """Plan the next start; the one after that waits twice as long."""
        self.due = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def lives(self, since: float) -> None:
        """Begin with short pauses again once it lives long enough."""
        self.due = None
        if since >= STEADY_SECONDS:
            self.pause = FIRST_PAUSE


class Supervisor:
    """What is known of each process."""

    def __init__(self, place: Layout, settings: Mapping[str, str]) -> None:
        self._place = place
        self._settings = settings
        self._known = {name: Patience() for name in STARTS}

    def run(self) -> None:
        """Look after all of them until another supervisor has taken over, or the folder is gone."""
        while self._is_in_charge():
            for name in STARTS:
                self.look_at(name, time.time())
            time.sleep(POLL_SECONDS)

    def look_at(self, name: str, now: float) -> None:
        """Plan the start of a process that has died, and start it when its pause is over."""
        record, known = read_record(self._place.run, name), self._known[name]
        if record is None or record.alive:
            known.lives(now - record.since if record else STEADY_SECONDS)
        elif known.due is None:
            _say(f"{name} (process {record.pid}) has died; it is started again in {known.pause:.0f} s.")
            known.died(now)
        elif now >= known.due:
            self._start(name, record, known, now)

    def _start(self, name: str, record: Record, known: Patience, now: float) -> None:
        with if_free(self._place) as is_ours:
            if not is_ours or read_record(self._place.run, name) != record:
                return  # a start or a stop is at work, or has been
            try:
                STARTS[name](self._place, self._settings, record.stamp)
            except (SetupError, OSError) as error:
                known.died(now)
                _say(f"{name} could not be started: {error}")
            else:
                known.due = None
                _say(f"{name} was started again.")

    def _is_in_charge(self) -> bool:
        record = living(self._place.run, NAME)
        return record is not None and record.pid == os.getpid()


def supervise(place: Layout, environ: Mapping[str, str]) -> None:
    """Run the supervisor in this process."""
    _say("The supervisor looks after " + ", ".join(STARTS) + ".")
    Supervisor(place, environ).run()


def _say(text: str) -> None:
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}", flush=True)
