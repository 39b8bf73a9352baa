"""Knows where the links of a page lead, and which of them say something to who reads its text."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from datasets.ingestion.readers.typography import linked

_GUIDING = re.compile(
    r"nav|menu|breadcrumb|toc\b|pagination|pager|sidebar|footer|header|social|share|skip", re.IGNORECASE
)
_GUIDING_TAGS: Final = frozenset({"nav", "footer", "header"})
_CONTENT_TAGS: Final = frozenset({"article", "main", "table"})
_SAVED_FROM = re.compile(r"<!--\s{0,9}saved from url=\(\d{1,9}\)(https?://\S{1,500})", re.IGNORECASE)
_HIGHEST: Final = 60
_LONGEST: Final = 2000
_DIGITS = re.compile(r"\D+")
# A page whose words are linked one by one is woven of links: what they lead to on the same site says nothing.
_WOVEN_FROM, _WOVEN_SHARE = 40, 0.3


class Links:
    """Writes the links of one page; `address` is where it is from, "" if nobody knows."""

    def __init__(self, tree: LexborHTMLParser, *, address: str, source: str) -> None:
        self._base = _base(tree, address, source)
        self._host = _host(self._base)
        self._is_woven = _is_woven(tree)
        self._said: set[tuple[str, str]] = set()

    def written(self, node: LexborNode, text: str, *, had_text: bool) -> str:
        """Return the link's text with its target behind it, if that is worth saying.

        `had_text` says that the link's text stands in lines before this one.
        """
        target = self._target(node)
        if not target or (key := (text.strip(), target)) in self._said or _is_number_of(text, target):
            return text
        if not had_text and not text.strip():
            return text
        self._said.add(key)
        return f"({target})" if had_text and not text.strip() else linked(text, target)

    def _target(self, node: LexborNode) -> str:
        href = (node.attributes.get("href") or "").strip()
        if not href or href.startswith("#") or len(href) > _LONGEST or _guides(node):
            return ""
        try:
            target = urljoin(self._base, href)
            parts = urlsplit(target)
        except ValueError:
            return ""
        if parts.scheme in {"http", "https"}:
            is_same_page = target.partition("#")[0] == self._base.partition("#")[0]
            is_known = is_same_page or (self._is_woven and parts.netloc == self._host)
            return "" if is_known else "%20".join(target.split())
        return target if parts.scheme in {"mailto", "tel"} and parts.path else ""


def _base(tree: LexborHTMLParser, address: str, source: str) -> str:
    """Return the address that relative links start from, as far as the page or its origin tells."""
    told = address
    if not told:
        canonical = tree.css_first("link[rel=canonical]") or tree.css_first("link[rel=Canonical]")
        shared = tree.css_first("meta[property='og:url']")
        saved = _SAVED_FROM.search(source, 0, 2000)
        told = (
            (saved[1] if saved else "")
            or ((canonical.attributes.get("href") or "") if canonical else "")
            or ((shared.attributes.get("content") or "") if shared else "")
        )
    base = tree.css_first("base[href]")
    try:
        joined = urljoin(told, (base.attributes.get("href") or "") if base else "")
        return joined if urlsplit(joined).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _guides(node: LexborNode) -> bool:
    """Whether the link is one of those by which visitors find their way about the site."""
    above = node
    for _ in range(_HIGHEST):
        tag, attributes = above.tag or "", above.attributes
        if tag in _CONTENT_TAGS:
            return False
        if tag in _GUIDING_TAGS or attributes.get("role") in {"navigation", "contentinfo", "banner", "menu", "menubar"}:
            return True
        words = (
            f"{attributes.get('class') or ''} {attributes.get('id') or ''}" if tag in {"ul", "ol", "div", "a"} else ""
        )
        if _GUIDING.search(words):
            return True
        parent = above.parent
        if parent is None or tag == "body":
            return False
        above = parent
    return False


def _is_number_of(text: str, target: str) -> bool:
    """Whether a telephone link shows the number that it dials."""
    shown = _DIGITS.sub("", text)
    return target.startswith("tel:") and len(shown) > 4 and _DIGITS.sub("", target).endswith(shown.lstrip("0"))


def _is_woven(tree: LexborHTMLParser) -> bool:
    body = tree.body
    if body is None:
        return False
    targets = [len(link.attributes.get("href") or "") for link in body.css("p a[href], li a[href], td a[href]")]
    return len(targets) >= _WOVEN_FROM and sum(targets) >= _WOVEN_SHARE * len(body.text())
