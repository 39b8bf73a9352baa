"""Shapes of responses, their items and their events."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field

from chat.turns.api.openai.documents import CompletionExtrasSerializer, UrlCitationSerializer
from chatcms.core.api import serializers
from chatcms.core.api.openapi_events import event, events

STATUSES = ["in_progress", "completed", "incomplete", "failed"]
ITEM_STATUSES = ["in_progress", "completed", "incomplete"]


@extend_schema_field(OpenApiTypes.ANY)
class SentField(serializers.Field[Any, Any, Any, Any]):
    """What the request sent, as it was sent."""

    def to_representation(self, value: Any) -> Any:
        """Return it as it is."""
        return value


@extend_schema_field({"type": "array", "items": {"type": "object"}, "maxItems": 0})
class NothingListField(SentField):
    """A list that OpenAI fills and that is empty here."""


class ResponseAnnotationSerializer(UrlCitationSerializer):
    """A source, and the place in the text that points to it."""

    type = serializers.Constant("url_citation", help_text="Always `url_citation`.")


class OutputTextSerializer(serializers.Serializer[Any]):
    """Words of an answer."""

    type = serializers.Constant("output_text", help_text="Always `output_text`.")
    text = serializers.CharField(help_text="The words, in Markdown; a mark such as `[1]` points to a source.")
    annotations = ResponseAnnotationSerializer(many=True, help_text="The sources.")
    logprobs = NothingListField(help_text="Always empty: bots give none.")


class OutputRefusalSerializer(serializers.Serializer[Any]):
    """Words in which the model declines, or the bot where JSON was asked for."""

    type = serializers.Constant("refusal", help_text="Always `refusal`.")
    refusal = serializers.CharField(help_text="The words.")


OUTPUT_PART = PolymorphicProxySerializer(
    component_name="OutputPart",
    serializers=[OutputTextSerializer, OutputRefusalSerializer],
    resource_type_field_name=None,
)


@extend_schema_field(OUTPUT_PART)
class OutputPartField(SentField):
    """A part of an answer's words."""


class OutputMessageSerializer(serializers.Serializer[Any]):
    """An item that is words."""

    id = serializers.CharField(help_text="What an `item_reference` names.")
    type = serializers.Constant("message", help_text="Always `message`.")
    role = serializers.Constant("assistant", help_text="Always `assistant`.")
    status = serializers.ChoiceField(choices=ITEM_STATUSES, help_text="How far it has come.")
    content = serializers.ListField(child=OutputPartField(), help_text="Its parts.")


class FunctionCallSerializer(serializers.Serializer[Any]):
    """An item that is a call for the caller to carry out."""

    id = serializers.CharField(help_text="What an `item_reference` names.")
    type = serializers.Constant("function_call", help_text="Always `function_call`.")
    call_id = serializers.CharField(help_text="What the result, a `function_call_output`, has to name.")
    name = serializers.CharField(help_text="The function.")
    arguments = serializers.CharField(help_text="The arguments, JSON as the model wrote it, which may be broken.")
    status = serializers.ChoiceField(choices=ITEM_STATUSES, help_text="How far it has come.")


OUTPUT_ITEM = PolymorphicProxySerializer(
    component_name="OutputItem",
    serializers=[OutputMessageSerializer, FunctionCallSerializer],
    resource_type_field_name=None,
)


@extend_schema_field(OUTPUT_ITEM)
class OutputItemField(SentField):
    """An item of an answer."""


class InputTokensSerializer(serializers.Serializer[Any]):
    """What the tokens of the prompt are made of."""

    cached_tokens = serializers.IntegerField(help_text="Those that were read from the vendor's cache.")
    cache_write_tokens = serializers.IntegerField(help_text="Those that were written to the vendor's cache.")


class OutputTokensSerializer(serializers.Serializer[Any]):
    """What the tokens of the answer are made of."""

    reasoning_tokens = serializers.IntegerField(help_text="Those that were spent on thoughts, which nobody is shown.")


class ResponseUsageSerializer(serializers.Serializer[Any]):
    """What a response used."""

    input_tokens = serializers.IntegerField(help_text="Tokens of all that the model was sent.")
    input_tokens_details = InputTokensSerializer(help_text="What these are made of.")
    output_tokens = serializers.IntegerField(help_text="Tokens of the answer.")
    output_tokens_details = OutputTokensSerializer(help_text="What these are made of.")
    total_tokens = serializers.IntegerField(help_text="The sum of both.")


class ResponseFailureSerializer(serializers.Serializer[Any]):
    """Why there is no answer, or no more of it."""

    code = serializers.CharField(help_text="`server_error` or `rate_limit_exceeded`.")
    message = serializers.CharField(help_text="What is wrong and what helps, in a sentence.")


class IncompleteSerializer(serializers.Serializer[Any]):
    """Why the answer is not whole."""

    reason = serializers.CharField(help_text="`max_output_tokens` or `content_filter`.")


class ResponseConversationSerializer(serializers.Serializer[Any]):
    """Where the turn was saved."""

    id = serializers.CharField(help_text="What `conversation` of the next request may name.")


class NoReasoningSerializer(serializers.Serializer[Any]):
    """What OpenAI tells of a model's thoughts."""

    effort = serializers.CharField(allow_null=True, help_text="Always null.")
    summary = serializers.CharField(allow_null=True, help_text="Always null: thoughts are shown to nobody.")


class OpenAIResponseSerializer(serializers.Serializer[Any]):
    """A response, as OpenAI writes it."""

    id = serializers.CharField(help_text="The id of the response: `resp_` and that of the message.")
    object = serializers.Constant("response", help_text="Always `response`.")
    created_at = serializers.IntegerField(help_text="When it was begun, in seconds since 1970.")
    status = serializers.ChoiceField(choices=STATUSES, help_text="How far it has come.")
    model = serializers.CharField(help_text="The bot, as it was named.")
    output = serializers.ListField(child=OutputItemField(), help_text="The items of the answer.")
    error = ResponseFailureSerializer(allow_null=True, help_text="Why it failed; null if it did not.")
    incomplete_details = IncompleteSerializer(allow_null=True, help_text="Why it is not whole; null if it is.")
    usage = ResponseUsageSerializer(allow_null=True, help_text="What it used; null before its end.")
    previous_response_id = serializers.CharField(allow_null=True, help_text="The response that it went on from.")
    conversation = ResponseConversationSerializer(help_text="The conversation that the turn was saved in.")
    chatcms = CompletionExtrasSerializer(help_text="Sources, and where the turn was saved.")
    background = serializers.BooleanField(help_text="Always false.")
    instructions = serializers.CharField(allow_null=True, help_text="The instructions that were sent.")
    max_output_tokens = serializers.IntegerField(allow_null=True, help_text="The limit that was sent.")
    metadata = SentField(help_text="The metadata that were sent.")
    parallel_tool_calls = serializers.BooleanField(help_text="Whether several tools might be called at once.")
    reasoning = NoReasoningSerializer(help_text="Thoughts, which are not shown.")
    service_tier = serializers.Constant("default", help_text="Always `default`.")
    store = serializers.BooleanField(help_text="Always true: every turn is kept.")
    temperature = serializers.FloatField(allow_null=True, help_text="The temperature that was sent.")
    text = SentField(help_text="The form of the answer that was asked for.")
    tool_choice = SentField(help_text="The choice among tools that was sent.")
    tools = serializers.ListField(child=SentField(), help_text="The tools that were sent.")
    top_p = serializers.FloatField(allow_null=True, help_text="What was sent; it does nothing.")
    truncation = serializers.Constant("disabled", help_text="Always `disabled`.")
    user = serializers.CharField(allow_null=True, help_text="The user that was sent.")


def _string(text: str) -> serializers.CharField:
    return serializers.CharField(help_text=text)


def _number(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=text)


Members = dict[str, serializers.Field[Any, Any, Any, Any] | serializers.Serializer[Any]]
_RESPONSE: Members = {"response": OpenAIResponseSerializer(help_text="The response as it is then.")}
_ITEM: Members = {
    "output_index": _number("The item's place in `output`."),
    "item": OutputItemField(help_text="The item as it is then."),
}
_OF_ITEM: Members = {
    "item_id": _string("The item that it is of."),
    "output_index": _number("The item's place in `output`."),
}
_OF_PART: Members = {**_OF_ITEM, "content_index": _number("The part's place in the item.")}
_PART: Members = {**_OF_PART, "part": OutputPartField(help_text="The part as it is then.")}
_LOGPROBS: Members = {"logprobs": NothingListField(help_text="Always empty: bots give none.")}
_ANNOTATION: Members = {
    "annotation_index": _number("The annotation's place in the part."),
    "annotation": ResponseAnnotationSerializer(help_text="The source."),
}
_EVENTS: dict[str, tuple[str, Members]] = {
    "response.created": ("The question is saved.", _RESPONSE),
    "response.in_progress": ("The answer is being made.", _RESPONSE),
    "response.output_item.added": ("An item begins.", _ITEM),
    "response.content_part.added": ("A part of an item of words begins.", _PART),
    "response.output_text.delta": (
        "A piece of words.",
        {**_OF_PART, "delta": _string("What to append."), **_LOGPROBS},
    ),
    "response.output_text.annotation.added": ("A source of a text that is whole.", {**_OF_PART, **_ANNOTATION}),
    "response.output_text.done": ("A text is whole.", {**_OF_PART, "text": _string("The whole text."), **_LOGPROBS}),
    "response.refusal.delta": ("A piece of a refusal.", {**_OF_PART, "delta": _string("What to append.")}),
    "response.refusal.done": ("A refusal is whole.", {**_OF_PART, "refusal": _string("The whole refusal.")}),
    "response.content_part.done": ("A part is whole.", _PART),
    "response.function_call_arguments.delta": (
        "A piece of a call's arguments.",
        {**_OF_ITEM, "delta": _string("What to append.")},
    ),
    "response.function_call_arguments.done": (
        "A call's arguments are whole.",
        {**_OF_ITEM, "name": _string("The function."), "arguments": _string("All the arguments.")},
    ),
    "response.output_item.done": ("An item is whole.", _ITEM),
    "response.completed": ("The answer has ended: the last event.", _RESPONSE),
    "response.incomplete": ("The answer has ended before it was whole: the last event.", _RESPONSE),
    "response.failed": ("The answer has failed: the last event.", _RESPONSE),
}


def _described(name: str, about: str, members: Members) -> type[serializers.Serializer[Any]]:
    component = "OpenAI" + "".join(word.title() for word in re.split(r"[._]", name))
    fields = {
        "type": serializers.Constant(name, help_text="The name of the event once more."),
        "sequence_number": serializers.IntegerField(help_text="The event's place among the response's, from 0."),
        **members,
        "__doc__": about,
        "__module__": __name__,
    }
    data = type(f"{component}DataSerializer", (serializers.Serializer,), fields)
    return event(f"{component}Event", name, data, about=about)


RESPONSE_EVENTS = events(
    "OpenAIResponseEvent", [_described(name, about, members) for name, (about, members) in _EVENTS.items()]
)
