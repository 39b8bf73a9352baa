"""Makes catalogues of translations with Babel: from source to .pot, to .po, to .mo."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from chatcms.portal.management import errortexts

PYTHON_FOLDERS = ("chatcms", "tenants", "providers", "datasets", "bots", "chat")
TEMPLATES = "templates"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "ErrorText": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

# What changes with every run, and says nothing.
_DATES = re.compile(rb'^"PO(T-Creation|-Revision)-Date:.*\n', re.MULTILINE)

# Babel writes dates into what it compiles.
_NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Found = tuple[str, int, str | tuple[str, ...], list[str], str | None]


def extracted(root: Path) -> Catalog:
    """Return every text to translate of the source below `root`."""
    catalog = Catalog(project="Chat AI CMS", charset="utf-8")
    for place, line, message, comments, context in sorted(_texts(root), key=lambda found: found[:2]):
        catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    return catalog


def read(path: Path) -> Catalog:
    """Return a .po file's catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def text_of(catalog: Catalog) -> bytes:
    """Return a catalogue as a .po file; without line numbers, which change with every edit."""
    made = io.BytesIO()
    write_po(made, catalog, width=120, include_lineno=False, sort_by_file=True, omit_header=False)
    return _DATES.sub(b"", made.getvalue())


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as a .mo file, the same each time."""
    made = io.BytesIO()
    catalog.creation_date = catalog.revision_date = _NO_DAY
    write_mo(made, catalog)
    return made.getvalue()


def untranslated(catalog: Catalog, source: Catalog) -> list[str]:
    """Return the texts of `source` that the catalogue has no sure translation of."""
    missing = []
    for message in source:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        words = known.string if known is not None else ""
        done = all(words) if isinstance(words, tuple | list) else bool(words)
        if known is None or known.fuzzy or not done:
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def modules(root: Path) -> dict[Path, ast.Module]:
    """Return the syntax trees of the product's modules below `root`, by their places in it."""
    paths = (path for folder in PYTHON_FOLDERS for path in sorted((root / folder).rglob("*.py")))
    return {
        path.relative_to(root): ast.parse(path.read_bytes())
        for path in paths
        if not {"tests", "migrations"} & set(path.parts)
    }


def _texts(root: Path) -> Iterator[Found]:
    trees = modules(root)
    errors = errortexts.errors_in(trees)
    for place, tree in trees.items():
        yield from _in(place, (root / place).read_bytes())
        # What errors say is written down plainly for programs, and translated where a page shows it.
        for line, text in errortexts.literals(place, tree, errors):
            yield place.as_posix(), line, text, [], None
    for path in sorted((root / TEMPLATES).rglob("*.html")):
        if "styles" not in path.parts:
            yield from _in(path.relative_to(root), _as_python(path))


def _in(place: Path, source: bytes) -> Iterator[Found]:
    for line, message, comments, context in extract("python", io.BytesIO(source), KEYWORDS, ["Translators:"]):
        yield place.as_posix(), line, message, comments, context


def _as_python(path: Path) -> bytes:
    # Django turns a template into calls of gettext amid a line of X for every other text; without its indentation
    # it can be read as Python.
    marked = templatize(path.read_text(encoding="utf-8"), origin=path.name)
    return "\n".join(line.strip() for line in marked.splitlines()).encode()
