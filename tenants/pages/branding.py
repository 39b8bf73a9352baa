"""A tenant's look in the portal: its accent, made readable, and its logo."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from django.urls import reverse

from chatcms.core.pages.colour import DARK, LIGHT, accent_for
from tenants.models import Tenant, TenantSettings

_NAMES = (("--accent", "plain"), ("--accent-strong", "strong"), ("--accent-tint", "tint"), ("--on-accent", "on"))


def accent_style(settings: TenantSettings | None) -> str:
    """Return the tenant's accent as CSS; empty when it never chose one: then the product's own is used."""
    if settings is None or not settings.own_color:
        return ""
    return style_of(settings.own_color)


@lru_cache(maxsize=1024)
def style_of(color: str) -> str:
    """Return the tokens that an accent changes, for both schemes; made of numbers only."""
    light, dark = accent_for(color, LIGHT), accent_for(color, DARK)
    tokens = [f"{name}: light-dark({getattr(light, part)}, {getattr(dark, part)})" for name, part in _NAMES]
    return f":root {{ {'; '.join(tokens)} }}"


def logo_address(tenant: Tenant, settings: TenantSettings | None) -> str:
    """Return the address of the logo that the tenant uploaded, else of the one it has elsewhere over https."""
    if settings is None:
        return ""
    return uploaded_logo_address(tenant, settings) or (settings.logo_url if _origin(settings.logo_url) else "")


def uploaded_logo_address(tenant: Tenant, settings: TenantSettings) -> str:
    """Return the address of the logo that the tenant uploaded, without our host; empty without one."""
    return reverse("public:logo", args=[tenant.slug, settings.logo_name]) if settings.logo_name else ""


def logo_origin(settings: TenantSettings | None) -> str:
    """Return which other host the tenant's logo comes from, for the policy of its pages; empty if from none."""
    return "" if settings is None or settings.logo_name else _origin(settings.logo_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"https://{parts.netloc}" if parts.scheme == "https" and parts.netloc else ""
