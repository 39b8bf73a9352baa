"""Asks a web server whether it is well; run as a program it is a container's health check."""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
from collections.abc import Mapping


def is_well(host: str, port: int, settings: Mapping[str, str]) -> bool:
    """Whether `GET /v1/health` answers with 200."""
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=5)) as link:
        try:
            link.request("GET", "/v1/health", headers=_headers(settings, port))
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _headers(settings: Mapping[str, str], port: int) -> dict[str, str]:
    """Headers that the server's own rules about host names and TLS let pass."""
    names = [name.strip() for name in settings.get("ALLOWED_HOSTS", "").split(",") if name.strip()]
    host = next((name for name in names if not name.startswith(("*", "."))), "localhost")
    return {"Host": f"{host}:{port}", "X-Forwarded-Proto": "https"}


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1], int(sys.argv[2]), os.environ) else 1)
