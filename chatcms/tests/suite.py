"""Runs the whole suite, then each file that failed once more by itself: `python -m chatcms.tests.suite`.

A test that fails among the others and passes alone is flaky: it is named and counted, and more than `MOST_FLAKY` of
them fail the run. A test that fails both times fails the run. Both runs are printed whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_FLAKY = 3
MOST_FILES = 12  # where more have failed, something is broken: running them again would only hide it for longer
TESTS_FAILED = 1  # pytest's own exit code for it; any other says that the run itself went wrong
# One more than two cores: a test that waits for a server, a browser or a pause leaves its core to another.
PROCESSES = 3
TOGETHER = ("-n", str(PROCESSES), "--dist", "loadfile")
ALONE = ("-n", "0")


@dataclass(frozen=True)
class Run:
    """What one call of pytest found: its exit code and the ids of the tests."""

    code: int
    passed: frozenset[str]
    failed: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether pytest came to its end, whatever the tests said."""
        return self.code in {0, TESTS_FAILED}

    @property
    def files(self) -> list[str]:
        """The files with a failed test."""
        return sorted({test.partition("::")[0] for test in self.failed})


@dataclass(frozen=True)
class Verdict:
    """What both runs say together."""

    passed: frozenset[str]
    flaky: frozenset[str]
    failed: frozenset[str]

    @property
    def code(self) -> int:
        """The exit code of the whole."""
        return int(bool(self.failed) or len(self.flaky) > MOST_FLAKY)


def main(arguments: Sequence[str]) -> int:
    """Run everything that `arguments` name (all tests without any) and return the exit code."""
    first = pytest(*TOGETHER, *arguments)
    if first.code != TESTS_FAILED or not first.failed:
        return first.code
    if len(first.files) > MOST_FILES:
        say(f"{len(first.files)} files failed: too many to be chance, none is run again.")
        return first.code
    say(f"Once more, each file alone: {len(first.files)} failed.")
    verdict = judge(first, [pytest(*ALONE, file) for file in first.files])
    report(verdict)
    return verdict.code


def pytest(*arguments: str) -> Run:
    """Call pytest in a process of its own, its output going where ours goes."""
    with tempfile.TemporaryDirectory(prefix="chatcms-suite-") as folder:
        file = Path(folder) / "outcomes.json"
        own = ("-p", "chatcms.tests.outcomes", f"--outcomes={file}")
        code = subprocess.run([sys.executable, "-m", "pytest", *own, *arguments], check=False).returncode
        found = json.loads(file.read_text()) if file.exists() else {"passed": [], "failed": []}
    return Run(code, frozenset(found["passed"]), frozenset(found["failed"]))


def judge(first: Run, alone: Sequence[Run]) -> Verdict:
    """Put the runs together; what did not pass when it ran alone has failed, even if it was not run at all."""
    passed = frozenset[str]().union(*(run.passed for run in alone if run.whole))
    failed = frozenset[str]().union(*(run.failed for run in alone)) | (first.failed - passed)
    flaky = first.failed & passed
    return Verdict((first.passed | passed) - failed, flaky - failed, failed)


def report(verdict: Verdict) -> None:
    """Name the flaky and the failed, and close with one line that sums everything up."""
    if verdict.flaky:
        say(f"Flaky: {len(verdict.flaky)} failed among the others and passed alone; at most {MOST_FLAKY} may.")
        print("\n".join(f"  {test}" for test in sorted(verdict.flaky)))
    if verdict.failed:
        say(f"Failed both times: {len(verdict.failed)}.")
        print("\n".join(f"  {test}" for test in sorted(verdict.failed)))
    print(f"\n{len(verdict.passed)} passed, {len(verdict.failed)} failed", flush=True)


def say(sentence: str) -> None:
    """Print a heading between the outputs of pytest."""
    print(f"\n== {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
