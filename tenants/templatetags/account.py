"""Puts sign-ins and grants into words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from chatcms.core.text.useragents import names_in
from tenants.enums import GrantState
from tenants.models import AccessGrant
from tenants.services.sign_ins import SignIn

register = template.Library()


@register.simple_tag
def sign_in_name(sign_in: SignIn) -> str:
    """Say which browser on which system it is, or that it is a program and where."""
    if sign_in.is_program:
        return _("A program, in %(tenant)s") % {"tenant": sign_in.tenant} if sign_in.tenant else _("A program")
    browser, system = names_in(sign_in.browser)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser")


_TONES = {
    GrantState.WAITING: ("clock", "info"),
    GrantState.ACTIVE: ("eye", "bad"),
    GrantState.REVOKED: ("close", ""),
    GrantState.DECLINED: ("close", ""),
}


@register.inclusion_tag("components/pill.html")
def grant_pill(grant: AccessGrant) -> dict[str, Any]:
    """The state of a grant as a word with an icon."""
    icon, tone = _TONES.get(grant.state, ("check", ""))
    return {"label": grant.state.label, "icon": icon, "tone": tone}
