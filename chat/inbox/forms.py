"""Forms of the pages about conversations: what lists are narrowed down to, what a person writes, the right answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models import MAX_PROMPT, Bot
from chat.enums import Channel, Handling, Rating
from chat.inbox.selectors import ConversationFilter, FeedbackFilter
from chat.inbox.services.corrections import Into, WantedCorrection
from chat.inbox.services.takeover import MAX_REPLY
from chatcms.core.pages.forms import DateInput, TextField
from datasets.models import Dataset
from datasets.services.pairs import MAX_QUESTION

LONGEST_SEARCH = 200
_RATINGS = {"up": Rating.UP, "down": Rating.DOWN}


class _Filters(forms.Form):
    """What a list is narrowed down to by its address; what makes no sense there narrows nothing."""

    bot = forms.ChoiceField(label=_("Bot"), required=False)

    def __init__(self, *args: Any, bots: Sequence[tuple[uuid.UUID, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bot"].choices = [("", _("All bots")), *((str(key), name) for key, name in bots)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        if not self.is_bound:
            return {}
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, False)}

    @property
    def _bot_id(self) -> uuid.UUID | None:
        bot: str = self.chosen.get("bot", "")
        return uuid.UUID(bot) if bot else None


class ConversationFilters(_Filters):
    """Narrows down conversations."""

    search = forms.CharField(
        label=_("Search"),
        max_length=LONGEST_SEARCH,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    channel = forms.ChoiceField(
        label=_("Through"),
        required=False,
        choices=[
            ("", _("All ways")),
            (Channel.WIDGET, _("Widget")),
            (Channel.API, _("API")),
            (Channel.OPENAI, _("OpenAI-compatible API")),
            (Channel.PORTAL, _("Portal")),
        ],
    )
    handling = forms.ChoiceField(
        label=_("Answered by"),
        required=False,
        choices=[
            ("", _("Anybody")),
            (Handling.BOT, _("The bot")),
            (Handling.REQUESTED, _("Waiting for a person")),
            (Handling.PERSON, _("A person")),
        ],
    )
    ended = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("no", _("Going on")), ("yes", _("Ended"))]
    )
    rating = forms.ChoiceField(
        label=_("Rated"), required=False, choices=[("", _("Any way")), ("up", _("Good")), ("down", _("Bad"))]
    )
    unanswered = forms.BooleanField(label=_("With a question that nothing was found for"), required=False)
    failed = forms.BooleanField(label=_("With an answer that failed"), required=False)
    visitor = forms.CharField(label=_("Visitor"), max_length=128, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput())
    until = forms.DateField(label=_("To"), required=False, widget=DateInput())

    def where(self) -> ConversationFilter:
        """Return it as the list takes it; days are whole ones, the last included."""
        asked = self.chosen
        return ConversationFilter(
            bot_id=self._bot_id,
            channel=asked.get("channel"),
            visitor=asked.get("visitor", ""),
            since=_begin_of(asked.get("since")),
            until=_begin_of(asked["until"] + timedelta(days=1)) if "until" in asked else None,
            rating=_RATINGS.get(asked.get("rating", "")),
            has_failed=asked.get("failed"),
            unanswered=asked.get("unanswered"),
            ended={"yes": True, "no": False}.get(asked.get("ended", "")),
            handling=asked.get("handling", ""),
            search=asked.get("search", ""),
        )


class FeedbackFilters(_Filters):
    """Narrows down feedback."""

    rating = forms.ChoiceField(
        label=_("Rated"), required=False, choices=[("", _("Any way")), ("down", _("Bad")), ("up", _("Good"))]
    )
    corrected = forms.ChoiceField(
        label=_("Answer"), required=False, choices=[("", _("All")), ("no", _("Not fixed yet")), ("yes", _("Fixed"))]
    )
    comment = forms.BooleanField(label=_("With a comment"), required=False)

    def where(self) -> FeedbackFilter:
        """Return it as the list takes it."""
        asked = self.chosen
        return FeedbackFilter(
            bot_id=self._bot_id,
            rating=_RATINGS.get(asked.get("rating", "")),
            has_comment=asked.get("comment"),
            corrected={"yes": True, "no": False}.get(asked.get("corrected", "")),
        )


class ReplyForm(forms.Form):
    """What a person writes in a bot's place."""

    content = TextField(
        label=_("Your reply"),
        max_length=MAX_REPLY,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Write a reply")}),
    )


class CorrectionForm(forms.Form):
    """The right answer to a question of a bot's, and where it goes."""

    question = TextField(
        label=_("Question"),
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As others will ask it. Make it clear by itself if it leans on what was said before."),
    )
    answer = TextField(label=_("The right answer"), max_length=MAX_PROMPT, widget=forms.Textarea(attrs={"rows": 6}))
    into = forms.ChoiceField(label=_("Where it goes"), widget=forms.RadioSelect)
    dataset = forms.ChoiceField(label=_("Dataset"), required=False)

    def __init__(self, *args: Any, bot: Bot, datasets: Sequence[Dataset], **options: Any) -> None:
        super().__init__(*args, **options)
        into: list[tuple[str, Any]] = [
            (Into.CURATED, _("A curated answer: given word for word, at once, to this question and its rewordings"))
        ]
        if datasets:
            text = _("The bot's documents: the bot answers from it in its own words, together with what else they hold")
            into.append((Into.DATASET, text))
        self.fields["into"].choices = into  # type: ignore[attr-defined]
        self.fields["into"].initial = Into.CURATED
        self.fields["dataset"].choices = [(str(each.pk), each.name) for each in datasets]  # type: ignore[attr-defined]
        if len(datasets) < 2:
            self.fields["dataset"].widget = forms.HiddenInput()
            self.fields["dataset"].initial = str(datasets[0].pk) if datasets else ""

    def wanted(self) -> WantedCorrection:
        """Return it as the service takes it."""
        asked = self.cleaned_data
        dataset = asked["dataset"]
        return WantedCorrection(
            question=asked["question"],
            answer=asked["answer"],
            into=Into(asked["into"]),
            dataset_id=uuid.UUID(dataset) if dataset else None,
        )


def _begin_of(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
