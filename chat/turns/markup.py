"""A message's words as safe HTML, by the one renderer."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.models import Message
from chat.turns.partwords import parts_of, words_for
from chatcms.core.text.modeltext import render
from providers.messages import Part, TextPart


def html_of(message: Message) -> SafeString:
    """Return what a bot or a person wrote: words by the one renderer, and what else there is on its own line."""
    return format_html_join("\n", "{}", ((_html(part),) for part in parts_of(message)))


def _html(part: Part) -> SafeString:
    if isinstance(part, TextPart):
        return render(part.text)
    return format_html('<p class="turn__part" dir="auto">{}</p>', words_for(part))
