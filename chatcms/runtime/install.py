"""Makes .venv and installs the locked requirements; run by a plain Python, so it imports nothing of ours."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FREE_BYTES = 1_500_000_000
OLDEST_PYTHON = (3, 11)
NOTE_LINES = 15
# uv then trusts what the machine trusts, as pip does; older and newer versions call it differently.
SYSTEM_CERTIFICATES = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
# What the end of an installer's log tells a person; the first that is found counts.
CAUSES = (
    (r"No space left", "The disk is full.", "free 1.5 GB, then run this again."),
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "A package differs from the one that was locked.",
        "check the package registry or mirror this machine uses.",
    ),
    (
        r"resolve|Connection|timed out|ProxyError|SSLError|CERTIFICATE|error sending request",
        "The package registry could not be reached.",
        "check the network, or set PIP_INDEX_URL or a proxy, then run this again.",
    ),
    (
        r"No matching distribution|not a supported wheel|no wheels|no usable wheels",
        "A package does not exist for this Python or machine.",
        "use Python 3.11, 3.12 or 3.13 on Linux or macOS: PYTHON=python3.12 ./start-all.sh",
    ),
)


class InstallError(Exception):
    """Something a person can put right."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} Cure: {cure}")


@dataclass(frozen=True)
class Installation:
    """The virtual environment of one checkout."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def unfinished(self) -> Path:
        """Exists while an install is at work or has been interrupted; keeps the installer's log."""
        return self.root / ".venv-unfinished"

    @property
    def log(self) -> Path:
        return self.unfinished / "install.log"

    def stamp(self, lock: str) -> Path:
        return self.venv / f".installed-{lock}"


def install(target: Installation, locks: list[str]) -> None:
    """Bring .venv up to these lock files; does nothing when it is, and begins anew after an interruption."""
    with (target.root / locks[0]).open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        sound = not target.unfinished.exists() and _works(target)
        missing = [lock for lock in locks if not sound or not _is_current(target, lock)]
        if not missing:
            return
        _require_space(target.root)
        target.unfinished.mkdir(exist_ok=True)
        if not sound:
            _make_venv(target)
        print("Installing the Python packages; the first time this takes a minute or two.", flush=True)
        for lock in missing:
            _install_lock(target, lock)
            target.stamp(lock).write_text(_digest(target, lock))
        _compile(target)
        shutil.rmtree(target.unfinished)


def _works(target: Installation) -> bool:
    if not target.python.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([target.python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _digest(target: Installation, lock: str) -> str:
    return hashlib.sha256((target.root / lock).read_bytes()).hexdigest()


def _is_current(target: Installation, lock: str) -> bool:
    stamp = target.stamp(lock)
    return stamp.exists() and stamp.read_text() == _digest(target, lock)


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < FREE_BYTES:
        raise InstallError(
            f"The disk of {root} is too full: {free // 1_000_000} MB are free, "
            f"{FREE_BYTES // 1_000_000} MB are needed.",
            "free some space.",
        )


def _make_venv(target: Installation) -> None:
    shutil.rmtree(target.venv, ignore_errors=True)
    uv = shutil.which("uv")
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        argv = [sys.executable, "-m", "venv", str(target.venv)]
    elif uv:
        argv = [uv, "venv", "--quiet", "--python", sys.executable, str(target.venv)]
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise InstallError(
            f"The venv module of Python {version} is missing on this machine.",
            f"apt-get install python{version}-venv (Debian, Ubuntu), or install uv.",
        )
    print(f"Making .venv with {sys.executable}.", flush=True)
    if _run(target, argv):
        raise _explained(target)


def _install_lock(target: Installation, lock: str) -> None:
    options = ["--require-hashes", "--only-binary", ":all:", "-r", str(target.root / lock)]
    uv = shutil.which("uv")
    if uv and _run(target, [uv, "pip", "install", "--quiet", "--python", str(target.python), *options]) == 0:
        return
    # pip also knows mirrors, certificates and proxies that only its own configuration names.
    has_pip = _run(target, [str(target.python), "-m", "pip", "--version"]) == 0
    pip = [str(target.python), "-m", "pip", "install", "--quiet", "--no-compile"]
    if not has_pip or _run(target, [*pip, *options]):
        raise _explained(target)


def _compile(target: Installation) -> None:
    """Compile what was installed, on all cores: pip would use one, uv does not do it, and every start would."""
    # Some packages bring files for other versions of Python, which cannot be compiled and are not needed.
    _run(target, [str(target.python), "-m", "compileall", "-q", "-j", "0", str(target.venv / "lib")])


def _run(target: Installation, argv: list[str]) -> int:
    env = os.environ | SYSTEM_CERTIFICATES
    with target.log.open("ab") as log:
        return subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode


def _explained(target: Installation) -> InstallError:
    lines = target.log.read_text(errors="replace").splitlines()[-NOTE_LINES:]
    note = "\n".join(lines)
    print(note, file=sys.stderr)
    for pattern, what, cure in CAUSES:
        if re.search(pattern, note):
            return InstallError(what, f"{cure} The whole log: {target.log}")
    return InstallError("The Python packages could not be installed.", f"read {target.log}.")


def main(arguments: list[str]) -> int:
    """Install, with --dev also what the checks need; a curable problem is one line and exit code 1."""
    locks = ["requirements.txt", *(["requirements-dev.txt"] if "--dev" in arguments else [])]
    try:
        install(Installation(Path(__file__).resolve().parents[2]), locks)
    except InstallError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
