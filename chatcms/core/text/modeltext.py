"""The one renderer for text that a model, a document or a visitor wrote: Markdown in, safe HTML out."""

from __future__ import annotations

from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"*": set(), "a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


@cache
def _markdown() -> MarkdownIt:
    """Return the parser of what models write; `static/widget/markdown.js` follows the same rules in the browser."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    # Remote images tell their host who reads, and when: an image becomes its description.
    # A model that indents means no code, one that underlines no heading, and what it calls [1] is shown.
    parser.disable(["image", "code", "lheading", "reference"])
    parser.validateLink = _is_safe  # type: ignore[assignment,method-assign]
    # An address is shown as it is, not as it might be read.
    parser.normalizeLinkText = str  # type: ignore[method-assign,assignment]
    linkify = parser.linkify
    assert linkify is not None  # noqa: S101 - asked for above
    # `README.md` and `setup.py` are names of files before they are names of hosts.
    linkify.set({"fuzzy_link": False})
    # Mail goes to hosts below any top-level domain, not only to those that the library has heard of.
    linkify.tlds("[a-z]{2,}")
    return parser.enable(["table", "strikethrough", "linkify"])


def _is_safe(address: str) -> bool:
    """Say whether a link may lead there: a whole address of a safe kind; another stays text."""
    return address.lower().startswith(tuple(f"{scheme}:" for scheme in _SCHEMES))


def render(text: str) -> SafeString:
    """Return HTML that holds no script, no image, no style, and only http, https and mailto links.

    Markup inside `text` is shown as text. Links open in a new tab and pass on neither opener nor referrer.
    """
    html = nh3.clean(
        _markdown().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return mark_safe(html)  # noqa: S308 - the line above is the sanitiser
