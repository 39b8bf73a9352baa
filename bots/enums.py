"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models


class NoEvidence(models.TextChoices):
    """What a bot does when its datasets hold nothing on the question."""

    SAY_SO = "say_so", "Say that the documents do not answer this"
    ASK_BACK = "ask_back", "Ask the visitor to put it differently"
    ANSWER_ANYWAY = "answer_anyway", "Answer from general knowledge, and say so"
    HANDOFF = "handoff", "Point to a person"
