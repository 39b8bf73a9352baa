"""Asks a web server whether it can serve; run as a program it is a container's health check."""

from __future__ import annotations

import contextlib
import http.client
import sys

PATH = "/readyz"


def is_well(host: str, port: int) -> bool:
    """Whether `GET /readyz` answers with 200: the server runs and reaches its database."""
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=5)) as link:
        try:
            link.request("GET", PATH)
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1], int(sys.argv[2])) else 1)
