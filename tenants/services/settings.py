"""Keeps what a tenant sets for itself: name, look, language, retention, and the secret for visitors' identity."""

from __future__ import annotations

import re
import secrets
import zoneinfo
from collections.abc import Callable
from functools import cache
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from django.db import transaction

from chatcms.core.db import sealing
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from tenants import audit
from tenants.context import TenantLike
from tenants.enums import Role
from tenants.exceptions import NoIdentitySecretError, OwnersOnlyError
from tenants.models import Tenant, TenantSettings
from tenants.types import Actor

SECRET_BRAND = "cms_identity_"  # noqa: S105 - a mark to know one by, not a secret
SECRET_PURPOSE = "visitor identity"  # noqa: S105 - what the encryption key is derived for
MAX_RETENTION_DAYS = 3650

# Who may come in, and how: an admin who changed it could let in what an owner keeps out.
_OWNERS_ONLY = frozenset({"require_second_factor", "approve_staff_access"})
_COLOR = re.compile(r"\A#[0-9a-fA-F]{6}\Z")
_LANGUAGE = re.compile(r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


class SettingsChanges(TypedDict, total=False):
    """What may be changed; what is absent stays."""

    name: str
    accent_color: str
    logo_url: str
    website: str
    support_email: str
    language: str
    time_zone: str
    retention_days: int | None
    require_second_factor: bool
    approve_staff_access: bool


def settings_of(tenant: TenantLike) -> TenantSettings:
    """Return the tenant's settings; made with their defaults the first time they are asked for."""
    return TenantSettings.objects.get_or_create(tenant_id=tenant.id)[0]


def change_settings(*, by: Actor, tenant: Tenant, **changes: Unpack[SettingsChanges]) -> TenantSettings:
    """Change some of the settings and return all as they are now.

    The tenant's row is saved too, so that its `updated_at` speaks for both. Raises `InvalidInputError` with a
    pointer to the first value that cannot be taken, and `OwnersOnlyError`.
    """
    values: dict[str, Any] = dict(changes)
    _check(values)
    with transaction.atomic():
        locked = locked_tenant(tenant)
        row = settings_of(locked)
        before = {"name": locked.name, **{name: getattr(row, name) for name in values if name != "name"}}
        changed = sorted(name for name, value in values.items() if before[name] != value)
        if _OWNERS_ONLY.intersection(changed) and by.type in {"user", "api_key"} and by.role != Role.OWNER:
            raise OwnersOnlyError
        locked.name = values.pop("name", locked.name)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        touch(locked, tenant, "name")
        detail = audit.changes(before, dict(changes))
        audit.record("settings.update", by=by, target=locked, tenant_id=tenant.id, changed=changed, changes=detail)
    return row


def make_identity_secret(*, by: Actor, tenant: Tenant) -> str:
    """Make or replace the secret by which the tenant's server vouches for its visitors; return it, this once.

    What was signed with the one before is refused from now on.
    """
    secret = SECRET_BRAND + secrets.token_urlsafe(32)
    with transaction.atomic():
        locked = locked_tenant(tenant)
        row = settings_of(locked)
        replaced = bool(row.identity_secret)
        row.identity_secret = sealing.encrypt(secret, purpose=SECRET_PURPOSE, context=str(tenant.id))
        row.save(update_fields=["identity_secret", "updated_at"])
        touch(locked, tenant)
        audit.record("identity_secret.make", by=by, target=locked, tenant_id=tenant.id, replaced=replaced)
    return secret


def remove_identity_secret(*, by: Actor, tenant: Tenant) -> None:
    """Take the secret away: nobody can vouch for visitors any more. Raises `NoIdentitySecretError`."""
    with transaction.atomic():
        locked = locked_tenant(tenant)
        having = TenantSettings.objects.filter(tenant_id=tenant.id).exclude(identity_secret="")
        if not having.update(identity_secret=""):
            raise NoIdentitySecretError
        touch(locked, tenant)
        audit.record("identity_secret.remove", by=by, target=locked, tenant_id=tenant.id)


def identity_secret_of(tenant: TenantLike) -> str:
    """Return the tenant's secret for visitors' identity, "" when it has none, by one query.

    Raises `UnreadableSecretError` when the encryption key that it was stored with is gone.
    """
    sealed = TenantSettings.objects.filter(tenant_id=tenant.id).values_list("identity_secret", flat=True).first()
    return sealing.decrypt(sealed, purpose=SECRET_PURPOSE, context=str(tenant.id)) if sealed else ""


def locked_tenant(tenant: TenantLike) -> Tenant:
    """Return the row of the tenant, locked for a change to what it sets for itself."""
    return Tenant.objects.select_for_update(of=("self",), no_key=True).get(pk=tenant.id)


def touch(locked: Tenant, shown: Tenant, *fields: str) -> None:
    """Save the row, so that its `updated_at` speaks for the settings too; let `shown` have it as well."""
    locked.save(update_fields=[*fields, "updated_at"])
    shown.name, shown.updated_at = locked.name, locked.updated_at


def _is_web_address(value: str) -> bool:
    return not value or urlsplit(value).scheme.lower() in {"http", "https"}


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


_RULES: dict[str, tuple[Callable[[Any], object], ErrorText]] = {
    "name": (str.strip, ErrorText("A tenant needs a name.")),
    "accent_color": (_COLOR.match, ErrorText("Send a colour as #rrggbb.")),
    "logo_url": (_is_web_address, ErrorText("Send an address that begins with https:// or http://.")),
    "website": (_is_web_address, ErrorText("Send an address that begins with https:// or http://.")),
    "language": (_LANGUAGE.match, ErrorText("Send a language as BCP 47 has it, for example `en` or `pt-BR`.")),
    "time_zone": (
        lambda value: value in _time_zones(),
        ErrorText("Send a time zone of the IANA database, for example `Europe/Berlin`."),
    ),
    "retention_days": (
        lambda value: value is None or 1 <= value <= MAX_RETENTION_DAYS,
        ErrorText("Send 1 to %(most)s days, or null to keep conversations for ever.", most=MAX_RETENTION_DAYS),
    ),
}


def _check(values: dict[str, Any]) -> None:
    for name in values.keys() & _RULES.keys():
        accepts, complaint = _RULES[name]
        if not accepts(values[name]):
            errors = [{"pointer": f"/{name}", "detail": complaint, "code": "invalid"}]
            raise InvalidInputError(complaint, errors=errors)
