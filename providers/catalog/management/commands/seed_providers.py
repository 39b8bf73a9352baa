"""Adds the platform's first providers and stores the keys that the environment names."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from providers.catalog.seeding import seed


class Command(BaseCommand):
    """`manage.py seed_providers`."""

    help = (
        "Add OpenAI, Anthropic and the built-in provider to the platform's catalogue where they are missing, "
        "and store OPENAI_API_KEY and ANTHROPIC_API_KEY with them, encrypted. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, and say what was done."""
        for sentence in seed():
            self.stdout.write(sentence)
