"""The closed sets of words that this app stores."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class TenantStatus(models.TextChoices):
    """Where a tenant is in its life; only `READY` ones may be entered by their members."""

    PENDING = "pending", "Pending"
    CREATING = "creating", "Creating"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    SUSPENDED = "suspended", "Suspended"
    DELETING = "deleting", "Deleting"


class DomainProof(models.TextChoices):
    """How a domain was found to be its tenant's."""

    DNS = "dns", "A TXT record"
    STAFF = "staff", "The platform's staff"
    HTTP = "http", "What it answers, before TXT records were asked for"


class Role(models.TextChoices):
    """What a member may do, from most to least."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


# Who may invite people and make keys.
MANAGING = frozenset({Role.OWNER, Role.ADMIN})


class LeftKeys(models.TextChoices):
    """What becomes of the keys that somebody made who goes, or may make none any more."""

    REVOKE = "revoke", _("Revoke them")
    KEEP = "keep", _("Keep them, in my name from now on")


class FactorKind(models.TextChoices):
    """What a second factor is."""

    TOTP = "totp", _("Authenticator app")
    PASSKEY = "passkey", _("Passkey")


class GrantRole(models.TextChoices):
    """What staff may be let into a tenant as: never as somebody who could make keys or members."""

    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")


class GrantState(models.TextChoices):
    """Where a grant of access is in its life."""

    WAITING = "waiting", _("Waiting for an owner")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    REVOKED = "revoked", _("Revoked")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Not answered")


class RequestState(models.TextChoices):
    """Where a request of staff for a member is in its life."""

    WAITING = "waiting", _("Waiting for an owner")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Not answered")


class Notice(StrEnum):
    """What owners are told by mail that the platform's staff did, or ask for."""

    MEMBER_REQUESTED = "member_requested"
    MEMBER_LOWERED = "member_lowered"
    PASSWORD_SET = "password_set"  # noqa: S105 - what happened
    FACTORS_RESET = "factors_reset"
    ADDRESS_CHANGED = "address_changed"
    SWITCHED_ON = "switched_on"
    SWITCHED_OFF = "switched_off"


class InvitationState(models.TextChoices):
    """Whether an invitation can be accepted."""

    OPEN = "open", _("Open")
    EXPIRED = "expired", _("Expired")
    ACCEPTED = "accepted", _("Accepted")


class MailState(models.TextChoices):
    """`DISCARDED` is one for an address that nobody has; `FAILED` ones are not tried again by themselves."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    DISCARDED = "discarded", "Discarded"


class Scope(models.TextChoices):
    """What an API key may do."""

    CHAT = "chat", _("Chat with bots")
    READ = "read", _("Read the tenant's things")
    WRITE = "write", _("Change bots, datasets and documents")
    ADMIN = "admin", _("Manage providers and keys")


# No limited key is made with one of these: what they add is about the whole tenant.
TENANT_WIDE_SCOPES = frozenset({Scope.ADMIN})


class Limit(StrEnum):
    """What an API key can be limited to some of; the name of the key's column and of the actor's field."""

    BOTS = "bot_ids"
    DATASETS = "dataset_ids"
