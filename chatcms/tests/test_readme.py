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

from chatcms.config.environment import BASE_DIR
from chatcms.portal.demo import credentials
from chatcms.portal.demo import services as demo
from chatcms.tests import live
from providers.catalog.seeding import seed

README = (BASE_DIR / "README.md").read_text()
BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def sample(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a running stack with the sample tenant, and a folder that looks like a checkout."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    seed()
    credentials.write(tmp_path / "var/credentials.txt", demo.ensure_sign_ins())
    demo.ensure_content()
    (tmp_path / "docs").symlink_to(BASE_DIR / "docs")
    with live.web_server() as address, live.worker():
        yield address, tmp_path


def numbered() -> list[tuple[str, str]]:
    """The language and text of the ten examples, in order."""
    chapter = README.split("\n## The API in ten examples\n")[1].split("\n## ")[0]
    return re.findall(r"^\*\*\d+\. .*?^```(sh|python)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)


# What each example says, in order; "" where it only remembers something.
SAID = [
    "",
    "",
    "",
    '"passages":[{',
    "",
    "E07",
    "event: done",
    "E07: too cold a battery. Warm it, or call 555 0107.",
    "battery",
    "3.5 bar",
]


def test_the_examples_of_the_readme_run_unchanged(sample: tuple[str, Path]) -> None:
    address, folder = sample
    script = ["set -eo pipefail"]
    for number, (language, text) in enumerate(numbered()):
        example = text.replace(BASE_URL, address)
        if language == "python":
            (folder / f"{number}.py").write_text(example)
            example = f"{sys.executable} {number}.py\n"
        script.append(f"{example}echo; echo ---")

    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.split("\n---\n")[:-1]
    assert len(said) == len(SAID) == 10
    for expected, words in zip(SAID, said, strict=True):
        assert expected.lower() in words.lower()
        assert expected or not words.strip()
    streamed = said[6]
    for event in ("event: conversation", "event: citation", "fjord-one-service-guide.pdf"):
        assert event in streamed
