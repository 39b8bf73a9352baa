"""The first steps: a checklist that ticks itself from what the tenant has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatcms.portal.selectors import Facts

Text = str | Promise

# The browser's cookie with the ids of the tenants whose steps a person has put away.
HIDDEN = "chatcms_steps_hidden"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, why, whether it is done, and whether it is the one to do now."""

    key: str
    title: Text
    about: Text
    is_done: bool
    is_next: bool
    may: bool


_STEPS: tuple[tuple[str, str, str, Text, Text], ...] = (
    (
        "provider", "has_provider", "providers_write", _("Connect a language model"),
        _("Until then the built-in one answers by quoting your documents word for word."),
    ),
    (
        "dataset", "has_dataset", "datasets_write", _("Create a dataset"),
        _("A dataset is a set of documents that bots answer from."),
    ),
    (
        "document", "has_document", "datasets_write", _("Upload documents"),
        _("Bots answer from a document as soon as it is ready, a few seconds for most."),
    ),
    (
        "try", "has_tried", "chat_use", _("Ask your bot a question"),
        _("Every answer shows the passages it comes from."),
    ),
    (
        "embed", "is_embedded", "bots_write", _("Put the bot on your site"),
        _("One line in your page. This step ticks itself when the first visitor opens it."),
    ),
)  # fmt: skip


def steps_of(facts: Facts, can: Mapping[str, bool]) -> list[Step]:
    """Return the steps in order; the first one that is not done, and that the member may do, is the next."""
    done = [bool(getattr(facts, fact)) for _key, fact, *_rest in _STEPS]
    may = [can[capability] for _key, _fact, capability, *_rest in _STEPS]
    following = next((n for n, _step in enumerate(_STEPS) if not done[n] and may[n]), None)
    return [
        Step(key, title, about, done[n], n == following, may[n])
        for n, (key, _fact, _capability, title, about) in enumerate(_STEPS)
    ]
