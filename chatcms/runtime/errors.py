"""The one kind of error the runtime shows to a person: what is wrong and how to cure it."""

from __future__ import annotations


class RuntimeProblem(Exception):
    """Something a person can put right; printed as one line, without a traceback."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} Cure: {cure}")
        self.what = what
        self.cure = cure
