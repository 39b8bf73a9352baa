"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoEvidence(models.TextChoices):
    """What a bot does when its datasets hold nothing on the question."""

    SAY_SO = "say_so", _("Say that the documents do not answer this")
    ASK_BACK = "ask_back", _("Ask the visitor to put it differently")
    ANSWER_ANYWAY = "answer_anyway", _("Answer from general knowledge, and say so")
    HANDOFF = "handoff", _("Say so, and ask a person to take over")


class Theme(models.TextChoices):
    """Whether the widget is light or dark."""

    AUTO = "auto", _("As the visitor's system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Side(models.TextChoices):
    """Where on the page the widget is, as the page's language reads."""

    END = "end", _("Right (left where people read from right to left)")
    START = "start", _("Left (right where people read from right to left)")


class LauncherIcon(models.TextChoices):
    """The picture on the button that opens the widget."""

    CHAT = "chat", _("Speech bubble")
    HELP = "help", _("Question mark")
    SPARK = "spark", _("Spark")


class Avatar(models.TextChoices):
    """What stands beside the widget's title."""

    INITIAL = "initial", _("First letter of the title")
    NONE = "none", _("Nothing")
