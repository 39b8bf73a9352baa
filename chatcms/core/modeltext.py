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
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    # Remote images tell their host who reads, and when: an image becomes its description.
    return parser.enable(["table", "strikethrough", "linkify"]).disable("image")


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
