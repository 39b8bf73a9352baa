"""Writes down which tests passed and which failed, for a run that wants to look at them afterwards.

A pytest plugin: `-p chatcms.tests.outcomes --outcomes=FILE`. The file is JSON with the tests' node ids:
`{"passed": [...], "failed": [...]}`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest


class Recorder:
    """Collects the reports of one run; a test that fails in its setup or its teardown counts as failed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one step of one test; with pytest-xdist the controller receives those of all processes."""
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not even be imported."""
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        found = {"passed": sorted(self.passed - self.failed), "failed": sorted(self.failed)}
        self.file.write_text(json.dumps(found))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file's name."""
    parser.addoption("--outcomes", type=Path, default=None, help="a JSON file to write the outcomes to")


def pytest_configure(config: pytest.Config) -> None:
    """Record in the process that speaks for the whole run, not in those that pytest-xdist starts."""
    file = config.getoption("outcomes")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(file), "outcomes-recorder")
