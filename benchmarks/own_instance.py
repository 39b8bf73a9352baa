"""A whole product in a folder of its own, whose processes, files and logs a benchmark may break and look into."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
from sample_instance import OWNER

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatcms.runtime.env import read_env_file  # noqa: E402 - found by the line above
from chatcms.runtime.paths import Layout, layout  # noqa: E402
from chatcms.runtime.processes import read_record  # noqa: E402
from chatcms.runtime.status import status  # noqa: E402


class Instance:
    """The product under test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.place: Layout = layout(folder)
        self.url = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.env = {**kept, "CHATCMS_VAR": str(folder), "PORT": str(port), "RATE_LIMITS": "off"}

    def runtime(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the runtime."""
        argv = [sys.executable, "-m", "chatcms.runtime", command]
        return subprocess.run(argv, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    def down(self) -> set[str]:
        """What `status` shows as down, asked in this process: a fault may be over before another one has started."""
        return {line.service for line in status(self.place, self.env) if not line.healthy}

    @property
    def password(self) -> str:
        """The sample's owner's."""
        lines = [line.strip() for line in self.place.credentials.read_text().splitlines()]
        return lines[lines.index(OWNER) + 1]

    @property
    def media(self) -> Path:
        """Where uploads are kept."""
        return self.place.var / "media"

    def setting(self, name: str) -> str:
        """One of those that `start-all.sh` has made up."""
        return read_env_file(self.place.secrets)[name]

    def process(self, name: str) -> psutil.Process:
        """One of the processes that `start-all.sh` has started."""
        record = read_record(self.place.run, name)
        assert record is not None, f"{name} has no record"
        return psutil.Process(record.pid)

    def log(self, name: str) -> str:
        """All that a process has written."""
        path = self.place.log / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""
