"""How the API shows parts of messages that are more than words."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers

PART_TYPES = ["text", "image", "file", "tool_call", "tool_result", "refusal"]


class PartSerializer(serializers.Serializer[Any]):
    """A part of a message; which further members there are follows from its type."""

    type = serializers.ChoiceField(choices=PART_TYPES, help_text="What it is.")
    text = serializers.CharField(required=False, help_text="The words of a text, a refusal or a tool's result.")
    id = serializers.CharField(required=False, help_text="Of a call: what its result has to name.")
    name = serializers.CharField(required=False, help_text="Of a call: the tool. Of a file: its name.")
    call_id = serializers.CharField(required=False, help_text="Of a tool's result: the call that it came of.")
    is_error = serializers.BooleanField(required=False, help_text="Of a tool's result: whether the tool failed.")
    media_type = serializers.CharField(required=False, help_text="Of an image or a file: its media type.")
    data = serializers.CharField(  # type: ignore[assignment]  # a field, which the metaclass takes out of the class
        required=False, help_text="Of an image or a file: its bytes, base64."
    )
    url = serializers.CharField(required=False, help_text="Of an image: the address it is at, in place of `data`.")
    detail = serializers.CharField(
        required=False, help_text="Of an image: how closely the model was to look; absent where it chose."
    )
    arguments = serializers.CharField(required=False, help_text="Of a call: the arguments, JSON as the model wrote it.")


class AnswerPartSerializer(PartSerializer):
    """A part of an answer that is more than words, once it is whole; a refusal's words came as `delta` before."""

    index = serializers.IntegerField(help_text="Its place among the parts of the answer, from 0; words are parts too.")
