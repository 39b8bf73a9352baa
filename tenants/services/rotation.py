"""Writes every stored secret anew with the first key-encryption key, so that the old ones can be dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from chatcms.core.db import sealing
from tenants import audit
from tenants.context import public_scope
from tenants.each import Failure, for_each_tenant
from tenants.models import Tenant
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class SealedField:
    """A column of encrypted secrets: where it is, and to what each secret in it is bound.

    `context_of` is asked with the row's tenant in force when the table is one of each tenant's schema.
    """

    model: type[models.Model]
    name: str
    purpose: str
    context_of: Callable[[Any], str]
    in_each_tenant: bool


@dataclass
class Rotation:
    """How many secrets were written anew and how many were so already, whose could not be read, and who failed."""

    renewed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


_fields: list[SealedField] = []


def register(sealed: SealedField) -> None:
    """Add a column of secrets; called by its app, in `AppConfig.ready`."""
    if sealed not in _fields:
        _fields.append(sealed)


def rotate_secrets(*, by: Actor) -> Rotation:
    """Re-encrypt the secrets of the platform and of every tenant that has a schema; safe to run again.

    A secret that cannot be read is left as it is and named in the result, and so is a tenant that failed.
    """
    result = Rotation()
    with public_scope():
        _rotate_fields(result, "platform", in_each_tenant=False)
        result.failures = for_each_tenant(
            lambda tenant: _rotate_fields(result, tenant.slug, in_each_tenant=True),
            task="rotate_keys",
            tenants=Tenant.objects.with_schema(),
        ).failures
        with transaction.atomic():
            detail: dict[str, Any] = {"renewed": result.renewed, "unreadable": result.unreadable}
            if result.failures:
                detail["failed"] = [failure.slug for failure in result.failures]
            audit.record("platform.rotate_secrets", by=by, **detail)
    return result


def _rotate_fields(result: Rotation, owner: str, *, in_each_tenant: bool) -> None:
    for sealed in _fields:
        if sealed.in_each_tenant == in_each_tenant:
            _rotate(result, owner, sealed)


def _rotate(result: Rotation, owner: str, sealed: SealedField) -> None:
    for row in sealed.model._base_manager.exclude(**{sealed.name: ""}).order_by("pk"):
        before, context = getattr(row, sealed.name), sealed.context_of(row)
        try:
            fresh = sealing.rotated(before, purpose=sealed.purpose, context=context)
        except sealing.UnreadableSecretError:
            result.unreadable.append(f"{owner}: {row}")
            continue
        # One that was replaced meanwhile is new already: the row is changed only if it still holds the old one.
        unchanged = sealed.model._base_manager.filter(pk=row.pk, **{sealed.name: before})
        if fresh is not None and unchanged.update(**{sealed.name: fresh}):
            result.renewed += 1
        else:
            result.current += 1
