"""The local embedding model: the same vector for the same text, whoever asks and from wherever."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from celery.signals import worker_init

from chatcms.tests.waiting import delay
from providers import apps
from providers.adapters.local import embedder
from providers.adapters.local.adapter import EMBEDDING_MODEL, LocalAdapter
from providers.adapters.local.embedder import LocalEmbedder, embedder_at
from providers.adapters.local.model import DIMS, MAX_TOKENS, MODEL_ID, MULTILINGUAL
from providers.exceptions import ProviderMisconfigured, ProviderModelNotFound
from providers.messages import Message
from providers.tests.adapter_kit import PASSAGES, listen
from providers.types import ChatRequest, ProviderConfig

ROOT = Path(__file__).parents[2]
TEXT = "That is a happy person"


@pytest.fixture
def model(model_dir: Path) -> LocalEmbedder:
    return embedder_at(model_dir)


@pytest.fixture
def adapter(model_dir: Path) -> LocalAdapter:
    return LocalAdapter(ProviderConfig(kind="local", extra={"model_dir": model_dir}))


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_are_unit_vectors_whose_nearness_is_that_of_the_meaning(model: LocalEmbedder) -> None:
    base, near, far = model.embed([TEXT, "That is a very happy person", "Today is a sunny day"])
    assert len(base) == DIMS
    assert cosine(base, base) == pytest.approx(1, abs=1e-5)
    assert cosine(base, near) > 0.9
    assert cosine(base, far) < 0.4


@pytest.mark.parametrize("text", ["", " ", "\n", "\ud83d", "a\ud83d b", "\0", "🙂" * 300, "word " * 5000])
def test_any_text_has_a_vector(model: LocalEmbedder, text: str) -> None:
    (vector,) = model.embed([text])
    assert cosine(vector, vector) == pytest.approx(1, abs=1e-4)


def test_a_vector_does_not_depend_on_its_neighbours(model: LocalEmbedder) -> None:
    alone = model.embed([TEXT])
    assert model.embed(["long " * 200, TEXT, ""])[1] == alone[0]


def test_many_threads_get_the_same_vector(model: LocalEmbedder) -> None:
    expected = model.embed([TEXT])
    with ThreadPoolExecutor(8) as threads:
        assert all(found == expected for found in threads.map(model.embed, [[TEXT]] * 40))


async def test_the_event_loop_goes_on_while_texts_are_embedded(model: LocalEmbedder) -> None:
    turns = 0
    task = asyncio.create_task(model.embed_async(["some words " * 90] * 20))
    while not task.done():
        turns += 1
        await delay(0.001)
    assert len(await task) == 20
    assert turns > 5


def test_tokens_are_counted_past_the_models_window(model: LocalEmbedder, adapter: LocalAdapter) -> None:
    assert model.count_tokens("Hello world") == 4
    assert adapter.count_tokens("word " * 1000) == 1002 > MAX_TOKENS


def test_what_is_past_the_window_makes_no_difference(model: LocalEmbedder) -> None:
    long = "word " * 254
    one, other = model.embed([long + "cat", long + "dog " * 50])
    assert one == other


def test_a_process_loads_a_model_once_whoever_asks_first(model_dir: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len({id(found) for found in threads.map(embedder_at, [model_dir] * 16)}) == 1


def test_a_forked_process_embeds_although_its_parent_had_loaded_the_model(model_dir: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from typing import Any
from providers import apps
from providers.adapters.local import embedder
folder = Path({str(model_dir)!r})
mine = embedder.embedder_at(folder).embed([{TEXT!r}])
embedder._lock.acquire()  # as if another thread were loading at the moment of the fork
child = os.fork()
if not child:
    os._exit(0 if embedder.embedder_at(folder).embed([{TEXT!r}]) == mine else 7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "0"


def test_processes_share_a_model_that_was_loaded_for_them(model_dir: Path) -> None:
    script = f"""
import os
from pathlib import Path
from typing import Any
from providers import apps
from providers.adapters.local import embedder
folder = Path({str(model_dir)!r})
embedder.share(folder)
own = embedder.embedder_at(folder)
mine = own.embed([{TEXT!r}])  # with threads, which no child has
def child(work):
    pid = os.fork()
    if not pid:
        os._exit(0 if work() else 7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
def embeds():
    return embedder.embedder_at(folder).embed([{TEXT!r}] * 3) == mine * 3
def embeds_with_the_shared_one():
    loaded = embedder._by_folder.get(folder)
    return loaded is not None and loaded is not own and embeds() and embedder._by_folder[folder] is loaded
shared = embeds_with_the_shared_one
print(child(shared), child(shared), child(lambda: embeds() and child(embeds) == 0))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["0", "0", "0"]


def test_a_worker_loads_the_model_before_it_forks(
    model_dir: Path, multilingual_dir: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOAD_MODEL_AT_START, settings.LOCAL_MODEL_DIR = True, model_dir
    settings.MULTILINGUAL_MODEL_DIR = multilingual_dir
    monkeypatch.setattr(embedder, "_shared", {})
    assert apps._share_the_model in [receiver() for _, receiver in worker_init.receivers]
    apps._share_the_model()
    assert set(embedder._shared) == {model_dir, multilingual_dir}


@pytest.fixture
def multilingual(multilingual_dir: Path) -> LocalEmbedder:
    return embedder_at(multilingual_dir)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wie lange dauert der Versand?", "Das Paket kommt in drei Tagen an."),
        ("كم يستغرق الشحن؟", "يصل الطرد خلال ثلاثة أيام."),
        ("配送需要多长时间？", "包裹三天内送达。"),
        ("ใช้เวลาจัดส่งนานเท่าใด", "พัสดุจะมาถึงภายในสามวัน"),
        ("Wie lange dauert der Versand?", "The parcel arrives in three days."),
    ],
    ids=["german", "arabic", "chinese", "thai", "across languages"],
)
def test_the_multilingual_model_knows_what_answers(multilingual: LocalEmbedder, question: str, answer: str) -> None:
    (asked,) = multilingual.embed([question], kind="query")
    others = ["Wir haben montags geschlossen.", "الجو مشمس اليوم.", "猫在花园里睡觉。", "แมวนอนอยู่ในสวน"]
    right, *wrong = multilingual.embed([answer, *others])
    assert cosine(asked, asked) == pytest.approx(1, abs=1e-4)
    assert all(cosine(asked, right) > cosine(asked, one) for one in wrong)


def test_the_multilingual_model_tells_questions_from_passages(multilingual: LocalEmbedder) -> None:
    assert multilingual.embed(["Versand"], kind="query") != multilingual.embed(["Versand"], kind="passage")


@pytest.mark.parametrize("text", ["", " ", "\ud83d", "a\ud83d b", "\0", "🙂" * 300, "слово " * 5000, "ｱｲｳ ㌔"])
def test_any_text_has_a_vector_by_the_multilingual_model(multilingual: LocalEmbedder, text: str) -> None:
    (vector,) = multilingual.embed([text])
    assert len(vector) == DIMS
    assert cosine(vector, vector) == pytest.approx(1, abs=1e-4)


async def test_the_adapter_embeds_by_either_model(model_dir: Path, multilingual_dir: Path) -> None:
    extra = {"model_dir": str(model_dir), "multilingual_model_dir": str(multilingual_dir)}
    adapter = LocalAdapter(ProviderConfig(kind="local", extra=extra))
    assert [one.id for one in await adapter.list_models()][1:] == [MODEL_ID, MULTILINGUAL.model_id]
    for model in (MODEL_ID, MULTILINGUAL.model_id):
        assert (await adapter.check(model, kind="embedding")).ok


async def test_vectors_of_another_model_are_not_made(adapter: LocalAdapter) -> None:
    assert EMBEDDING_MODEL == MODEL_ID == "all-MiniLM-L6-v2/int8-onnx/1"
    with pytest.raises(ProviderModelNotFound, match="all-MiniLM"):
        await adapter.embed(model="text-embedding-3-small", texts=["Hello"], kind="query")


@pytest.mark.parametrize("extra", [{}, {"model_dir": ""}, {"model_dir": "/nowhere/at/all"}])
async def test_a_missing_model_is_named_with_its_cure_and_answers_are_composed_without_it(
    extra: dict[str, str],
) -> None:
    adapter = LocalAdapter(ProviderConfig(kind="local", extra=extra))
    result = await adapter.check(EMBEDDING_MODEL, kind="embedding")
    assert (result.ok, result.code) == (False, ProviderMisconfigured.code)
    question = ChatRequest("local", (Message.of("user", "May I return an item?"),), passages=PASSAGES)
    heard = await listen(adapter, question)
    assert "Customers may return any item within 30 days of delivery. [1]" in heard.text
    assert heard.finished.reason == "stop"


def test_the_cure_names_the_command_and_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ProviderMisconfigured, match=f"install_model --dest {tmp_path}"):
        embedder.embedder_at(tmp_path)


async def test_an_answer_ends_at_a_stop_sequence(adapter: LocalAdapter) -> None:
    question = ChatRequest("local", (Message.of("user", "return"),), stop=("[1]", "[2]"), passages=PASSAGES)
    heard = await listen(adapter, question)
    assert "[" not in heard.text
    assert heard.finished.reason == "stop"


async def test_no_passages_are_no_answer(adapter: LocalAdapter) -> None:
    heard = await listen(adapter, ChatRequest("local", (Message.of("user", "May I?"),)))
    assert heard.text.startswith("Nothing in the documents answers this.")


async def test_an_answer_comes_word_by_word(adapter: LocalAdapter) -> None:
    question = ChatRequest("local", (Message.of("user", "May I return an item?"),), passages=PASSAGES)
    heard = await listen(adapter, question)
    assert len(heard.events) > 15
