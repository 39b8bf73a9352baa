"""DRF's parsers of bodies."""

from __future__ import annotations

from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from chatcms.core.text.jsonin import MalformedJSONError, read_json


class StrictJSONParser(BaseParser):
    """Reads JSON from bytes; the sender has no say in how they are decoded."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return what the body says; `ParseError` for one that `read_json` refuses."""
        try:
            return read_json(stream.read())
        except MalformedJSONError as error:
            raise ParseError(error.detail) from None
