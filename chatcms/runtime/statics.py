"""The static files as they are served: collected once for each state of them, in a folder named by its stamp."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from .paths import Layout
from .stamp import static_stamp
from .steps import run_step

SETTING = "STATIC_ROOT"


def with_static_root(place: Layout, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings with the folder that static files are served from; an owner who sets one collects them, too."""
    return {SETTING: str(place.static / static_stamp()), **settings}


def collect(place: Layout, settings: Mapping[str, str]) -> None:
    """Collect them unless they are there; an interruption leaves nothing half made."""
    root = Path(settings[SETTING])
    if not _is_ours(place, root) or root.exists():
        return
    draft = place.static / "new"
    shutil.rmtree(draft, ignore_errors=True)
    arguments = ["manage.py", "collectstatic", "--noinput"]
    run_step(place, {**settings, SETTING: str(draft)}, "collectstatic", arguments)
    draft.rename(root)


def forget_earlier(place: Layout, settings: Mapping[str, str]) -> None:
    """Remove the folders of earlier states, which no running process serves any more."""
    root = Path(settings[SETTING])
    for folder in place.static.iterdir():
        if _is_ours(place, root) and folder != root:
            shutil.rmtree(folder)


def _is_ours(place: Layout, root: Path) -> bool:
    return root.parent == place.static
