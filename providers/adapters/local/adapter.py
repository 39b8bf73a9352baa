"""The adapter that needs no vendor: it quotes the passages, and embeds with a model on this machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from chatcms.core.errortext import ErrorText
from providers.adapters.local.answerer import Draft
from providers.adapters.local.model import DIMS, ENGLISH, MODELS, MULTILINGUAL, LocalModel
from providers.exceptions import ProviderError, ProviderMisconfigured, ProviderModelNotFound
from providers.messages import Finish, FinishReason, PartDelta, PartEnd, PartStart, StreamEvent, TextPart, Usage
from providers.profiles import ModelProfile
from providers.profiles import check as check_profile
from providers.types import (
    AdapterFeatures,
    ChatRequest,
    CheckResult,
    EmbedKind,
    ModelInfo,
    ModelKind,
    ProviderConfig,
)

if TYPE_CHECKING:
    from providers.adapters.local.embedder import LocalEmbedder

CHAT_MODEL = "local"
EMBEDDING_MODEL = ENGLISH.model_id
# Which of the config's folders holds a model.
_FOLDERS = {ENGLISH: "model_dir", MULTILINGUAL: "multilingual_model_dir"}

_WORD = re.compile(r"\S+\s*|\s+")
_CHARACTERS_PER_TOKEN = 4
_BREATH = 16  # words between which other tasks get their turn

_CHAT = ModelInfo(CHAT_MODEL, profile=ModelProfile(temperature=False))


def _info(model: LocalModel) -> ModelInfo:
    return ModelInfo(
        model.model_id,
        kind="embedding",
        context_tokens=model.max_tokens,
        dims=DIMS,
        max_batch=64,
        profile=ModelProfile(temperature=False),
    )


_EMBEDDING = {model.model_id: _info(model) for model in MODELS.values()}


class LocalAdapter:
    """Answers by quoting and embeds on this machine; nothing leaves it.

    `extra["model_dir"]` and `extra["multilingual_model_dir"]` are the folders that `install_model` filled. Any name of
    a chat model is answered by the same rules; an embedding model only by its own name, since vectors of two models do
    not mix.
    """

    kind: ClassVar[str] = "local"
    features: ClassVar[AdapterFeatures] = AdapterFeatures(
        remote=False, embeddings=True, needs_key=False, accepts_base_url=False
    )

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config

    async def stream_chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield, word by word, what the passages of the request say on its last question."""
        check_profile(request, _CHAT)
        last = next((m.text for m in reversed(request.messages) if m.role == "user"), "")
        question = request.question or last
        answer = _before(request.stop, await self._answer(request, question))
        words = _WORD.findall(answer)
        kept = words if request.max_tokens is None else words[: request.max_tokens]
        yield PartStart(0, TextPart(""))
        for place, word in enumerate(kept):
            if place % _BREATH == 0:
                await asyncio.sleep(0)
            yield PartDelta(0, word)
        yield PartEnd(0, TextPart("".join(kept)))
        reason: FinishReason = "stop" if len(kept) == len(words) else "length"
        asked = sum(len(message.text) for message in request.messages)
        yield Finish(reason, Usage(asked // _CHARACTERS_PER_TOKEN, len(kept), estimated=True))

    async def _answer(self, request: ChatRequest, question: str) -> str:
        own = request.own_words
        if own is not None and own.reply:
            return own.reply
        draft = Draft(question, request.passages, request.before)
        asked = [f"{request.before}\n{question}", question] if request.before else [question]
        nearness = await self._nearness(asked, draft.texts)
        return draft.compose(*nearness, lead=own.lead, nothing=own.nothing) if own else draft.compose(*nearness)

    async def _nearness(self, questions: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
        """How near each text is to each question in meaning; nothing where the embedding model is not installed."""
        if not texts:
            return []
        try:
            vectors = await self.embed(model=EMBEDDING_MODEL, texts=[*questions, *texts], kind="query")
        except ProviderMisconfigured:
            return []
        others = vectors[len(questions) :]
        return [
            [sum(a * b for a, b in zip(asked, other, strict=True)) for other in others]
            for asked in vectors[: len(questions)]
        ]

    async def embed(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Return one unit vector per text, in order."""
        return await self._embedder(model).embed_async(texts, kind=kind)

    def embed_sync(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Do as `embed`, from a thread without an event loop."""
        return self._embedder(model).embed(texts, kind=kind)

    def count_tokens(self, text: str) -> int:
        """Count the English embedding model's own tokens; past 256 a text loses its tail."""
        return self._embedder(EMBEDDING_MODEL).count_tokens(text)

    async def list_models(self) -> list[ModelInfo]:
        """Return the answerer and the embedding models."""
        return [_CHAT, *_EMBEDDING.values()]

    def describe(self, model: str) -> ModelInfo:
        """Return what is known of a model."""
        return _EMBEDDING.get(model, _CHAT)

    async def check(self, model: str, *, kind: ModelKind = "chat", profile: ModelProfile | None = None) -> CheckResult:
        """Embed a word, or say that the answerer is always ready."""
        start = perf_counter()
        try:
            if kind == "embedding":
                await self.embed(model=model, texts=["Hello"], kind="query")
        except ProviderError as error:
            return CheckResult(False, error.detail, model, _since(start), error.code)
        return CheckResult(True, "It works on this machine, without a key or a network.", model, _since(start))

    async def aclose(self) -> None:
        """There is nothing to close: the model stays for the life of the process."""

    def _embedder(self, model: str) -> LocalEmbedder:
        if model not in MODELS:
            raise ProviderModelNotFound(
                ErrorText("The local provider embeds with %(models)s only.", models=", ".join(MODELS))
            )
        folder = self._config.extra.get(_FOLDERS[MODELS[model]])
        if not folder:
            raise ProviderMisconfigured("The folder of the local embedding model is not configured.")
        from providers.adapters.local.embedder import embedder_at

        return embedder_at(Path(folder))


def _before(stops: Sequence[str], text: str) -> str:
    """Cut the text where the first of the stop sequences begins."""
    ends = [text.find(stop) for stop in stops if stop and stop in text]
    return text[: min(ends)] if ends else text


def _since(start: float) -> int:
    return round((perf_counter() - start) * 1000)
