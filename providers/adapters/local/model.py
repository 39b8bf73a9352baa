"""The local embedding model as it lies on disk: its name, its files, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

# Beside every vector stands this name: another quantisation or version makes other vectors
MODEL_ID = "all-MiniLM-L6-v2/int8-onnx/1"
DIMS = 384
MAX_TOKENS = 256

GRAPH_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Says which model a folder holds; it is written last, so a folder without it is no model."""

    model_id: str
    licence: str
    files: dict[str, dict[str, str | int]]  # name -> sha256, bytes

    @classmethod
    def of(cls, folder: Path) -> Manifest:
        """Describe the files of a folder."""
        files: dict[str, dict[str, str | int]] = {
            name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size}
            for name in (GRAPH_FILE, TOKENIZER_FILE)
        }
        return cls(MODEL_ID, "Apache-2.0", files)

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


def is_installed(folder: Path) -> bool:
    """Whether the folder holds this very model, by name and size; quick, the files are not read."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.model_id != MODEL_ID:
        return False
    try:
        return all(
            (folder / name).stat().st_size == manifest.files[name]["bytes"] for name in (GRAPH_FILE, TOKENIZER_FILE)
        )
    except (OSError, KeyError, TypeError):
        return False


def is_whole(folder: Path) -> bool:
    """Whether the folder holds this very model, byte for byte as it was written."""
    return is_installed(folder) and read_manifest(folder) == Manifest.of(folder)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
