"""Writes an answer as a response: items, and the typed events that tell of them in OpenAI's order."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat.money.pricing import UsageKnown
from chat.turns.api.openai.annotations import annotations_of
from chat.turns.api.openai.replies import extras_of
from chat.turns.api.openai.responses.ids import call_item_id, message_item_id, response_id
from chat.turns.engine.gathered import Gathered
from chat.turns.events import MODEL, Delta, Done, Failed, Refused, ToolCalled, TurnEvent
from chatcms.core.api import problems
from chatcms.core.api.openaierrors import from_problem
from providers.messages import ToolCallPart
from tenants.types import Actor

Document = dict[str, Any]
# Why an answer is not whole, in the protocol's words
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_FAILURES = {429: "rate_limit_exceeded"}


@dataclass(frozen=True, slots=True)
class WrittenResponse:
    """What of its request a response needs: `shown` is repeated in it; with `has_form` JSON was asked for."""

    model: str
    shown: Mapping[str, Any]
    has_form: bool


class ResponseWriter:
    """Takes the events of one turn, and gives those of its response; `document` is the response as far as it has come.

    With `written.has_form` what the bot says without its model is a refusal.
    """

    def __init__(
        self,
        *,
        conversation_id: UUID,
        message_id: UUID,
        written: WrittenResponse,
        created: int,
        by: Actor,
    ) -> None:
        self.gathered = Gathered()
        self.conversation_id = conversation_id
        self.message_id = message_id
        self._by = by
        self._has_form = written.has_form
        self._sequence = 0
        self._output: list[Document] = []
        self._open: _Words | None = None
        self._fixed = {
            "id": response_id(message_id),
            "object": "response",
            "created_at": created,
            "model": written.model,
            "background": False,
            "conversation": {"id": f"conv_{conversation_id.hex}"},
            "reasoning": {"effort": None, "summary": None},
            "service_tier": "default",
            "store": True,
            "truncation": "disabled",
            **written.shown,
        }

    def begin(self) -> Iterator[Document]:
        """Yield the events before the first word."""
        yield self._event("response.created", response=self.document())
        yield self._event("response.in_progress", response=self.document())

    def take(self, event: TurnEvent) -> Iterator[Document]:
        """Yield what an event of the turn means."""
        self.gathered.note(event)
        match event:
            case Delta(text):
                yield from self._say(text)
            case Refused(text):
                yield from self._refuse(text)
            case ToolCalled(part):
                yield from self._close()
                yield from self._call(part)
            case Done() | Failed():
                yield from self._close()
                document = self.document()
                yield self._event(f"response.{document['status']}", response=document)

    def whole(self, events: Iterable[TurnEvent]) -> Document:
        """Return the response that these events come to."""
        for event in events:
            for _ in self.take(event):
                pass
        return self.document()

    def document(self) -> Document:
        """Return the response as it is now."""
        done, failed, usage = self.gathered.done, self.gathered.failed, self.gathered.usage
        reason = _INCOMPLETE.get(done.finish_reason) if done else None
        status = "failed" if failed else "in_progress" if done is None else "incomplete" if reason else "completed"
        return {
            **self._fixed,
            "status": status,
            "error": _error_of(failed) if failed else None,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [*self._output],
            "usage": _usage_of(usage) if usage and status != "in_progress" else None,
            "chatcms": extras_of(self.gathered, self.conversation_id, self.message_id),
        }

    @property
    def _is_no_model(self) -> bool:
        done = self.gathered.done
        is_own = done.answered_by != MODEL if done else self.gathered.retrieved.prompt_tokens == 0
        return self._has_form and is_own

    def _event(self, kind: str, /, **members: Any) -> Document:
        self._sequence += 1
        return {"type": kind, "sequence_number": self._sequence - 1, **members}

    def _say(self, text: str) -> Iterator[Document]:
        if self._open is None:
            yield from self._open_words("refusal" if self._is_no_model else "output_text")
        words = self._open
        assert words is not None  # noqa: S101 - opened just now
        words.text += text
        extra: Document = {"logprobs": []} if words.kind == "output_text" else {}
        yield self._event(f"response.{words.kind}.delta", **words.place, delta=text, **extra)

    def _refuse(self, text: str) -> Iterator[Document]:
        """The last words were a refusal: a part of its own takes their place."""
        words = self._open
        if words is None or words.kind == "refusal":
            return
        said = words.text.removesuffix(text)
        yield from self._end_part(words)
        words.parts = [self._shown(words.kind, said)] if said else []
        words.text, words.kind = "", "refusal"
        words.place["content_index"] += 1
        yield self._event("response.content_part.added", **words.place, part=self._shown("refusal", ""))
        words.text = text
        yield self._event("response.refusal.delta", **words.place, delta=text)

    def _open_words(self, kind: str) -> Iterator[Document]:
        index = len(self._output)
        words = self._open = _Words(kind, message_item_id(self.message_id, index), index)
        yield self._event("response.output_item.added", output_index=index, item=words.item("in_progress"))
        yield self._event("response.content_part.added", **words.place, part=self._shown(kind, ""))

    def _close(self) -> Iterator[Document]:
        words, self._open = self._open, None
        if words is None:
            return
        words.parts.append((yield from self._end_part(words)))
        item = words.item("incomplete" if self._is_cut else "completed")
        self._output.append(item)
        yield self._event("response.output_item.done", output_index=words.index, item=item)

    @property
    def _is_cut(self) -> bool:
        done = self.gathered.done
        return self.gathered.failed is not None or (done is not None and done.finish_reason in _INCOMPLETE)

    def _end_part(self, words: _Words) -> Generator[Document, None, Document]:
        part = self._shown(words.kind, words.text)
        for index, annotation in enumerate(part.get("annotations", [])):
            yield self._event(
                "response.output_text.annotation.added", **words.place, annotation_index=index, annotation=annotation
            )
        if words.kind == "refusal":
            yield self._event("response.refusal.done", **words.place, refusal=words.text)
        else:
            yield self._event("response.output_text.done", **words.place, text=words.text, logprobs=[])
        yield self._event("response.content_part.done", **words.place, part=part)
        return part

    def _shown(self, kind: str, text: str) -> Document:
        if kind == "refusal":
            return {"type": "refusal", "refusal": text}
        found = annotations_of(self.gathered, text, by=self._by) if text else []
        annotations = [{"type": "url_citation", **one.shown()} for one in found]
        return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}

    def _call(self, part: ToolCallPart) -> Iterator[Document]:
        index = len(self._output)
        item_id = call_item_id(self.message_id, index)
        item = {"id": item_id, "type": "function_call", "call_id": part.id, "name": part.name}
        place = {"item_id": item_id, "output_index": index}
        begun = {**item, "arguments": "", "status": "in_progress"}
        yield self._event("response.output_item.added", output_index=index, item=begun)
        yield self._event("response.function_call_arguments.delta", **place, delta=part.arguments)
        arguments = {"arguments": part.arguments}
        yield self._event("response.function_call_arguments.done", **place, name=part.name, **arguments)
        whole = {**item, **arguments, "status": "completed"}
        self._output.append(whole)
        yield self._event("response.output_item.done", output_index=index, item=whole)


class _Words:
    """An item of words that is being written, and the part of it that is."""

    def __init__(self, kind: str, item_id: str, index: int) -> None:
        self.kind = kind
        self.index = index
        self.text = ""
        self.parts: list[Document] = []
        self.place: Document = {"item_id": item_id, "output_index": index, "content_index": 0}

    def item(self, status: str) -> Document:
        """Return the item as it is now."""
        item_id = self.place["item_id"]
        return {"id": item_id, "type": "message", "role": "assistant", "status": status, "content": [*self.parts]}


def _error_of(failed: Failed) -> Document:
    status, body, _ = from_problem(problems.problem_of(failed.error))
    return {"code": _FAILURES.get(status, "server_error"), "message": body["error"]["message"]}


def _usage_of(usage: UsageKnown) -> Document:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
