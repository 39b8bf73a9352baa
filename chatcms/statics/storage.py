"""Collects static files under names that hold a hash of what is in them, each beside its gzip."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

Converter = Callable[[re.Match[str]], str]

_SOURCE_MAP = "sourceMappingURL"
_MODULES = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Django's hashed names with WhiteNoise's compression; our modules import one another by those names.

    Source maps are not collected, so what names them is taken out; scripts of others are no modules.
    """

    patterns = (*HashedFilesMixin.patterns, ("js/*.js", _MODULES), ("widget/*.js", _MODULES))

    def url_converter(self, name: str, hashed_files: dict[str, str], template: str | None = None) -> Converter:
        """Return what rewrites a match of one of `patterns` in the file `name`."""
        if template and _SOURCE_MAP in template:
            return lambda _match: ""
        converter: Converter = super().url_converter(name, hashed_files, template)
        return converter

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what writes each file's gzip; Brotli would make installations differ by what else is installed."""
        return Compressor(**options, use_brotli=False)
