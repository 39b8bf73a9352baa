"""Tells what a page's controls say: questions on buttons, what is chosen, typed or checked, and pictures in words."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborNode

from datasets.ingestion.readers.html_hidden import QUESTION_MARKS, is_foldable, names_what_it_opens

# These are written as a whole.
WRITTEN: Final = frozenset({"img", "input", "select"})
_SPACES = re.compile(r"\s+")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp", ".ico")
_TYPED: Final = frozenset(
    {"", "text", "number", "email", "tel", "url", "date", "time", "month", "week", "datetime-local"}
)
_CHECKED: Final = frozenset({"checkbox", "radio"})
_MOST_OPTIONS: Final = 12
_SHORT_BUTTON: Final = 30
_HIGHEST: Final = 4
_AROUND_QUESTIONS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})


def written(node: LexborNode) -> str:
    """Return what a picture or field says, with a space around it; "" if it says nothing."""
    text = _SPACES.sub(" ", _said_by(node)).strip()
    return f" {text} " if text else ""


def _said_by(node: LexborNode) -> str:
    attributes = node.attributes
    if node.tag == "img":
        alt = (attributes.get("alt") or "").strip()
        is_repeated = attributes.get("role") in {"presentation", "none"} or "fallback-image" in (
            attributes.get("class") or ""
        )
        return "" if is_repeated or (alt.lower().endswith(_PICTURES) and " " not in alt) else alt
    if node.tag == "select":
        options = [_SPACES.sub(" ", option.text()).strip() for option in node.css("option")]
        return ", ".join(filter(None, options)) if len(options) <= _MOST_OPTIONS else ""
    kind = (attributes.get("type") or "").lower()
    if kind in _CHECKED:
        is_switch = "role" in attributes or "aria-haspopup" in attributes or is_foldable(node)
        return "" if is_switch else "☑" if "checked" in attributes else "☐"
    return (attributes.get("value") or "") if kind in _TYPED else ""


def is_content(button: LexborNode) -> bool:
    """Whether a button says something: it unfolds what is behind it, or says more than "Send"."""
    text = _SPACES.sub(" ", button.text()).strip()
    if not text:
        return False
    if text.endswith(QUESTION_MARKS) or len(text) > _SHORT_BUTTON or is_foldable(button):
        return True
    return names_what_it_opens(button) or _is_question(button) or _has_panel(button)


def is_inline(button: LexborNode) -> bool:
    """Whether a button stands within a line, as in a heading that it fills."""
    above = button.parent
    return above is not None and above.tag in _AROUND_QUESTIONS


def _is_question(button: LexborNode) -> bool:
    above = button.parent
    for _ in range(_HIGHEST):
        if above is None:
            return False
        if above.tag in _AROUND_QUESTIONS or (above.tag != "body" and is_foldable(above)):
            return True
        above = above.parent
    return False


def _has_panel(button: LexborNode) -> bool:
    """Whether a block of text follows right behind the button, and it is none of a form's."""
    if (button.attributes.get("type") or "").lower() in {"submit", "reset"}:
        return False
    behind = button.next
    while behind is not None and (behind.tag or "-").startswith("-"):
        behind = behind.next
    return behind is not None and behind.tag in {"div", "section", "p", "ul", "ol", "dl", "article"}


def first_number(numbered: LexborNode) -> int:
    """Return the number of the first item of an `ol`."""
    return _number(numbered.attributes.get("start"), 1)


def number_of(item: LexborNode, expected: int) -> int:
    """Return the number of an item, as it says itself or as it follows."""
    return _number(item.attributes.get("value"), expected)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"-?[0-9]{1,9}", value.strip()) else default
