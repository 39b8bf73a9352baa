"""Finds what errors say in the source, and what they say that no catalogue can have."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Tree = ast.Module
# Only programs read what these say, in English; the guard looks at them all the same.
FOR_PROGRAMS = ("chatcms/core/api/declared.py", "chatcms/core/text/jsonin.py", "chatcms/core/api/serializers.py")
_ROOT = "AppError"


def errors_in(trees: Mapping[Path, Tree]) -> frozenset[str]:
    """Return the names of `AppError` and all classes below it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {_ROOT}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


def literals(place: Path, tree: Tree, errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield line and text of each default and of each literal that an error is raised with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.Assign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and target.id == "default_detail" and node.value is not None:
                yield target.lineno, ast.literal_eval(node.value)
        elif isinstance(node, ast.Call) and not _is_for_programs(place):
            text = _first(node, errors)
            # A word alone is a code.
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and " " in text.value:
                yield text.lineno, text.value


def unfindable(tree: Tree, errors: frozenset[str]) -> list[int]:
    """Return the lines where an error, or a sentence, is made of a text that no catalogue can have."""
    made = _assigned(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (_name(node.func) == "ErrorText" and not _is_literal(node.args[:1]))
            or not _is_findable(_first(node, errors), made)
        )
    ]


def _is_findable(text: ast.expr | None, made: Mapping[str, list[ast.expr]], depth: int = 0) -> bool:
    if isinstance(text, ast.JoinedStr | ast.BinOp):
        return False
    if isinstance(text, ast.Call):
        return not (isinstance(text.func, ast.Attribute) and text.func.attr in {"format", "join"})
    if isinstance(text, ast.IfExp):
        return all(_is_findable(one, made, depth) for one in (text.body, text.orelse))
    if isinstance(text, ast.BoolOp):
        return all(_is_findable(one, made, depth) for one in text.values)
    if isinstance(text, ast.Name) and depth == 0:
        # A plain literal that has a name is not looked for.
        values = made.get(text.id, [])
        return all(not isinstance(one, ast.Constant) and _is_findable(one, made, depth + 1) for one in values)
    return True


def _is_literal(args: list[ast.expr]) -> bool:
    return bool(args) and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str)


def _first(node: ast.Call, errors: frozenset[str]) -> ast.expr | None:
    return node.args[0] if _name(node.func) in errors and node.args else None


def _assigned(tree: Tree) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _is_for_programs(place: Path) -> bool:
    return "api" in place.parts or place.as_posix() in FOR_PROGRAMS


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
