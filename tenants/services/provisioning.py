"""Makes tenants: pending, creating, ready or failed; every step can be taken up again where it stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg.errors import DuplicateSchema

from chatcms.core.db.ids import uuid7
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError
from chatcms.core.logs import redact
from tenants import audit
from tenants.context import public_scope, tenant_scope
from tenants.enums import Role, TenantStatus
from tenants.exceptions import InvalidSlugError, ProvisioningFailedError, SchemaOccupiedError, SlugTakenError
from tenants.models import Plan, Tenant
from tenants.models.tenant import slug_validator
from tenants.services import members, template
from tenants.types import SYSTEM, Actor

logger = logging.getLogger(__name__)

Step = Callable[[Tenant], None]

_steps: list[Step] = []
_UNFINISHED = (TenantStatus.PENDING, TenantStatus.CREATING, TenantStatus.FAILED)


def on_tenant_created(step: Step) -> Step:
    """Register what else a new tenant needs.

    Each step runs inside the tenant in a transaction of its own, in order of registration, and must be safe
    to run again: a failure later on repeats it.
    """
    if step not in _steps:
        _steps.append(step)
    return step


def create_tenant(
    *, by: Actor, name: str, slug: str, owner_email: str | None = None, plan: Plan | None = None
) -> Tenant:
    """Make a tenant with a whole schema and return it ready.

    Raises `InvalidSlugError` or `SlugTakenError` before anything is written. Whatever goes wrong later leaves
    the tenant's row as *failed* with the reason in `status_detail`, for `resume`.
    """
    with public_scope():
        tenant = _register(by=by, name=name, slug=slug, plan=plan)
        if owner_email:
            members.add_member(by=by, tenant=tenant, email=owner_email, role=Role.OWNER)
        return _finish(tenant)


def resume(tenant: Tenant, *, by: Actor = SYSTEM) -> Tenant:
    """Go on with making `tenant` from the step it stopped at; a tenant that is ready is returned as it is."""
    with public_scope():
        tenant.refresh_from_db()
        if tenant.status not in _UNFINISHED:
            return tenant
        audit.record("tenant.resume", by=by, target=tenant, tenant_id=tenant.id)
        return _finish(tenant)


def _register(*, by: Actor, name: str, slug: str, plan: Plan | None) -> Tenant:
    try:
        slug_validator(slug)
    except ValidationError as error:
        raise InvalidSlugError from error
    tenant_id = uuid7()
    tenant = Tenant(
        id=tenant_id,
        name=name,
        slug=slug,
        schema_name=f"t_{slug.replace('-', '_')}_{tenant_id.hex[-8:]}",
        plan=plan or Plan.objects.filter(is_default=True).first(),
    )
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
            audit.record("tenant.create", by=by, target=tenant, tenant_id=tenant.id, slug=slug)
    except IntegrityError as error:
        raise SlugTakenError from error
    return tenant


def _finish(tenant: Tenant) -> Tenant:
    with _failure_noted(tenant):
        _set_status(tenant, TenantStatus.CREATING)
        _make_schema(tenant)
        for step in _steps:
            with tenant_scope(tenant), transaction.atomic():
                step(tenant)
        _set_status(tenant, TenantStatus.READY)
    return tenant


def _make_schema(tenant: Tenant) -> None:
    with transaction.atomic():
        # The lock keeps a second resume out, the time stamp in the same transaction says the schema is ours.
        locked = Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        if locked.schema_made_at is None:
            _create_empty(locked.schema_name)
            with tenant_scope(locked), connection.cursor() as cursor:
                cursor.execute(template.sql())
            locked.schema_made_at = timezone.now()
            locked.save(update_fields=["schema_made_at"])
    tenant.schema_made_at = locked.schema_made_at


def _create_empty(schema_name: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(schema_name)}")
    except ProgrammingError as error:
        if isinstance(error.__cause__, DuplicateSchema):
            raise SchemaOccupiedError from error
        raise


@contextmanager
def _failure_noted(tenant: Tenant) -> Iterator[None]:
    try:
        yield
    except AppError as error:
        _set_status(tenant, TenantStatus.FAILED, error.detail)
        raise
    except Exception as error:  # edge: whatever a step raises is noted, so that it can be resumed
        logger.exception("Tenant %s could not be made ready", tenant.id)
        reason = redact(f"{type(error).__name__}: {error}")[:500]
        _set_status(tenant, TenantStatus.FAILED, reason)
        raise ProvisioningFailedError(
            ErrorText("The tenant could not be made ready: %(reason)s", reason=reason)
        ) from error


def _set_status(tenant: Tenant, status: TenantStatus, detail: str = "") -> None:
    tenant.status, tenant.status_detail = status, detail
    tenant.save(update_fields=["status", "status_detail", "updated_at"])
