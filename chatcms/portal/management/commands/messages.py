"""`manage.py messages`: finds the texts of the pages, and keeps their translations."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand

from chatcms.config.environment import BASE_DIR
from chatcms.portal.management import catalogues

LOCALE = BASE_DIR / "locale"


class Command(BaseCommand):
    """`manage.py messages extract|update|compile|check`; see locale/README.md."""

    help = "Extract, update, compile or check the translations of the pages."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is to be done."""
        parser.add_argument("what", choices=["extract", "update", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        getattr(self, f"_{options['what']}")()

    def _extract(self) -> Catalog:
        source = catalogues.extracted(BASE_DIR)
        (LOCALE / "django.pot").write_bytes(catalogues.text_of(source))
        self.stdout.write(f"{len(source)} texts in locale/django.pot")
        return source

    def _update(self) -> None:
        source = self._extract()
        for path in _files():
            path.parent.mkdir(parents=True, exist_ok=True)
            known = catalogues.read(path) if path.exists() else Catalog(locale=path.parent.parent.name, charset="utf-8")
            known.update(source, no_fuzzy_matching=False)
            path.write_bytes(catalogues.text_of(known))
            missing = len(catalogues.untranslated(known, source))
            self.stdout.write(f"{path.relative_to(BASE_DIR)}: {missing} to translate")

    def _compile(self) -> None:
        for path in _files():
            if path.exists():
                path.with_suffix(".mo").write_bytes(catalogues.compiled(catalogues.read(path)))

    def _check(self) -> None:
        source = catalogues.extracted(BASE_DIR)
        complaints = []
        for path in filter(Path.exists, _files()):
            known, made = catalogues.read(path), path.with_suffix(".mo")
            if not made.exists() or made.read_bytes() != catalogues.compiled(known):
                complaints.append(f"{made.relative_to(BASE_DIR)} is not what its .po says: manage.py messages compile")
            for text in catalogues.untranslated(known, source):
                complaints.append(f"{path.relative_to(BASE_DIR)} lacks: {text[:80]!r}")
        for complaint in complaints:
            self.stderr.write(complaint)
        if complaints:
            raise SystemExit(1)


def _files() -> list[Path]:
    codes = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return [LOCALE / code / "LC_MESSAGES" / "django.po" for code in codes]
