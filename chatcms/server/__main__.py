"""Starts the web server: `python -m chatcms.server --host 127.0.0.1 --port 8000`.

Every place that serves the product starts it here, so that the same limits hold everywhere.
"""

from __future__ import annotations

import argparse
import os

import uvicorn

from chatcms.config.environment import settings_or_exit

APPLICATION = "chatcms.asgi:application"
GRACE_SECONDS = 35
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


def main() -> None:
    """Serve until a signal ends the process."""
    asked = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
    os.environ.setdefault("CHATCMS_PROCESS", "web")
    settings_or_exit()
    uvicorn.run(
        asked.application,
        host=asked.host,
        port=asked.port,
        workers=asked.workers,
        log_level=asked.log_level,
        timeout_graceful_shutdown=asked.grace,
        http="chatcms.server.connection:BoundedConnection",
        ws="none",
        access_log=False,
        server_header=False,
        # The product reads forwarded headers itself, as TRUSTED_PROXIES says; uvicorn would trust any local peer.
        proxy_headers=False,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chatcms.server", description=main.__doc__)
    parser.add_argument("application", nargs="?", default=APPLICATION)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--grace", type=int, default=GRACE_SECONDS, help="seconds that open requests get at the end")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info")
    return parser.parse_args()


if __name__ == "__main__":
    main()
