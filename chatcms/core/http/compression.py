"""Compresses pages on their way to the browser, and nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """Django's gzip, which hides the length of a page from who guesses secrets by it, for whole HTML answers only.

    Streams and downloads pass as they are: a stream must not wait in a compressor for its next piece.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress `response` where it is a page and the browser takes gzip."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
