"""The README's examples, run as they stand there against the real stack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatcms.environment import BASE_DIR
from chatcms.portal.demo import services as demo
from chatcms.portal.management.commands.bootstrap import write_credentials
from chatcms.tests import live
from providers.catalog.seeding import seed

README = (BASE_DIR / "README.md").read_text()
BASE_URL = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def sample(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a running stack with the sample tenant, and a folder that looks like a checkout."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    seed()
    write_credentials(tmp_path / "var/credentials.txt", demo.ensure_sign_ins())
    demo.ensure_content()
    (tmp_path / "docs").symlink_to(BASE_DIR / "docs")
    with live.web_server() as address, live.worker():
        yield address, tmp_path


def test_the_examples_of_the_readme_run_unchanged(sample: tuple[str, Path]) -> None:
    address, folder = sample
    shell = "\n".join(blocks("sh")).replace(BASE_URL, address)
    python = blocks("python")[0].replace(BASE_URL, address)
    (folder / "example.py").write_text(python)
    script = f"set -e\n{shell}\necho\necho ---\n{sys.executable} example.py\n"

    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    streamed, client_said = ran.stdout.split("\n---\n")
    for expected in ("event: conversation", "event: citation", "fjord-one-service-guide.pdf", "event: done"):
        assert expected in streamed
    assert '"passages":[{' in streamed
    assert "battery" in client_said.lower()
