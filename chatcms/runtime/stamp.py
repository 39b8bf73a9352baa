"""A stamp of the code and of .env, which tells whether running processes are still up to date."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from .paths import ROOT, Layout

SKIPPED = {"var", "tests", "docs", "benchmarks", "__pycache__"}
FILES = ("requirements.txt", "requirements-models.txt", ".env")


def code_stamp(place: Layout, root: Path = ROOT) -> str:
    """Changes whenever a file of the product, its requirements or its .env changes."""
    digest = hashlib.sha256()
    for path in sorted(_product_files(root, place.var)):
        try:
            facts = path.stat()
        except FileNotFoundError:  # an editor is replacing it just now
            continue
        digest.update(f"{path.relative_to(root)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _product_files(root: Path, var: Path) -> Iterator[Path]:
    yield from (root / name for name in FILES if (root / name).exists())
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = [n for n in folders if n not in SKIPPED and not n.startswith(".") and here / n != var]
        if here != root:
            yield from (here / name for name in names if not name.startswith("."))
