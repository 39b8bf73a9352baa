"""Reads the product's own source, for tests that hold rules over all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from chatcms.config.environment import BASE_DIR

PACKAGES = ("chatcms", "tenants", "providers", "datasets", "bots", "chat")


@dataclass(frozen=True)
class Source:
    """One module: its dotted name, text and syntax tree."""

    module: str
    text: str
    tree: ast.Module

    def is_in(self, *modules: str) -> bool:
        """Whether the module is one of these or inside one."""
        return any(self.module == module or self.module.startswith(f"{module}.") for module in modules)

    def line(self, node: ast.AST) -> str:
        """The text of the node's first line."""
        return self.text.splitlines()[getattr(node, "lineno", 1) - 1]

    def place(self, node: ast.AST) -> str:
        """Where the node is, for a message."""
        return f"{self.module}:{getattr(node, 'lineno', 1)}"


def parse(module: str, text: str) -> Source:
    """Make a source of a text."""
    return Source(module, text, ast.parse(text))


@cache
def product() -> tuple[Source, ...]:
    """Every module of the product, without tests and migrations."""
    return tuple(_read())


@cache
def suite() -> tuple[Source, ...]:
    """Every module that only tests use."""
    return tuple(_read(tests=True))


def _read(*, tests: bool = False) -> Iterator[Source]:
    for package in PACKAGES:
        for path in sorted((BASE_DIR / package).rglob("*.py")):
            parts = path.relative_to(BASE_DIR).with_suffix("").parts
            if "migrations" not in parts and ("tests" in parts) is tests:
                module = ".".join(part for part in parts if part != "__init__")
                yield parse(module, path.read_text(encoding="utf-8"))
