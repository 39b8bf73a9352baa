"""The one kind of error the runtime shows to a person: what is wrong and how to cure it."""

from __future__ import annotations


class SetupError(Exception):
    """Something a person can put right; printed as one line, without a traceback.

    `detail` is printed below that line: the end of a log, for example.
    """

    def __init__(self, what: str, cure: str, detail: str = "") -> None:
        super().__init__(f"{what} Cure: {cure}")
        self.detail = detail
