"""What is begun first is there: a file that was renamed would silently come last."""

from __future__ import annotations

from chatcms.config.environment import BASE_DIR
from chatcms.tests.scheduling import LONG, SPREAD, rank


def test_every_file_that_is_named_exists() -> None:
    assert [file for file in (*LONG, *SPREAD) if not (BASE_DIR / file).is_file()] == []


def test_long_files_come_before_browsers_and_those_before_the_rest() -> None:
    small, browser = "chat/turns/tests/test_api.py", "chat/inbox/tests/test_inbox_browser.py"
    assert sorted([small, browser, LONG[1], LONG[0]], key=rank) == [LONG[0], LONG[1], browser, small]
