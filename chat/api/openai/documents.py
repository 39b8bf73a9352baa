"""Shapes of what OpenAI's protocol answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field

from chat.api.serializers import ABOUT_HAS_EVIDENCE, CitationSerializer
from chatcms.core import serializers

_FINISHED = {
    "type": ["string", "null"],
    "enum": ["stop", "length", "content_filter", "tool_calls", "stopped", None],
    "description": "Why the answer ends where it does; null before its end.",
}
_NULL = {"type": "null", "description": "Always null: there are none."}


@extend_schema_field(_FINISHED)
class FinishReasonField(serializers.Field[Any, Any, Any, Any]):
    """Why an answer ends where it does."""


@extend_schema_field(_NULL)
class NullField(serializers.Field[Any, Any, Any, Any]):
    """What OpenAI's protocol has and bots have not."""


class CompletionUsageSerializer(serializers.Serializer[Any]):
    """What an answer used."""

    prompt_tokens = serializers.IntegerField(help_text="Tokens of all that the model was sent.")
    completion_tokens = serializers.IntegerField(help_text="Tokens of the answer.")
    total_tokens = serializers.IntegerField(help_text="The sum of both.")


class CompletionExtrasSerializer(serializers.Serializer[Any]):
    """What OpenAI's protocol has no place for; its clients ignore it."""

    conversation_id = serializers.UUIDField(help_text="The conversation that the turn was saved in.")
    message_id = serializers.UUIDField(help_text="The answer as a message of the conversation.")
    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
    citations = CitationSerializer(many=True, help_text="Where the marks in the answer point to.")


class CompletionMessageSerializer(serializers.Serializer[Any]):
    """The answer."""

    role = serializers.Constant("assistant", help_text="Always `assistant`.")
    content = serializers.CharField(
        help_text="The answer, in Markdown; a mark such as `[1]` points to the citation of that number."
    )
    refusal = NullField(help_text="Always null: a bot that does not answer says so in `content`.")
    annotations = serializers.ListField(
        child=serializers.DictField(), help_text="Always empty: sources are under `chatcms`."
    )


class CompletionChoiceSerializer(serializers.Serializer[Any]):
    """The one answer that a bot gives."""

    index = serializers.IntegerField(help_text="Always 0.")
    message = CompletionMessageSerializer(help_text="The answer.")
    logprobs = NullField(help_text="Always null: bots give none.")
    finish_reason = FinishReasonField(help_text="Why the answer ends where it does.")


class ChatCompletionSerializer(serializers.Serializer[Any]):
    """A whole answer, as OpenAI writes it."""

    id = serializers.CharField(help_text="The id of the completion: `chatcmpl-` and that of the message.")
    object = serializers.Constant("chat.completion", help_text="Always `chat.completion`.")
    created = serializers.IntegerField(help_text="When it was made, in seconds since 1970.")
    model = serializers.CharField(help_text="The bot, as it was named.")
    system_fingerprint = NullField(help_text="Always null: bots have none.")
    choices = CompletionChoiceSerializer(many=True, help_text="Always one.")
    usage = CompletionUsageSerializer(help_text="What the answer used.")
    chatcms = CompletionExtrasSerializer(help_text="Sources, and where the turn was saved.")


class ChunkDeltaSerializer(serializers.Serializer[Any]):
    """What a chunk adds to the answer; empty in the last one."""

    role = serializers.Constant("assistant", required=False, help_text="In the first chunk: `assistant`.")
    content = serializers.CharField(required=False, help_text="What to append to the answer, in Markdown.")
    refusal = NullField(required=False, help_text="In the first chunk: null.")


class ChunkChoiceSerializer(serializers.Serializer[Any]):
    """What a chunk says of the one answer."""

    index = serializers.IntegerField(help_text="Always 0.")
    delta = ChunkDeltaSerializer(help_text="What it adds.")
    logprobs = NullField(help_text="Always null: bots give none.")
    finish_reason = FinishReasonField(help_text="Why the answer ends where it does; null before its end.")


class ChatCompletionChunkSerializer(serializers.Serializer[Any]):
    """A piece of an answer, as OpenAI writes it."""

    id = serializers.CharField(help_text="The id of the completion, the same in all its chunks.")
    object = serializers.Constant("chat.completion.chunk", help_text="Always `chat.completion.chunk`.")
    created = serializers.IntegerField(help_text="When the answer was begun, in seconds since 1970.")
    model = serializers.CharField(help_text="The bot, as it was named.")
    system_fingerprint = NullField(help_text="Always null: bots have none.")
    choices = ChunkChoiceSerializer(many=True, help_text="One; none in the chunk that tells the usage.")
    usage = CompletionUsageSerializer(
        required=False,
        allow_null=True,
        help_text="With `stream_options.include_usage`: what the answer used, in the last chunk; null in the others.",
    )
    chatcms = CompletionExtrasSerializer(
        required=False, help_text="In the chunk that ends the answer: sources, and where the turn was saved."
    )


class OpenAIErrorDetailSerializer(serializers.Serializer[Any]):
    """What is wrong."""

    message = serializers.CharField(help_text="What is wrong and what helps, in a sentence.")
    type = serializers.CharField(help_text="What kind of error it is, in OpenAI's words.")
    param = serializers.CharField(allow_null=True, help_text="The parameter that is wrong; null if it is none.")
    code = serializers.CharField(help_text="Stable; decide by this one.")


class OpenAIErrorSerializer(serializers.Serializer[Any]):
    """An error, as OpenAI writes it."""

    error = OpenAIErrorDetailSerializer(help_text="What is wrong.")


class ChatCompletionChunkEventSerializer(serializers.Serializer[Any]):
    """A piece of the answer, in an event without a name."""

    data = ChatCompletionChunkSerializer(help_text="The chunk; on the wire it is JSON.")  # type: ignore[assignment]  # a field


class ChatCompletionErrorEventSerializer(serializers.Serializer[Any]):
    """The answer has failed: the last event."""

    data = OpenAIErrorSerializer(help_text="The error; on the wire it is JSON.")  # type: ignore[assignment]  # a field


class ChatCompletionEndEventSerializer(serializers.Serializer[Any]):
    """The answer has ended: the last event."""

    data = serializers.Constant("[DONE]", help_text="The word itself, which is not JSON.")  # type: ignore[assignment]  # a field


CHUNK_EVENTS = PolymorphicProxySerializer(
    component_name="ChatCompletionEvent",
    serializers=[
        ChatCompletionChunkEventSerializer,
        ChatCompletionErrorEventSerializer,
        ChatCompletionEndEventSerializer,
    ],
    resource_type_field_name=None,
)
