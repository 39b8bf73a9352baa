"""Forms of the pages about datasets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatcms.core.pages.forms import TextField
from datasets.languages import LANGUAGES, SIMPLE
from datasets.models import AUTO_LANGUAGE
from datasets.services.datasets import MAX_DESCRIPTION
from datasets.services.pairs import MAX_ANSWER, MAX_QUESTION
from datasets.services.splitting import FEWEST_TOKENS, MOST_OVERLAP, MOST_TOKENS

LONGEST_TEXT = 1_000_000
LONGEST_CHUNK = 20_000
LONGEST_QUESTION = 2000


def languages() -> list[tuple[str, Any]]:
    """The languages that a dataset can be in, for a choice."""
    named = sorted(LANGUAGES - {SIMPLE})
    return [
        (AUTO_LANGUAGE, _("Find out for each document")),
        *((name, name.capitalize()) for name in named),
        (SIMPLE, _("Another one, or several")),
    ]


class DatasetForm(forms.Form):
    """What a dataset is called, and in which language its documents are."""

    name = TextField(label=_("Name"), max_length=255)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is in it, for the people who work here."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages,
        help_text=_("Words are compared by its grammar, so that “returns” finds “returned”."),
    )


class DatasetSettingsForm(DatasetForm):
    """The same for a dataset that is there, which can also be switched off."""

    is_active = forms.BooleanField(
        label=_("Bots may answer from it"),
        required=False,
        help_text=_("Switched off, it is kept and found by no search."),
    )


class SplittingForm(forms.Form):
    """Into how large pieces documents are cut."""

    chunk_tokens = forms.IntegerField(
        label=_("Tokens a chunk"),
        min_value=FEWEST_TOKENS,
        max_value=MOST_TOKENS,
        initial=200,
        help_text=_("200 is right for most texts. The built-in model reads at most 238."),
    )
    chunk_overlap = forms.IntegerField(
        label=_("Tokens in common with the one before"), min_value=0, max_value=MOST_OVERLAP, initial=40
    )

    def clean(self) -> dict[str, Any]:
        """An overlap as long as the chunk would never come to an end."""
        cleaned = super().clean() or {}
        tokens, overlap = cleaned.get("chunk_tokens"), cleaned.get("chunk_overlap")
        if tokens is not None and overlap is not None and overlap * 2 > tokens:
            self.add_error("chunk_overlap", _("Use at most half of a chunk."))
        return cleaned


class NewDatasetForm(SplittingForm, DatasetForm):
    """A new dataset."""

    field_order = ("name", "description", "language", "chunk_tokens", "chunk_overlap")


class AddressForm(forms.Form):
    """A page or file on the web."""

    url = forms.URLField(
        label=_("Web address"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/returns", "inputmode": "url"}),
        help_text=_("One page or file. It is fetched now, and again whenever you ask."),
    )


class TextForm(forms.Form):
    """A text that is written or pasted here."""

    name = TextField(label=_("Title"), max_length=255, required=False)
    text = TextField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Markdown headings become the sections that answers point to."),
    )


class RenameForm(forms.Form):
    """Another name for a document."""

    name = TextField(label=_("Name"), max_length=255)


class ChunkForm(forms.Form):
    """The text of one chunk."""

    text = TextField(label=_("Text"), max_length=LONGEST_CHUNK, strip=False, widget=forms.Textarea(attrs={"rows": 12}))
    is_active = forms.BooleanField(
        label=_("Bots may find it"), required=False, help_text=_("Switched off, it is kept and found by no search.")
    )


class NewChunkForm(forms.Form):
    """A chunk to be added."""

    section = forms.CharField(label=_("Section"), max_length=500, required=False)
    text = TextField(label=_("Text"), max_length=LONGEST_CHUNK, strip=False, widget=forms.Textarea(attrs={"rows": 8}))


class PairForm(forms.Form):
    """A question with its answer."""

    question = TextField(
        label=_("Question"),
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As people ask it. It is found by its meaning too, so one way of asking is enough."),
    )
    answer = TextField(label=_("Answer"), max_length=MAX_ANSWER, widget=forms.Textarea(attrs={"rows": 8}))


class PairFileForm(forms.Form):
    """A file of questions with their answers."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "Two columns: the question and its answer. Headings “question” and “answer” may be in the first row."
        ),
    )


class QuestionForm(forms.Form):
    """A question to try."""

    q = TextField(label=_("Question"), max_length=LONGEST_QUESTION)
