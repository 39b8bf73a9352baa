"""Tells which parts of a page nobody sees, and which are only folded away: behind a question, in a tab.

What a visitor can open is content. A page says so in many ways: the panel is named by what opens it, stands right
behind it, or carries the class names that accordions and tabs have everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_GONE = re.compile(
    r"(?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}(?:hidden|collapse)|font-size\s{0,3}:\s{0,3}0(?![\d.]))",
    re.IGNORECASE,
)
_SHOWN = re.compile(r"display\s{0,3}:\s{0,3}(?!none)[a-z]|visibility\s{0,3}:\s{0,3}visible", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s{0,3}:[^;{}]{0,60}line-through", re.IGNORECASE)
_FOLDS = re.compile(
    r"accord|akkord|collaps|toggle|faq|answer|antwort|reponse|respuesta|panel|pane\b|tab-|tab_|-tab|tabs|expand|spoiler"
    r"|disclosure|details|read-?more|show-?more|carousel|slide", re.IGNORECASE,
)  # fmt: skip
_FOLDED_LIST = re.compile(r"accord|akkord|collaps|faq|tabs", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_SIMPLE = re.compile(
    r"([a-z][a-z0-9]{0,15})?\.([A-Za-z_][\w-]{0,60})\Z|([a-z][a-z0-9]{0,15})?#([A-Za-z_][\w-]{0,60})\Z"
)
_CLASS = re.compile(r"\.([A-Za-z_][\w-]{0,60})")
_MOST_CSS: Final = 500_000
STRUCK_TAGS: Final = frozenset({"s", "strike", "del"})
# What repeats for the eye what stands beside it for everybody, or is a sign and no word.
_DECORATING: Final = frozenset({"span", "i", "b", "em", "svg", "sup", "mjx-math", "mjx-container", "small", "font"})
_PANELS: Final = frozenset({"div", "section", "article", "p", "ul", "ol", "dl", "dd", "li", "table", "aside"})
QUESTION_MARKS: Final = ("?", "？", "؟", "՞")
_HIGHEST: Final = 4
_WHOLE: Final = frozenset({"html", "body", "main"})
_OPENERS: Final = (
    "aria-controls",
    "data-target",
    "data-bs-target",
    "data-toggle-target",
    "popovertarget",
    "data-controls",
)
_TOGGLES: Final = ("aria-expanded", "data-toggle", "data-bs-toggle")
_FORMULA: Final = "mwe-math-mathml"


class Hidden:
    """Judges the elements of one page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._opened = _opened_ids(tree)
        self._struck: set[str] = set()
        self._gone: set[str] = set()
        self._shown: set[str] = set()
        css = "".join(style.text(deep=True) for style in tree.css("style"))
        self._read_rules(css[:_MOST_CSS])

    def hides(self, node: LexborNode) -> bool:
        """Whether nobody sees the element and what is in it, or it is struck out."""
        attributes = node.attributes
        style = attributes.get("style") or ""
        tag = node.tag or ""
        if tag in _WHOLE:
            # Many pages are hidden until their scripts have run.
            return False
        names = _names(tag, attributes)
        if tag in STRUCK_TAGS or (style and _STRUCK.search(style)) or not self._struck.isdisjoint(names):
            return True
        if attributes.get("aria-hidden") == "true" and tag in _DECORATING:
            return True
        if not self._is_gone(attributes, style, names):
            return False
        return not self._can_be_opened(node, attributes)

    def _is_gone(self, attributes: dict[str, str | None], style: str, names: set[str]) -> bool:
        if style and _GONE.search(style):
            return True
        if "hidden" in attributes:
            return (attributes["hidden"] or "").lower() != "until-found" and not (style and _SHOWN.search(style))
        return not self._gone.isdisjoint(names) and not (style and _SHOWN.search(style))

    def _can_be_opened(self, node: LexborNode, attributes: dict[str, str | None]) -> bool:
        identifier = attributes.get("id")
        if (identifier and identifier in self._opened) or attributes.get("role") == "tabpanel":
            return True
        if is_foldable(node) or _FORMULA in (attributes.get("class") or ""):
            return True
        if node.tag not in _PANELS:
            return False
        before = _element_before(node)
        return _is_in_fold(node) or (before is not None and (opens_something(before) or _asks(before)))

    def _read_rules(self, css: str) -> None:
        """Take what style sheets hide or strike out by a class or id alone; what they also show is no such thing."""
        for selectors, body in _rules(css):
            if _SHOWN.search(body):
                self._shown.update(f".{name}" for name in _CLASS.findall(selectors))
            is_gone, is_struck = bool(_GONE.search(body)), bool(_STRUCK.search(body))
            if not (is_gone or is_struck):
                continue
            for selector in selectors.split(","):
                if _SIMPLE.match(selector.strip()):
                    (self._struck if is_struck else self._gone).add(selector.strip())
        self._gone -= {name for name in self._gone if f".{name.partition('.')[2]}" in self._shown}


def opens_something(node: LexborNode) -> bool:
    """Whether the element, or the one thing in it, is a control by which a visitor unfolds what is behind it."""
    for _ in range(3):
        attributes = node.attributes
        if node.tag in {"button", "summary"} or attributes.get("role") in {"button", "tab"}:
            return True
        if any(name in attributes for name in (*_TOGGLES, *_OPENERS, "onclick")) or _is_switch(node):
            return True
        children = list(node.iter())
        if not 0 < len(children) <= 2:
            return False
        node = children[0]
    return False


def _is_switch(node: LexborNode) -> bool:
    """Whether a link or box leads nowhere, but is there to be clicked."""
    if node.tag == "a":
        href = (node.attributes.get("href") or "#").strip().lower()
        return href == "#" or href.startswith("javascript:")
    return node.tag == "label" or (node.tag == "input" and node.attributes.get("type") in {"checkbox", "radio"})


def _is_in_fold(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(_HIGHEST):
        if above is None or above.tag in _WHOLE:
            return False
        attributes = above.attributes
        if _FOLDED_LIST.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return True
        above = above.parent
    return False


def _asks(node: LexborNode) -> bool:
    """Whether the element ends with a question, which what is behind it may answer."""
    last = node
    for _ in range(_HIGHEST):
        inner = last.last_child
        if inner is None:
            break
        last = inner
    return (last.text_content or "").rstrip().endswith(QUESTION_MARKS)


def names_what_it_opens(node: LexborNode) -> bool:
    """Whether a control says itself that it unfolds something."""
    attributes = node.attributes
    return attributes.get("role") == "tab" or any(name in attributes for name in (*_OPENERS, *_TOGGLES))


def is_foldable(node: LexborNode) -> bool:
    """Whether an element carries a class or id that accordions and tabs have."""
    attributes = node.attributes
    return bool(_FOLDS.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"))


def _opened_ids(tree: LexborHTMLParser) -> set[str]:
    found: set[str] = set()
    selectors = ",".join(f"[{name}]" for name in _OPENERS)
    for node in tree.css(f"{selectors},a[href^='#']"):
        attributes = node.attributes
        for name in (*_OPENERS, "href"):
            value = attributes.get(name) or ""
            if name != "href" or value.startswith("#"):
                found.update(part.lstrip("#") for part in value.split()[:20])
    return found


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations of the rules that always hold, and not only in print or on small screens."""
    parts = css.split("/*")
    css = parts[0] + "".join(part.partition("*/")[2] for part in parts[1:])
    depth = place = opened = 0
    for match in _BRACE.finditer(css):
        if match[0] == "{":
            opened = match.start() if not depth else opened
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                selectors = css[place:opened].rpartition(";")[2].strip()
                if not selectors.startswith("@"):
                    yield selectors, css[opened + 1 : match.start()]
                place = match.end()


def _names(tag: str, attributes: dict[str, str | None]) -> set[str]:
    """Return the selectors of one class or id that fit the element."""
    classes = (attributes.get("class") or "").split()[:50]
    identifier = attributes.get("id")
    names = {f".{name}" for name in classes} | ({f"#{identifier}"} if identifier else set())
    return names | {f"{tag}{name}" for name in names}


def _element_before(node: LexborNode) -> LexborNode | None:
    before = node.prev
    for _ in range(4):
        if before is None or not (before.tag or "-").startswith("-"):
            break
        before = before.prev
    return before if before is not None and not (before.tag or "-").startswith("-") else None
