"""Re-encrypts all providers' keys with the first key of KEY_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.services.rotation import rotate_keys
from tenants.types import SYSTEM


class Command(BaseCommand):
    """`manage.py rotate_keys`."""

    help = (
        "Write every stored provider key anew with the first key of KEY_ENCRYPTION_KEYS. To rotate: put a "
        "new key first, restart, run this, and then take the old key out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say how it went; fail when a key could not be read, for it needs an older one."""
        result = rotate_keys(by=SYSTEM)
        self.stdout.write(f"{result.renewed} keys written anew, {result.current} were so already.")
        if result.unreadable:
            raise CommandError(
                f"{len(result.unreadable)} could not be read with any key of KEY_ENCRYPTION_KEYS: "
                + "; ".join(result.unreadable)
            )
