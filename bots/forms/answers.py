"""The form of an answer that people wrote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots.exceptions import FaultsError
from bots.forms.lines import LinesField
from bots.models import MAX_PROMPT, MAX_VARIANTS, CuratedAnswer
from bots.services.curated import MAX_QUESTION
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError
from chatcms.core.pages.forms import TextField
from chatcms.core.pages.refusals import add_refusal, said


class CuratedAnswerForm(forms.Form):
    """An answer, and the ways of asking that it is for."""

    questions = LinesField(
        label=_("Questions"),
        most=MAX_VARIANTS,
        longest=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One way of asking a line. Capitals, accents and punctuation make no difference."),
    )
    answer = TextField(
        label=_("Answer"),
        max_length=MAX_PROMPT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Given word for word, without asking a model. Markdown is shown as it is in other answers."),
    )
    is_active = forms.BooleanField(
        label=_("Give this answer"),
        required=False,
        initial=True,
        help_text=_("Switched off, it is kept and not given."),
    )

    @classmethod
    def of(cls, answer: CuratedAnswer, data: Any = None) -> CuratedAnswerForm:
        """Return the form of an answer that is there; what `data` brings goes first."""
        questions = [question.text for question in answer.questions.all()]
        return cls(data, initial={"answer": answer.answer, "questions": questions, "is_active": answer.is_active})

    def refuse(self, error: AppError) -> None:
        """Show at its fields what the service does not accept, with the line that it is about."""
        lines = self.cleaned_data.get("questions", [])
        faults = {}
        for each in error.extra.get("errors", []):
            field, _slash, index = each["pointer"].strip("/").partition("/")
            is_line = field == "questions" and index.isdigit() and int(index) < len(lines)
            told = ErrorText.of(each["detail"])
            faults[each["pointer"]] = ErrorText.spoken(f"{lines[int(index)]}: {said(told)}") if is_line else told
        add_refusal(self, FaultsError(faults) if faults else error)
