"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models


class NoEvidence(models.TextChoices):
    """What a bot does when its datasets hold nothing on the question."""

    SAY_SO = "say_so", "Say that the documents do not answer this"
    ASK_BACK = "ask_back", "Ask the visitor to put it differently"
    ANSWER_ANYWAY = "answer_anyway", "Answer from general knowledge, and say so"
    HANDOFF = "handoff", "Say so, and ask a person to take over"


class Theme(models.TextChoices):
    """Whether the widget is light or dark."""

    AUTO = "auto", "As the visitor's system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Side(models.TextChoices):
    """Where on the page the widget is, as the page's language reads."""

    END = "end", "Right (left where people read from right to left)"
    START = "start", "Left (right where people read from right to left)"


class LauncherIcon(models.TextChoices):
    """The picture on the button that opens the widget."""

    CHAT = "chat", "Speech bubble"
    HELP = "help", "Question mark"
    SPARK = "spark", "Spark"


class Avatar(models.TextChoices):
    """What stands beside the widget's title."""

    INITIAL = "initial", "First letter of the title"
    NONE = "none", "Nothing"
