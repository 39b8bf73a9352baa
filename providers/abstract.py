"""Model parts that the platform's and the tenants' providers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone

from chatcms.core.db.models import TimestampedModel
from providers.enums import ProviderType
from providers.learned import Learned
from providers.types import CheckResult


class ProviderRow(TimestampedModel):
    """A provider: its kind, its settings, its key (encrypted, never shown), and how its last check went.

    `config` holds `base_url`, `models` and what `providers.config` names; never a secret. `learned` is what its vendor
    told of its models, as `providers.learned` has it.
    """

    name = models.CharField(max_length=100)
    provider_type = models.CharField(max_length=20, choices=ProviderType)
    config = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    learned = models.JSONField(
        default=dict, blank=True, db_default=models.Value({}, models.JSONField()), editable=False
    )
    encrypted_key = models.TextField(blank=True, default="", db_default="", editable=False)
    key_last_four = models.CharField(max_length=4, blank=True, default="", db_default="", editable=False)
    is_active = models.BooleanField(default=True, db_default=True)
    is_default = models.BooleanField(default=False, db_default=False)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_check_ok = models.BooleanField(null=True, blank=True, editable=False)
    last_check_detail = models.TextField(blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def has_key(self) -> bool:
        """Whether a key is stored with this row."""
        return bool(self.encrypted_key)

    @property
    def settings(self) -> dict[str, Any]:
        """The config as a dict, whatever plain SQL has put there."""
        return self.config if isinstance(self.config, dict) else {}

    @property
    def knowledge(self) -> Learned:
        """What was learned, whatever plain SQL has put there."""
        return self.learned if isinstance(self.learned, dict) else {}

    def learn(self, news: Callable[[Learned], dict[str, Any]]) -> None:
        """Keep what `news` makes of what is known by now; nothing happens if the row was deleted meanwhile.

        To be called in a transaction.
        """
        row = type(self)._base_manager.select_for_update(of=("self",)).filter(pk=self.pk).first()
        if row is not None:
            self.learned = news(row.knowledge)
            type(self)._base_manager.filter(pk=self.pk).update(learned=self.learned)

    def remember_check(self, result: CheckResult) -> None:
        """Keep how a real call went; nothing happens if the row was deleted meanwhile."""
        self.last_checked_at = timezone.now()
        self.last_check_ok = result.ok
        self.last_check_detail = result.detail
        type(self)._base_manager.filter(pk=self.pk).update(
            last_checked_at=self.last_checked_at, last_check_ok=result.ok, last_check_detail=result.detail
        )
