"""Where the runtime keeps things: the var folder and the short private folder of its sockets."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from .errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
# The kernel allows 104 (macOS) or 108 bytes for a socket's path; a checkout may lie deeper than that.
SOCKET_PARENTS = ("/tmp", "/var/tmp")  # noqa: S108 - the folder made there is checked to be ours
SOCKET_ATTEMPTS = 20


@dataclass(frozen=True)
class Layout:
    """The files and folders below one var folder."""

    var: Path

    @property
    def pg(self) -> Path:
        return self.var / "pg"

    @property
    def valkey(self) -> Path:
        return self.var / "valkey"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def models(self) -> Path:
        return self.var / "models"

    @property
    def media(self) -> Path:
        return self.var / "media"

    @property
    def static(self) -> Path:
        return self.var / "static"

    @property
    def secrets(self) -> Path:
        return self.var / "runtime.env"

    @property
    def credentials(self) -> Path:
        return self.var / "credentials.txt"

    @property
    def digest(self) -> str:
        """Ten characters that tell this var folder from every other on the machine."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:10]

    def require_ours(self) -> None:
        """Raise SetupError if the folder exists and belongs to another user."""
        owner = self.var.stat().st_uid if self.var.exists() else os.geteuid()
        if owner != os.geteuid():
            raise SetupError(
                f"{self.var} belongs to the user with number {owner}, not to the one running this.",
                f"run it as that user, or hand the folder over: chown -R {os.geteuid()} '{self.var}'.",
            )

    def prepare(self) -> None:
        """Make the folders; only the owner, who has to be ourselves, can look into them."""
        self.var.mkdir(parents=True, exist_ok=True)
        self.require_ours()
        # As root the database runs as another user, who has to pass through var to reach its own folder.
        self.var.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.valkey, self.log, self.run, self.models, self.media, self.static):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)


def layout(var_dir: Path | None = None) -> Layout:
    """The layout of `var_dir`, else of CHATCMS_VAR, else of the checkout's own var folder."""
    chosen = var_dir or Path(os.environ.get("CHATCMS_VAR") or ROOT / "var")
    return Layout(chosen.absolute().resolve())


def socket_home(place: Layout) -> Path:
    """A short folder of our own for sockets, made if absent; one that somebody else squats on is passed over.

    Its name depends only on the user and the var folder, so every process finds the same one.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for parent in SOCKET_PARENTS:
        for attempt in range(SOCKET_ATTEMPTS):
            suffix = f"-{attempt}" if attempt else ""
            folder = Path(parent, f"chatcms-{os.geteuid()}-{place.digest}{suffix}")
            if _claim(folder, mode):
                return folder
    raise SetupError(
        f"No private folder for sockets could be made in {' or '.join(SOCKET_PARENTS)}.",
        "free some space there and make sure this user may write to it.",
    )


def _claim(folder: Path, mode: int) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    folder.chmod(mode)
    return True
