"""A visitor in a browser: opens the widget on a page of a shop, asks, reads, presses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from bots.models import Bot
from bots.public_id import public_id
from chat.visitors.tests.pages import Site, page_with, widget_tag
from chatcms.tests.browser import opened
from chatcms.tests.waiting import until_shown
from tenants.context import current_tenant_id, tenant_scope
from tenants.models import Tenant

# Keeps what the widget tells the page, and what it announces, in the order of happening.
RECORD = """
window.told = [];
window.announced = [];
for (const name of ["ready", "open", "close", "question", "answer", "error", "feedback"]) {
  document.addEventListener(`chatcms:${name}`, (event) => told.push([name, event.detail]));
}
document.addEventListener("chatcms:open", ({ target }) => {
  const status = target.shadowRoot.querySelector("[role=status].unseen");
  const heard = () => { if (status.textContent) announced.push(status.textContent); };
  new MutationObserver(heard).observe(status, { childList: true });
}, { once: true });
"""


class Visitor:
    """A page with the widget, and what one does there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.widget = page.locator("chat-ai-widget")
        self.panel = self.widget.get_by_role("dialog").first
        self.box = self.widget.get_by_role("textbox").first
        self.who = self.widget.locator(".head p").first
        self.turns = self.widget.locator(".turn")
        self.answer = self.widget.locator(".answer").last

    def open(self) -> None:
        """Open the panel with the launcher."""
        self.button("Chat with Guide").click()
        expect(self.box).to_be_focused()

    def button(self, name: str) -> Locator:
        """A button of the widget."""
        return self.widget.get_by_role("button", name=name, exact=True)

    def ask(self, question: str) -> None:
        """Type a question and send it."""
        self.box.fill(question)
        self.box.press("Enter")

    def wait_until(self, state: str) -> None:
        """Wait until the last answer has that state."""
        expect(self.turns.last).to_have_attribute("data-state", state)

    def ask_and_read(self, question: str) -> str:
        """Ask, wait for the whole answer and return its text."""
        before = self.turns.count()
        self.ask(question)
        expect(self.turns).to_have_count(before + 1)
        self.wait_until("done")
        return self.text

    @property
    def text(self) -> str:
        """The text of the last answer, in one line."""
        return " ".join(self.answer.locator(".text").inner_text().split())

    def told(self) -> list[tuple[str, Any]]:
        """What the page has been told, as events."""
        return [(name, detail) for name, detail in self.page.evaluate("told")]

    def announced(self, last: str) -> list[str]:
        """What screen readers were given, once `last` was the last of it."""
        until_shown(self.page, lambda: self.page.evaluate("announced.at(-1)") == last, f"the announcement {last!r}")
        heard: list[str] = self.page.evaluate("announced")
        return heard


def public(tenant: Tenant, bot: Bot) -> str:
    """Return the id by which pages name a bot."""
    return public_id(tenant_id=tenant.id, bot_id=bot.pk)


def change(tenant: Tenant, **values: Any) -> None:
    """Change the bots of a tenant."""
    with tenant_scope(tenant):
        assert current_tenant_id() == tenant.id
        Bot.objects.update(**values)


@contextmanager
def visitor(
    browser: Browser,
    shop: Site,
    tag: str,
    *,
    lang: str = "en",
    direction: str = "ltr",
    head: str = "",
    before: str = "",
    **options: Any,
) -> Iterator[Visitor]:
    """Open a page of the shop that has the widget; `before` is script that runs first, `options` are `opened`'s."""
    with opened(browser, **options) as page:
        page.add_init_script(RECORD + before)
        page.goto(shop.put("/", page_with(head=head, body=tag, lang=lang, direction=direction)))
        yield Visitor(page)


__all__ = ["Visitor", "change", "public", "visitor", "widget_tag"]
