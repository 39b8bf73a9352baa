"""A question as programs and pages send it, checked."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers

LONGEST_QUESTION = 8000


class IfDisconnectedField(serializers.ChoiceField):
    """What becomes of an answer whose reader goes away."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=["stop", "finish"],
            default="stop",
            help_text="What becomes of the answer when its reader goes away: stopped there, or finished and kept.",
            **options,
        )


class QuestionSerializer(serializers.Serializer[Any]):
    """A question to a bot."""

    message = serializers.CharField(max_length=LONGEST_QUESTION, help_text="The question.")
    conversation_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A conversation of yours to go on with; null or left out begins a new one.",
    )
    stream = serializers.BooleanField(
        default=False, help_text="Whether the answer comes as server-sent events; else as one document."
    )
    if_disconnected = IfDisconnectedField()
