"""Serves what became of a question to its reader: the one way from an entered question to a response."""

from __future__ import annotations

from django.http import HttpResponseBase

from chat.turns.entrance import Entered, Known, Left, Started
from chat.turns.live.reader import AnswerReader
from chat.turns.services.resumption import reading
from chat.turns.services.run import begin
from chat.turns.serving.faces import Face
from chat.turns.serving.loop import LoopResponse


class TurnResponse(LoopResponse):
    """The response to a question that came in, as a face writes it; made on the event loop."""

    def __init__(self, entered: Entered, face: Face) -> None:
        super().__init__()
        self._entered = entered
        self._face = face
        if isinstance(entered, Known | Left) and entered.is_repeated:
            self.headers["Idempotency-Replayed"] = "true"

    async def made(self) -> HttpResponseBase:
        """Begin the answer, or come back to it, and write it; a question that was left waits for a person."""
        reader: AnswerReader
        match self._entered:
            case Left():
                return self._face.left(self._entered)
            case Started(turn):
                reader = begin(turn)
            case Known():
                reader = reading(self._entered)
        try:
            return await self._face.answered(reader)
        except BaseException:
            await reader.aclose()
            raise

    def abandon(self) -> None:
        """Nobody is there to read the answer any more: one that was to be made is ended."""
        if isinstance(self._entered, Started):
            begin(self._entered.turn).leave()
