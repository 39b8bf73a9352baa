"""Starts real PostgreSQL and Valkey for the tests, unless the environment names some.

A plugin named in pyproject.toml, because pytest-django reads the settings before any conftest is loaded.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chatcms.runtime.services import start_services, stop_services

# The services' folder is made for the tests alone; the model is the one that is installed in the checkout.
os.environ.setdefault("LOCAL_MODEL_DIR", str(Path(__file__).parents[2] / "var/models/all-MiniLM-L6-v2"))

# Files of tests are kept apart from those of a product that runs in this checkout. Each process of the tests has one
# folder, because tests that share a web server write files that it reads.
_files = tempfile.TemporaryDirectory(prefix="chatcms-tests-files-", ignore_cleanup_errors=True)
os.environ["MEDIA_ROOT"] = str(Path(_files.name) / "media")

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    _directory = tempfile.TemporaryDirectory(prefix="chatcms-tests-", ignore_cleanup_errors=True)
    _services = start_services(Path(_directory.name), durable=False)
    os.environ.update(_services.environment)
    atexit.register(stop_services, _services)


def _own_numbered_database(redis_url: str, worker: str) -> str:
    """The same Valkey with a database of its own for one of the processes that tests are spread over."""
    number = int(worker.removeprefix("gw")) + 1
    address, _, query = redis_url.partition("?")
    if address.startswith("unix:"):
        return f"{address}?{urlencode({**dict(parse_qsl(query)), 'db': number})}"
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}"))


# pytest-django gives each process of pytest-xdist a database of its own; Valkey's, nobody else does.
if _worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] = _own_numbered_database(os.environ["REDIS_URL"], _worker)
