"""Re-encrypts all stored secrets with the first key of KEY_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.management.outcomes import named
from tenants.services.rotation import rotate_secrets
from tenants.types import SYSTEM


class Command(BaseCommand):
    """`manage.py rotate_keys`."""

    help = (
        "Write every stored secret (keys of providers, secrets of webhooks and for visitors' identity) anew with the "
        "first key of KEY_ENCRYPTION_KEYS. To rotate: put a new key first, restart, run this, and then take the old "
        "key out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say how it went; fail when a secret could not be read or a tenant not be entered."""
        result = rotate_secrets(by=SYSTEM)
        self.stdout.write(f"{result.renewed} secrets written anew, {result.current} were so already.")
        if result.failures:
            raise CommandError(
                "Some tenants failed; keep the old key until they are mended and this was run again. "
                + named(result.failures)
            )
        if result.unreadable:
            raise CommandError(
                f"{len(result.unreadable)} could not be read with any key of KEY_ENCRYPTION_KEYS: "
                + "; ".join(result.unreadable)
            )
