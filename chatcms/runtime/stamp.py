"""Stamps of the code with .env and of the static files, which tell whether what was made of them is up to date."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .paths import ROOT, Layout

SKIPPED = {"var", "tests", "docs", "benchmarks", "__pycache__"}
FILES = ("requirements.txt", "requirements-models.txt", ".env")
# What decides which static files there are besides our own: packages that bring some, and how all are collected.
STATIC_DECIDERS = (
    "requirements.txt",
    "chatcms/settings/base.py",
    "chatcms/settings/files.py",
    "chatcms/portal/apps.py",
    "chatcms/statics/storage.py",
)


def code_stamp(place: Layout, root: Path = ROOT) -> str:
    """Changes whenever a file of the product, its requirements or its .env changes."""
    return _stamp(root, _product_files(root, place.var))


def static_stamp(root: Path = ROOT) -> str:
    """Changes whenever other static files would be collected."""
    deciders = [root / name for name in STATIC_DECIDERS]
    return _stamp(root, [*(path for path in (root / "static").rglob("*") if path.is_file()), *deciders])


def _stamp(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
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
