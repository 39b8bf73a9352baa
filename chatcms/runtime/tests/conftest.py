"""What the runtime's tests share: a var folder of their own and programs that run apart from the test's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatcms.runtime.env import own_settings
from chatcms.runtime.paths import Layout, layout
from chatcms.runtime.services import stop_services

OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "JWT_SECRET_KEY", "KEY_ENCRYPTION_KEYS", "MEDIA_ROOT"}


@contextmanager
def var_folder() -> Iterator[Layout]:
    """A var folder that is gone afterwards, with whatever was started in it."""
    folder = Path(tempfile.mkdtemp(prefix="chatcms-runtime-"))
    made = layout(folder)
    yield made
    stop_services(folder)
    shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Layout]:
    """A var folder for the test alone."""
    with var_folder() as made:
        yield made


@pytest.fixture(scope="module")
def looked_at() -> Iterator[Layout]:
    """A var folder whose services tests start and look at, and leave as they are: making a database takes long."""
    with var_folder() as made:
        yield made


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else, which nothing here may touch."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture
def bare_environ(place: Layout) -> dict[str, str]:
    """The environment without what the test run itself has set for its services."""
    kept = {name: value for name, value in own_settings(os.environ).items() if name not in OURS}
    return kept | {"CHATCMS_VAR": str(place.var)}
