"""What the rail and the settings lead to: one table each; a page that does not exist yet is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.permissions import Capability

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to lead to: its words, its URL's name, its icon, and what a member needs to enter."""

    label: Text
    name: str
    icon: str
    capability: Capability
    about: Text = ""
    # Only its own address counts as being there, not what lies below.
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An entry with its address in one tenant."""

    label: Text
    about: Text
    icon: str
    url: str
    is_current: bool


class Visitor(Protocol):
    """As much of a visit as is needed."""

    request: HttpRequest

    def may(self, capability: Capability) -> bool:
        """Say whether the member has `capability` here."""

    def url(self, name: str) -> str:
        """Return the address of a page of this tenant."""


SECTIONS = (
    Entry(_("Dashboard"), "portal:dashboard", "home", Capability.BOTS_READ, exact=True),
    Entry(_("Bots"), "bots:list", "bot", Capability.BOTS_READ),
    Entry(_("Datasets"), "datasets:list", "dataset", Capability.DATASETS_READ),
    Entry(_("Conversations"), "chat:inbox", "inbox", Capability.CONVERSATIONS_READ),
    Entry(_("Analytics"), "chat:analytics", "chart", Capability.ANALYTICS_READ),
    Entry(_("Settings"), "portal:settings", "settings", Capability.SETTINGS_READ),
)

SETTINGS = (
    Entry(
        _("Providers"), "providers:list", "plug", Capability.PROVIDERS_READ, _("Where models run, and with which key.")
    ),
    Entry(_("Members"), "tenants:members", "people", Capability.MEMBERS_READ, _("Who works here, and in which role.")),
    Entry(_("API keys"), "portal:keys", "key", Capability.KEYS_READ, _("What programs sign in with.")),
    Entry(
        _("Branding"), "tenants:branding", "brush", Capability.SETTINGS_READ,
        _("Name, colour, language, and who your visitors are."),
    ),
    Entry(_("Domains"), "tenants:domains", "globe", Capability.SETTINGS_READ, _("An address of your own.")),
    Entry(
        _("Webhooks"), "webhooks:list", "webhook", Capability.WEBHOOKS_READ,
        _("Tell your own systems what happened here."),
    ),
    Entry(
        _("Budgets and alerts"), "chat:budgets", "gauge", Capability.BUDGETS_READ,
        _("How much may be spent, and who is told."),
    ),
    Entry(
        _("Retention"), "tenants:retention", "clock", Capability.SETTINGS_READ,
        _("How long conversations are kept."),
    ),
    Entry(
        _("Security"), "tenants:security", "shield", Capability.ACCESS_GRANTS_READ,
        _("Second factors for members, and visits of the platform's staff."),
    ),
    Entry(
        _("Export"), "exports:list", "download", Capability.SETTINGS_WRITE, _("All that the tenant has, in one file.")
    ),
    Entry(_("Audit log"), "tenants:audit", "list", Capability.AUDIT_READ, _("Who did what, and when.")),
)  # fmt: skip

ACCOUNT = (
    Entry(_("Profile"), "account:profile", "person", Capability.SELF, exact=True),
    Entry(_("Password"), "account:password", "lock", Capability.SELF),
    Entry(_("Two-factor sign-in"), "account:factors", "shield", Capability.SELF),
    Entry(_("Sign-ins"), "account:sign-ins", "list", Capability.SELF),
)


def links(visitor: Visitor, entries: tuple[Entry, ...]) -> list[Link]:
    """Return the entries that the member may enter and whose pages exist."""
    found = []
    for entry in entries:
        url = _url(visitor, entry)
        if url and visitor.may(entry.capability):
            path = visitor.request.path
            is_current = path == url if entry.exact else path.startswith(url)
            found.append(Link(entry.label, entry.about, entry.icon, url, is_current))
    return found


def _url(visitor: Visitor, entry: Entry) -> str:
    try:
        return visitor.url(entry.name)
    except NoReverseMatch:
        return ""
