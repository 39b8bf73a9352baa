"""A bot and the datasets it answers from, in the tenant's schema."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from bots.enums import NoEvidence
from chatcms.core.models import TimestampedModel, UUIDModel

DEFAULT_MODEL = "gpt-3.5-turbo"


class BotQuerySet(models.QuerySet["Bot"]):
    """Selections of bots."""

    def usable(self) -> BotQuerySet:
        """Those that may be talked to."""
        return self.filter(is_active=True)

    def with_setup(self) -> BotQuerySet:
        """Each with its provider and its links to datasets at hand: a constant number of queries."""
        return self.select_related("tenant_ai_provider").prefetch_related("dataset_links")


class Bot(TimestampedModel):
    """Something visitors talk to: a prompt, a model, datasets, and what to do when those hold no answer.

    Without a provider of its own it uses the tenant's default one. `created_by` names a user of the
    public schema, so it is a plain id.
    """

    name = models.CharField(max_length=255)
    slug = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True, default="", db_default="")
    tenant_ai_provider = models.ForeignKey(
        "providers.TenantAIProvider", on_delete=models.PROTECT, null=True, blank=True, related_name="bots"
    )
    system_prompt = models.TextField(blank=True, default="", db_default="")
    model = models.CharField(max_length=200, default=DEFAULT_MODEL, db_default=DEFAULT_MODEL)
    temperature = models.FloatField(
        default=0.7, db_default=0.7, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    max_tokens = models.PositiveIntegerField(null=True, blank=True)
    datasets = models.ManyToManyField(
        "datasets.Dataset", through="BotDataset", related_name="bots", blank=True
    )
    welcome_message = models.TextField(blank=True, default="", db_default="")
    suggested_questions = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    no_evidence = models.CharField(
        max_length=16, choices=NoEvidence, default=NoEvidence.SAY_SO, db_default=NoEvidence.SAY_SO
    )
    no_evidence_message = models.TextField(blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)
    is_public = models.BooleanField(default=False, db_default=False)
    created_by = models.UUIDField(null=True, blank=True, editable=False)

    objects = BotQuerySet.as_manager()

    class Meta:
        db_table = "bots"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(temperature__gte=0, temperature__lte=2), name="bots_temperature_0_to_2"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="bots_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


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
