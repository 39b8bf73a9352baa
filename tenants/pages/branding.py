"""A tenant's look in the portal: its accent, made readable, and its logo."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from chatcms.core.colour import DARK, LIGHT, accent_for
from tenants.models import TenantSettings
from tenants.models.settings import DEFAULT_COLOR

_NAMES = (("--accent", "plain"), ("--accent-strong", "strong"), ("--accent-tint", "tint"), ("--on-accent", "on"))


def accent_style(settings: TenantSettings | None) -> str:
    """Return the tenant's accent as CSS; empty when it never chose one: then the product's own is used."""
    if settings is None or settings.accent_color.lower() == DEFAULT_COLOR:
        return ""
    return style_of(settings.accent_color)


@lru_cache(maxsize=1024)
def style_of(color: str) -> str:
    """Return the tokens that an accent changes, for both schemes; made of numbers only."""
    light, dark = accent_for(color, LIGHT), accent_for(color, DARK)
    tokens = [f"{name}: light-dark({getattr(light, part)}, {getattr(dark, part)})" for name, part in _NAMES]
    return f":root {{ {'; '.join(tokens)} }}"


def logo_origin(settings: TenantSettings | None) -> str:
    """Return where the tenant's logo comes from, for the policy of its pages; empty without a logo over https."""
    parts = urlsplit(settings.logo_url if settings is not None else "")
    return f"https://{parts.netloc}" if parts.scheme == "https" and parts.netloc else ""
