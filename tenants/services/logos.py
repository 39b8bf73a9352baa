"""Keeps the picture that a tenant uploads as its logo, and gives it to whoever asks for its address."""

from __future__ import annotations

import hashlib
from typing import Unpack

from django.db import transaction

from tenants import audit, context
from tenants.exceptions import LogoTooLargeError, NoLogoError, NotAPictureError, SvgLogoError
from tenants.models import Tenant, TenantLogo, TenantSettings
from tenants.services.settings import SettingsChanges, change_settings, locked_tenant, settings_of, touch
from tenants.types import Actor

MAX_LOGO_BYTES = 256 * 1024
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
# Before the drawing there may be a declaration, a doctype and comments.
_SVG_BEGINS_WITHIN = 4096


def extension_of(content: bytes) -> str:
    """Return the extension that fits what is in a picture, whatever its file was called.

    Raises `LogoTooLargeError`, `SvgLogoError` and `NotAPictureError`.
    """
    if len(content) > MAX_LOGO_BYTES:
        raise LogoTooLargeError
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    raise SvgLogoError if b"<svg" in content[:_SVG_BEGINS_WITHIN].lower() else NotAPictureError


def put_logo(*, by: Actor, tenant: Tenant, content: bytes) -> TenantSettings:
    """Keep `content` as the tenant's logo, in place of the one before; return the settings as they are now.

    Raises what `extension_of` raises.
    """
    extension = extension_of(content)
    name = f"{hashlib.sha256(content).hexdigest()}.{extension}"
    with transaction.atomic():
        locked = locked_tenant(tenant)
        kept = {"name": name, "content_type": CONTENT_TYPES[extension], "content": content}
        TenantLogo.objects.update_or_create(tenant_id=tenant.id, defaults=kept)
        row = _named(locked, name)
        touch(locked, tenant)
        audit.record("logo.upload", by=by, target=locked, tenant_id=tenant.id, name=name, size_bytes=len(content))
    return row


def remove_logo(*, by: Actor, tenant: Tenant) -> None:
    """Delete the logo that was uploaded; an address that was given counts again. Raises `NoLogoError`."""
    with transaction.atomic():
        locked = locked_tenant(tenant)
        deleted, _ = TenantLogo.objects.filter(tenant_id=tenant.id).delete()
        if not deleted:
            raise NoLogoError
        _named(locked, "")
        touch(locked, tenant)
        audit.record("logo.remove", by=by, target=locked, tenant_id=tenant.id)


def change_look(
    *, by: Actor, tenant: Tenant, logo: bytes | None = None, **changes: Unpack[SettingsChanges]
) -> TenantSettings:
    """Change settings and, if there is a new one, the logo; all of it or nothing.

    Raises what `change_settings` and `put_logo` raise.
    """
    with transaction.atomic():
        row = change_settings(by=by, tenant=tenant, **changes)
        return row if logo is None else put_logo(by=by, tenant=tenant, content=logo)


def logo_named(*, slug: str, name: str) -> TenantLogo:
    """Return the logo of that name of a tenant that can be entered. Raises `NoLogoError`."""
    tenants = Tenant.objects.enterable().filter(slug=slug)
    logo = TenantLogo.objects.filter(tenant__in=tenants, name=name).first()
    if logo is None or not context.is_shown(logo.tenant_id):
        raise NoLogoError
    return logo


def _named(tenant: Tenant, name: str) -> TenantSettings:
    row = settings_of(tenant)
    row.logo_name = name
    row.save(update_fields=["logo_name", "updated_at"])
    return row
