"""A bot and the datasets it answers from."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models

from bots import origins
from bots.catalogue import USUAL_TEMPERATURE
from bots.enums import NoEvidence
from chatcms.core.db.models import TimestampedModel, UUIDModel
from chatcms.webhooks.enums import OF_TURNS
from chatcms.webhooks.models import Webhook
from datasets.types import MOST_PASSAGES, USUAL_PASSAGES
from tenants.types import Origin

DEFAULT_MODEL = "gpt-3.5-turbo"
MAX_QUESTIONS = 8
MAX_QUESTION = 200
MAX_PROMPT = 32_000
MAX_TEXT = 2_000
MAX_TOKENS = 1_000_000
MAX_FALLBACKS = 3
MAX_ORIGINS = 50
MAX_DAILY_QUESTIONS = 1_000_000


def validate_finite(value: float) -> None:
    """Refuse NaN, which passes both a minimum and a maximum."""
    if not math.isfinite(value):
        raise ValidationError("Send a number from 0 to 2.")


def validate_questions(value: Any) -> None:
    """Refuse what is not a short list of short questions."""
    short = isinstance(value, list) and len(value) <= MAX_QUESTIONS
    if not short or not all(isinstance(text, str) and 0 < len(text) <= MAX_QUESTION for text in value):
        raise ValidationError(f"Send up to {MAX_QUESTIONS} questions of up to {MAX_QUESTION} characters each.")


class BotQuerySet(models.QuerySet["Bot"]):
    """Selections of bots."""

    def usable(self) -> BotQuerySet:
        """Those that may be talked to."""
        return self.unarchived().filter(is_active=True)

    def unarchived(self) -> BotQuerySet:
        """Those that have not been put away."""
        return self.filter(archived_at__isnull=True)

    def naming_provider(self, provider_id: uuid.UUID) -> BotQuerySet:
        """Those that use a provider, first of all or as a fallback."""
        named = models.Q(tenant_ai_provider_id=provider_id)
        return self.filter(named | models.Q(fallbacks__contains=[{"provider_id": str(provider_id)}]))

    def with_draft_known(self) -> BotQuerySet:
        """Each with the knowledge whether it has changes that are not published, by the same query."""
        has_draft = models.ExpressionWrapper(models.Q(draft__isnull=False), output_field=models.BooleanField())
        return self.annotate(any_draft=has_draft)

    def with_dataset_ids(self) -> BotQuerySet:
        """Each with the ids of its datasets at hand, by the same query."""
        links = BotDataset.objects.filter(bot=models.OuterRef("pk")).order_by("id")
        return self.annotate(linked_dataset_ids=ArraySubquery(links.values("dataset_id")))


class Bot(TimestampedModel):
    """Something visitors talk to: a prompt, a model, datasets, and what to do when those hold no answer.

    This row is what is published, and answers; what is being worked on is its `BotDraft`. Without a
    provider of its own it uses the tenant's default one. `created_by` names a user of the
    public schema, so it is a plain id.
    """

    name = models.CharField(max_length=255)
    slug = models.CharField(max_length=80, unique=True, editable=False)
    description = models.TextField(blank=True, default="", db_default="", validators=[MaxLengthValidator(MAX_TEXT)])
    tenant_ai_provider = models.ForeignKey(
        "providers.TenantAIProvider", on_delete=models.PROTECT, null=True, blank=True, related_name="bots"
    )
    system_prompt = models.TextField(blank=True, default="", db_default="", validators=[MaxLengthValidator(MAX_PROMPT)])
    model = models.CharField(max_length=200, default=DEFAULT_MODEL, db_default=DEFAULT_MODEL)
    temperature = models.FloatField(
        default=USUAL_TEMPERATURE,
        db_default=USUAL_TEMPERATURE,
        validators=[MinValueValidator(0), MaxValueValidator(2), validate_finite],
    )
    max_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_TOKENS)]
    )
    # How many passages of its documents the model is given at most
    passages = models.PositiveSmallIntegerField(
        default=USUAL_PASSAGES,
        db_default=USUAL_PASSAGES,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PASSAGES)],
    )
    datasets = models.ManyToManyField("datasets.Dataset", through="BotDataset", related_name="bots", blank=True)
    welcome_message = models.TextField(blank=True, default="", db_default="", validators=[MaxLengthValidator(MAX_TEXT)])
    suggested_questions = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        validators=[validate_questions],
    )
    no_evidence = models.CharField(
        max_length=16, choices=NoEvidence, default=NoEvidence.SAY_SO, db_default=NoEvidence.SAY_SO
    )
    no_evidence_message = models.TextField(
        blank=True, default="", db_default="", validators=[MaxLengthValidator(MAX_TEXT)]
    )
    # [{"provider_id": "<uuid>" or null, "model": "<name>"}]: asked in turn when one fails before its first word
    fallbacks = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    # Pages of these origins may show the bot; none: no page may
    allowed_origins = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    require_identity = models.BooleanField(default=False, db_default=False)
    # Whether it also has a page of its own on this server, open to everybody who knows the address
    hosted_page = models.BooleanField(default=False, db_default=False)
    # How many questions all visitors together may ask it in a day (UTC); None: no limit
    daily_visitor_questions = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_DAILY_QUESTIONS)]
    )
    # How the widget looks, as `bots.look.Look` stores it; what is not in it has its default
    look = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    is_active = models.BooleanField(default=True, db_default=True)
    # The number of the version that this row is; 0 when none has been kept
    version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.UUIDField(null=True, blank=True, editable=False)

    objects = BotQuerySet.as_manager()

    class Meta:
        db_table = "bots"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(temperature__gte=0, temperature__lte=2), name="bots_temperature_0_to_2"
            ),
            models.CheckConstraint(
                condition=models.Q(passages__gte=1, passages__lte=MOST_PASSAGES), name="bots_passages_1_to_20"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="bots_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def dataset_ids(self) -> list[uuid.UUID]:
        """The ids of the datasets it answers from; no query when `with_dataset_ids` has brought them."""
        known: list[uuid.UUID] | None = self.__dict__.get("linked_dataset_ids")
        if known is None:
            known = list(self.dataset_links.order_by("id").values_list("dataset_id", flat=True))
        return known

    def is_shown_on(self, origin: Origin) -> bool:
        """Say whether pages of an origin may show it.

        Our own are its hosted page, and the frame that only pages of its allowed origins may hold.
        """
        if origin.is_own and (self.hosted_page or self.allowed_origins):
            return True
        return origins.allows(self.allowed_origins, origin.name)

    def know_datasets(self, dataset_ids: Iterable[uuid.UUID]) -> None:
        """Have these be its datasets for whoever asks this instance, without a query."""
        self.__dict__["linked_dataset_ids"] = list(dataset_ids)

    @property
    def has_draft(self) -> bool:
        """Whether there are changes that are not published; no query when `with_draft_known` has brought it."""
        known: bool | None = self.__dict__.get("any_draft")
        if known is None:
            known = hasattr(self, "draft")
        return known

    @property
    def has_curated_answers(self) -> bool:
        """Whether there are answers to look for before a model is asked; no query for a bot of `bot_by_ref`."""
        known: bool | None = self.__dict__.get("any_curated_answer")
        if known is None:
            known = self.curated_answers.filter(is_active=True).exists()
        return known

    @property
    def turns_are_heard(self) -> bool:
        """Whether a webhook wants to know what happens in turns; no query for a bot of `bot_by_ref`."""
        known: bool | None = self.__dict__.get("any_listener")
        if known is None:
            known = Webhook.objects.listening(*OF_TURNS).exists()
        return known


class BotDataset(UUIDModel):
    """One dataset that a bot answers from."""

    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="dataset_links", db_index=False)
    dataset = models.ForeignKey("datasets.Dataset", on_delete=models.CASCADE, related_name="bot_links")

    class Meta:
        db_table = "bot_datasets"
        constraints = [
            models.UniqueConstraint(fields=["bot", "dataset"], name="bot_datasets_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bot_id} reads {self.dataset_id}"
