"""The built-in embedding models as they lie on disk: their names, their files, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from providers.types import EmbedKind

DIMS = 384

GRAPH_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
# Of the multilingual model. Its table of words, four fifths of its bytes, is a file apart, which processes map into
# memory and share.
WORDS_FILE = "words.bin"
PIECES_FILE = "pieces.model"
SPELLING_FILE = "spelling.json"


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A built-in embedding model.

    `model_id` stands beside every vector: another quantisation or version makes other vectors. `max_tokens` is what of
    a text the model reads, its two marks included. The prefixes are what the model expects before a text.
    """

    model_id: str
    licence: str
    max_tokens: int
    files: tuple[str, ...]
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def name(self) -> str:
        """What people call it, and its folder."""
        return self.model_id.partition("/")[0]

    def prefixed(self, text: str, kind: EmbedKind) -> str:
        """Return the text as the model expects it."""
        return (self.query_prefix if kind == "query" else self.passage_prefix) + text


ENGLISH = LocalModel("all-MiniLM-L6-v2/int8-onnx/1", "Apache-2.0", 256, (GRAPH_FILE, TOKENIZER_FILE))
MULTILINGUAL = LocalModel(
    "multilingual-e5-small/int8-onnx/1",
    "MIT",
    512,
    (GRAPH_FILE, WORDS_FILE, PIECES_FILE, SPELLING_FILE),
    query_prefix="query: ",
    passage_prefix="passage: ",
)
MODELS = {model.model_id: model for model in (ENGLISH, MULTILINGUAL)}

MODEL_ID = ENGLISH.model_id
MAX_TOKENS = ENGLISH.max_tokens


@dataclass(frozen=True, slots=True)
class Manifest:
    """Says which model a folder holds; it is written last, so a folder without it is no model."""

    model_id: str
    licence: str
    files: dict[str, dict[str, str | int]]  # name -> sha256, bytes

    @classmethod
    def of(cls, folder: Path, model: LocalModel) -> Manifest:
        """Describe the files of a folder."""
        files: dict[str, dict[str, str | int]] = {
            name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size} for name in model.files
        }
        return cls(model.model_id, model.licence, files)

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        (folder / MANIFEST_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder; `None` if there is none that can be understood."""
    try:
        found = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        return Manifest(str(found["model_id"]), str(found["licence"]), dict(found["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def installed_in(folder: Path) -> LocalModel | None:
    """Return the model that the folder holds, by name and size; quick, the files are not read."""
    manifest = read_manifest(folder)
    model = MODELS.get(manifest.model_id) if manifest else None
    if manifest is None or model is None:
        return None
    try:
        fits = all((folder / name).stat().st_size == manifest.files[name]["bytes"] for name in model.files)
    except (OSError, KeyError, TypeError):
        return None
    return model if fits else None


def is_installed(folder: Path, model: LocalModel = ENGLISH) -> bool:
    """Whether the folder holds this very model, by name and size."""
    return installed_in(folder) == model


def is_whole(folder: Path, model: LocalModel = ENGLISH) -> bool:
    """Whether the folder holds this very model, byte for byte as it was written."""
    return is_installed(folder, model) and read_manifest(folder) == Manifest.of(folder, model)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
