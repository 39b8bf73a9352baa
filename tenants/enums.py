"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models


class TenantStatus(models.TextChoices):
    """Where a tenant is in its life; only `READY` ones may be entered by their members."""

    PENDING = "pending", "Pending"
    CREATING = "creating", "Creating"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    SUSPENDED = "suspended", "Suspended"
    DELETING = "deleting", "Deleting"


class Role(models.TextChoices):
    """What a member may do, from most to least."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


class Scope(models.TextChoices):
    """What an API key may do."""

    CHAT = "chat", "Chat with bots"
    READ = "read", "Read the tenant's things"
    WRITE = "write", "Change bots, datasets and documents"
    ADMIN = "admin", "Manage providers and keys"
