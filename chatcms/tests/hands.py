"""Two pairs of hands for one journey: a mouse, and a keyboard that reaches everything by Tab alone."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page, TimeoutError

MOST_TABS = 250
_IS_FOCUSED = "element => element.getRootNode().activeElement === element"


class Hands(Protocol):
    """What a person does with a page."""

    page: Page

    def press(self, target: Locator) -> None:
        """Press a button, follow a link, tick a box."""

    def write(self, target: Locator, text: str) -> None:
        """Write into a field in place of what is there."""

    def choose(self, target: Locator, option: str) -> None:
        """Choose an option of a select by its words."""

    def give(self, target: Locator, file: Path) -> None:
        """Give a file to a field for files."""


class Mouse:
    """Clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator, option: str) -> None:
        target.select_option(label=option)

    def give(self, target: Locator, file: Path) -> None:
        target.set_input_files(file)


class Keyboard:
    """Never touches the mouse: what Tab does not reach cannot be used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        self._reach(target)
        is_ticked = target.evaluate("element => element.matches('input[type=checkbox], input[type=radio]')")
        self.page.keyboard.press("Space" if is_ticked else "Enter")

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def choose(self, target: Locator, option: str) -> None:
        self._reach(target)
        self.page.keyboard.type(option)
        self.page.keyboard.press("Tab")

    def give(self, target: Locator, file: Path) -> None:
        # On a busy machine the browser drops a chooser that it is asked for too early; a person presses once more.
        for patience_ms in (5_000, 10_000, 30_000):
            self._reach(target)
            try:
                with self.page.expect_file_chooser(timeout=patience_ms) as chooser:
                    self.page.keyboard.press("Space")
            except TimeoutError:
                continue
            chooser.value.set_files(file)
            return
        raise AssertionError(f"{target} opens no chooser of files")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate(_IS_FOCUSED):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")
