"""Shapes of what OpenAI's protocol answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field

from chat.turns.api.serializers import ABOUT_CONSULTED, ABOUT_HAS_EVIDENCE, CitationSerializer
from chatcms.core.api import serializers

FINISH_REASONS = ["stop", "length", "content_filter", "tool_calls", "function_call"]
_FINISHED = {
    "type": ["string", "null"],
    "enum": [*FINISH_REASONS, None],
    "description": "Why the answer ends where it does; null before its end.",
}
_NULL = {"type": "null", "description": "Always null: there are none."}


@extend_schema_field(_FINISHED)
class FinishReasonField(serializers.Field[Any, Any, Any, Any]):
    """Why an answer ends where it does."""


@extend_schema_field(_NULL)
class NullField(serializers.Field[Any, Any, Any, Any]):
    """What OpenAI's protocol has and bots have not."""


class PromptTokensSerializer(serializers.Serializer[Any]):
    """What the tokens of the prompt are made of."""

    cached_tokens = serializers.IntegerField(help_text="Those that were read from the vendor's cache.")
    audio_tokens = serializers.IntegerField(help_text="Always 0.")


class CompletionTokensSerializer(serializers.Serializer[Any]):
    """What the tokens of the answer are made of."""

    reasoning_tokens = serializers.IntegerField(help_text="Those that were spent on thoughts, which nobody is shown.")
    audio_tokens = serializers.IntegerField(help_text="Always 0.")
    accepted_prediction_tokens = serializers.IntegerField(help_text="Always 0.")
    rejected_prediction_tokens = serializers.IntegerField(help_text="Always 0.")


class CompletionUsageSerializer(serializers.Serializer[Any]):
    """What an answer used."""

    prompt_tokens = serializers.IntegerField(help_text="Tokens of all that the model was sent.")
    completion_tokens = serializers.IntegerField(help_text="Tokens of the answer.")
    total_tokens = serializers.IntegerField(help_text="The sum of both.")
    prompt_tokens_details = PromptTokensSerializer(help_text="What the tokens of the prompt are made of.")
    completion_tokens_details = CompletionTokensSerializer(help_text="What the tokens of the answer are made of.")


class CompletionExtrasSerializer(serializers.Serializer[Any]):
    """What OpenAI's protocol has no place for; its clients ignore it."""

    conversation_id = serializers.UUIDField(help_text="The conversation that the turn was saved in.")
    message_id = serializers.UUIDField(help_text="The answer as a message of the conversation.")
    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
    citations = CitationSerializer(many=True, help_text="Where the marks in the answer point to.")
    consulted = CitationSerializer(many=True, help_text=ABOUT_CONSULTED)


class UrlCitationSerializer(serializers.Serializer[Any]):
    """A source, and the place in the answer that points to it."""

    start_index = serializers.IntegerField(help_text="The first character of the mark; the text's end without one.")
    end_index = serializers.IntegerField(help_text="The character after the mark's last.")
    title = serializers.CharField(help_text="The document's name, with the page.")
    url = serializers.CharField(
        help_text="Where the document was fetched from, or else its download here, for keys that may read datasets."
    )


class AnnotationSerializer(serializers.Serializer[Any]):
    """What is said of a place in the answer."""

    type = serializers.Constant("url_citation", help_text="Always `url_citation`.")
    url_citation = UrlCitationSerializer(help_text="The source.")


class CalledFunctionSerializer(serializers.Serializer[Any]):
    """What the model wants to be called."""

    name = serializers.CharField(help_text="The function.")
    arguments = serializers.CharField(help_text="The arguments, JSON as the model wrote it, which may be broken.")


class ToolCallSerializer(serializers.Serializer[Any]):
    """A call that the caller is to carry out."""

    id = serializers.CharField(help_text="What the result has to name.")
    type = serializers.Constant("function", help_text="Always `function`.")
    function = CalledFunctionSerializer(help_text="What is to be called.")


class ToolCallDeltaSerializer(ToolCallSerializer):
    """A call, whole; calls come one a chunk."""

    index = serializers.IntegerField(help_text="Its place among the calls, from 0.")


class CompletionMessageSerializer(serializers.Serializer[Any]):
    """The answer."""

    role = serializers.Constant("assistant", help_text="Always `assistant`.")
    content = serializers.CharField(
        allow_null=True,
        help_text="The answer, in Markdown; a mark such as `[1]` points to the citation of that number. Null when "
        "there are no words beside calls of tools or a refusal.",
    )
    refusal = serializers.CharField(
        allow_null=True,
        help_text="The words in which the model declines, or the bot where JSON was asked for; null otherwise.",
    )
    annotations = AnnotationSerializer(many=True, help_text="The sources.")
    tool_calls = ToolCallSerializer(many=True, required=False, help_text="Calls to carry out; absent for none.")
    function_call = CalledFunctionSerializer(
        required=False, help_text="With `functions`, the older name of `tools`: the call to carry out."
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
    refusal = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="In the first chunk null; later the words in which the model declined, which came as `content` too.",
    )
    tool_calls = ToolCallDeltaSerializer(many=True, required=False, help_text="A call to carry out.")
    function_call = CalledFunctionSerializer(
        required=False, help_text="With `functions`, the older name of `tools`: the call to carry out."
    )
    annotations = AnnotationSerializer(many=True, required=False, help_text="Before the last chunk: the sources.")


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
