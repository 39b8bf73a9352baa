"""The embedding models at work: each once per process, loaded at first use, safe among threads and after a fork.

A process that forks others may load it for all of them (`share`), and they share its memory.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

from chatcms.core.errortext import ErrorText
from providers.adapters.local.model import GRAPH_FILE, LocalModel, installed_in
from providers.adapters.local.tokenization import tokenization_of
from providers.exceptions import ProviderMisconfigured
from providers.types import EmbedKind

_MOST_THREADS = 4


class LocalEmbedder:
    """Turns texts into unit vectors of 384 numbers.

    Each text is a run of its own: int8 activations are scaled over a whole batch, so that in a batch a vector
    would depend on its neighbours. Runs use one thread each and several go on at once; the model lets go of
    the interpreter meanwhile.
    """

    def __init__(self, folder: Path, *, model: LocalModel, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        graph = str(folder / GRAPH_FILE)
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tokenization = tokenization_of(model, folder)
        self._model = model
        self._threads = threads
        self.start_threads()

    def start_threads(self) -> None:
        """Begin with threads of this process; those of the process that forked it are not here."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="embed")

    def count_tokens(self, text: str) -> int:
        """Count the model's own tokens, its two marks included; past what it reads a text loses its tail."""
        return len(self._tokenization.ids(_encodable(text)))

    def embed(self, texts: Sequence[str], *, kind: EmbedKind = "passage") -> list[list[float]]:
        """Return a unit vector per text, in order. Blocks; from a coroutine use `embed_async`."""
        return list(self._pool.map(self._one, [self._model.prefixed(text, kind) for text in texts]))

    async def embed_async(self, texts: Sequence[str], *, kind: EmbedKind = "passage") -> list[list[float]]:
        """Do as `embed` without blocking the event loop, in threads that know neither database nor tenant."""
        loop = asyncio.get_running_loop()
        prefixed = [self._model.prefixed(text, kind) for text in texts]
        return list(await asyncio.gather(*[loop.run_in_executor(self._pool, self._one, text) for text in prefixed]))

    def _one(self, text: str) -> list[float]:
        ids = self._tokenization.ids(_encodable(text))
        if len(ids) > self._model.max_tokens:
            ids = [*ids[: self._model.max_tokens - 1], ids[-1]]
        row = np.asarray([ids], np.int32)
        found = self._session.run(None, {"input_ids": row, "attention_mask": np.ones_like(row)})[0][0]
        vector: list[float] = found.tolist()
        return vector


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the tokenizer cannot take."""
    return text.encode("utf-8", "replace").decode()


_lock = threading.Lock()
_by_folder: dict[Path, LocalEmbedder] = {}
_shared: dict[Path, LocalEmbedder] = {}


def _start_anew() -> None:
    """A forked child has its parent's lock, perhaps held, and none of its threads.

    What its parent was using is of no use: a thread that is not here may have held a lock of the model. What it only
    loaded to be shared works on, since a run takes no thread but the one that asks.
    """
    global _lock  # noqa: PLW0603 - a lock cannot be put back into its first state
    _lock = threading.Lock()
    _by_folder.clear()
    for folder, embedder in _shared.items():
        embedder.start_threads()
        _by_folder[folder] = embedder
    _shared.clear()


os.register_at_fork(after_in_child=_start_anew)


def share(folder: Path) -> None:
    """Load the model for the processes that this one forks from now on; it must not use that itself.

    `embedder_at` loads another one for itself, if it is asked here all the same.
    """
    _shared[folder] = _load(folder, threads=_usable_processors())


def embedder_at(folder: Path, *, threads: int | None = None) -> LocalEmbedder:
    """Return the process's embedder for a folder, loading it if need be (up to half a second, 100 MB).

    Raises `ProviderMisconfigured` with the cure when the folder does not hold a model.
    """
    with _lock:
        if folder not in _by_folder:
            _by_folder[folder] = _load(folder, threads=threads or _usable_processors())
        return _by_folder[folder]


def _load(folder: Path, *, threads: int) -> LocalEmbedder:
    model = installed_in(folder)
    if model is None:
        raise ProviderMisconfigured(
            ErrorText(
                "The local embedding model is not installed. Run ./start-all.sh again, or python -m "
                "providers.adapters.local.install_model --dest %(folder)s",
                folder=folder,
            )
        )
    return LocalEmbedder(folder, model=model, threads=threads)


def _usable_processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(count, _MOST_THREADS)
