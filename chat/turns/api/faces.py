"""Chooses how the product's own routes write an answer: whole, or as a stream."""

from __future__ import annotations

from chat.turns.api.base import TurnAPIView
from chat.turns.entrance import Entered, Started
from chat.turns.live.position import START, Position
from chat.turns.serving.events import DocumentFace, EventsFace
from chat.turns.serving.faces import Face
from chatcms.core.api.rendering import EventStreamRenderer


def face_for(view: TurnAPIView, entered: Entered, *, stream: bool, after: Position) -> Face:
    """Return the face that a request asks for; of an answer that was begun before it has what lies up to `after`."""
    if not stream and view.request.accepted_media_type != EventStreamRenderer.media_type:
        return DocumentFace(by=view.actor)
    return EventsFace(by=view.actor, after=START if isinstance(entered, Started) else after)
