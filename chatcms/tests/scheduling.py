"""Spreads the tests over the processes of pytest-xdist so that all of them end at about the same time.

A file stays in one process, for the servers that its tests share; the files that take long begin first, and the small
ones fill up what is left. A plugin named in pyproject.toml.
"""

from __future__ import annotations

from typing import Any

import pytest

# The longest first, by the time of all their processes and what they wait for.
LONG = (
    "chatcms/runtime/tests/test_journey.py",
    "chatcms/tests/test_schemathesis.py",
    "chatcms/portal/tests/test_settings_browser.py",
    "chatcms/portal/tests/test_browser.py",
    "chat/visitors/tests/test_widget.py",
    "datasets/tests/test_ingestion_survives.py",
    "chatcms/tests/test_examples.py",
    "chat/turns/tests/test_resumption.py",
    "bots/tests/test_browser.py",
    "chatcms/tests/test_journey.py",
    "chatcms/runtime/tests/test_install.py",
    "chatcms/runtime/tests/test_services.py",
    "chatcms/tests/test_readme.py",
    "chatcms/runtime/tests/test_status.py",
)
# Each of these tests takes as long as a file of others, and shares no more than a server that starts in seconds.
SPREAD = frozenset({"chatcms/tests/test_schemathesis.py"})


def rank(file: str) -> int:
    """Where a file comes in the order: the long ones, then those that need a browser, then all others."""
    if file in LONG:
        return LONG.index(file)
    return len(LONG) if "browser" in file else len(LONG) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: rank(item.nodeid.split("::", 1)[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files in the order above, and the tests of some files one by one."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return nodeid if file in SPREAD else file

    config.option.loadscopereorder = False
    return ByFile(config, log)
