"""Answers that people wrote, and the questions that they are for."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from pgvector.django import HalfVectorField

from bots.models.bot import MAX_PROMPT, Bot
from chatcms.core.db.models import TimestampedModel, UUIDModel

MAX_VARIANTS = 20
MAX_CURATED = 500


class CuratedAnswer(TimestampedModel):
    """An answer that people wrote themselves: given as it is, without asking a model, to the questions it is for."""

    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="curated_answers")
    answer = models.TextField(validators=[MaxLengthValidator(MAX_PROMPT)])
    is_active = models.BooleanField(default=True, db_default=True)
    hit_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_by = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "curated_answers"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.answer[:80]


class CuratedQuestion(UUIDModel):
    """One way to put a question that has a curated answer.

    `normalized` is the text without case, accents, punctuation and double blanks, for an exact match; `embedding`
    is by the built-in model (empty while it cannot be loaded), for one by meaning.
    """

    curated_answer = models.ForeignKey(CuratedAnswer, on_delete=models.CASCADE, related_name="questions")
    seq = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1000)
    normalized = models.CharField(max_length=1000, db_index=True)
    embedding = HalfVectorField(null=True)

    class Meta:
        db_table = "curated_questions"
        ordering = ["curated_answer", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["curated_answer", "seq"], name="curated_questions_one_per_place"),
        ]

    def __str__(self) -> str:
        return self.text
