"""What is said of a worker's process that has ended."""

from __future__ import annotations

import pytest

from chatcms.jobs.children import Teller


class Process:
    """One that has ended."""

    pid = 7

    def __init__(self, exitcode: int | None) -> None:
        self.exitcode = exitcode


@pytest.mark.parametrize(
    ("code", "words"), [(-9, "killed by SIGKILL"), (-11, "killed by SIGSEGV"), (3, "ended with code 3")]
)
def test_a_process_that_did_not_end_by_itself_is_named_and_handed_on(
    code: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    handed: list[Process] = []
    Teller(handed.append)(Process(code))
    assert words in caplog.text
    assert len(handed) == 1


@pytest.mark.parametrize("code", [0, None, 0x9B])
def test_one_that_ended_as_it_should_is_not_named(code: int | None, caplog: pytest.LogCaptureFixture) -> None:
    Teller(None)(Process(code))
    assert caplog.text == ""
