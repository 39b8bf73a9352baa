"""What a person has beside the password: authenticator apps, passkeys and recovery codes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chatcms.core.db.models import TimestampedModel, UUIDModel
from tenants.enums import FactorKind
from tenants.models.people import User


class SecondFactorQuerySet(models.QuerySet["SecondFactor"]):
    """Selections of second factors."""

    def confirmed(self) -> SecondFactorQuerySet:
        """Those that were shown to work; an app whose first code was never given is none."""
        return self.filter(confirmed_at__isnull=False)


class SecondFactor(TimestampedModel):
    """An authenticator app (its `secret` encrypted) or a passkey (its public key).

    `last_counter` is the last time step whose code was taken and `sign_count` the passkey's own counter: both only
    rise, so that nothing is good twice.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="second_factors")
    kind = models.CharField(max_length=10, choices=FactorKind)
    name = models.CharField(max_length=100)
    confirmed_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    secret = models.TextField(blank=True, default="", db_default="")
    last_counter = models.BigIntegerField(default=0, db_default=0)
    credential_id = models.BinaryField(max_length=1023, null=True, unique=True)
    public_key = models.BinaryField(null=True)
    sign_count = models.BigIntegerField(default=0, db_default=0)
    transports = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        db_table = "second_factors"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="second_factors_whole",
                condition=(
                    (Q(kind=FactorKind.TOTP, credential_id__isnull=True) & ~Q(secret=""))
                    | Q(kind=FactorKind.PASSKEY, credential_id__isnull=False, public_key__isnull=False, secret="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(UUIDModel):
    """A way in for somebody without the factor, good once; only a hash of it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_codes"
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_codes_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
