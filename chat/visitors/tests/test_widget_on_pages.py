"""The widget on pages that swap their content, style everything, show two bots, or have a wrong tag; in Chromium."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bots.models import Bot
from chat.tests.fixtures import MakeBot
from chat.visitors.tests.pages import Site, page_with, site, widget_tag
from chat.visitors.tests.visiting import RECORD, Visitor, change, public, visitor
from chat.visitors.widget.script import SOURCES
from chatcms.tests.browser import opened
from chatcms.tests.waiting import until_shown
from tenants.models import Tenant


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Site]:
    with site() as served:
        yield served


@pytest.fixture
def bot(acme: Tenant, make_bot: MakeBot, shop: Site) -> Bot:
    return make_bot(allowed_origins=[shop.origin])


@pytest.fixture
def tag(server: str, acme: Tenant, bot: Bot) -> str:
    return widget_tag(server, public(acme, bot))


def launchers(page: Page) -> int:
    """How many launchers there are to press."""
    shown: int = page.evaluate(
        "[...document.querySelectorAll('chat-ai-widget')]"
        ".filter((one) => one.shadowRoot?.querySelector('.launcher')).length"
    )
    return shown


# --- pages that swap their content --------------------------------------------------------------------------------

SWAPS = {
    # What Turbo Drive and Astro's view transitions do.
    "another body": (
        "const b = document.createElement('body'); b.innerHTML = '<h1>Two</h1>'; document.body.replaceWith(b)"
    ),
    "another body and head": (
        "const d = new DOMParser().parseFromString('<title>Two</title><h1>Two</h1>', 'text/html');"
        "document.documentElement.replaceChildren(d.head, d.body)"
    ),
    "other content": "document.body.innerHTML = '<h1>Two</h1>'",
    # What htmx does with hx-boost: the new goes in, and the old goes out one by one.
    "other content, piece by piece": (
        "const h = document.createElement('h1'); h.textContent = 'Two'; document.body.prepend(h);"
        "while (document.body.childNodes.length > 1) document.body.lastChild.remove()"
    ),
}


def swap(page: Page, script: str) -> None:
    page.evaluate(f"() => {{ {script} }}")
    page.wait_for_selector("h1:text('Two')")


@pytest.mark.parametrize("place", ["head", "body"])
@pytest.mark.parametrize("script", SWAPS.values(), ids=SWAPS)
def test_it_lives_on_when_the_page_swaps_its_content(
    browser: Browser, shop: Site, tag: str, script: str, place: str
) -> None:
    with opened(browser) as page:
        page.goto(shop.put("/", page_with(**{place: tag})))
        one = Visitor(page)
        expect(one.button("Chat with Guide")).to_be_visible()

        for _ in range(2):
            swap(page, script)
            expect(one.button("Chat with Guide")).to_be_visible()
            assert launchers(page) == 1
        one.open()


def test_what_was_written_is_still_there_after_a_swap(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag) as one:
        one.open()
        one.box.fill("Half a question")
        swap(one.page, SWAPS["another body"])

        expect(one.box).to_have_value("Half a question")


def test_a_page_that_comes_back_with_a_copy_of_it_has_one(browser: Browser, shop: Site, tag: str) -> None:
    """Turbo keeps a copy of each page that is left, and shows it when the visitor goes back."""
    with visitor(browser, shop, tag) as one:
        expect(one.button("Chat with Guide")).to_be_visible()
        one.page.evaluate("window.copy = document.body.cloneNode(true)")
        swap(one.page, SWAPS["another body"])
        expect(one.button("Chat with Guide")).to_be_visible()

        one.page.evaluate("document.body.replaceWith(copy)")

        expect(one.button("Chat with Guide")).to_have_count(1)
        expect(one.widget).to_have_count(1)


@pytest.mark.parametrize("taken_off", ["remove", "destroy"])
def test_a_page_that_takes_it_off_is_obeyed(browser: Browser, shop: Site, tag: str, taken_off: str) -> None:
    with visitor(browser, shop, tag) as one:
        expect(one.button("Chat with Guide")).to_be_visible()
        one.page.evaluate(f"document.querySelector('chat-ai-widget').{taken_off}()")
        swap(one.page, SWAPS["another body"])

        expect(one.widget).to_have_count(0)


# --- pages that style everything ----------------------------------------------------------------------------------

RUDE = """
* { all: unset !important; position: relative !important; transform: translate(40px, 40px) !important; zoom: 2;
    opacity: 0.2 !important; filter: blur(3px) !important; visibility: hidden !important; font: 40px serif !important;
    letter-spacing: 9px !important; text-transform: uppercase !important; line-height: 4 !important;
    width: 10px !important; overflow: hidden !important; contain: strict !important;
    cursor: none !important; pointer-events: none !important; writing-mode: vertical-rl !important; }
*::before, *::after { content: "rude" !important; font-size: 80px !important; }
"""
LOOKED_AT = ["color", "font", "letterSpacing", "textTransform", "lineHeight", "visibility", "opacity", "direction",
             "writingMode", "pointerEvents", "cursor", "position"]  # fmt: skip
LOOKS = """(names) => {
  const widget = document.querySelector("chat-ai-widget");
  // Where a frame in the page is, the page says.
  const from = widget.isInline ? widget.getBoundingClientRect() : { x: 0, y: 0 };
  const parts = [...widget.shadowRoot.querySelectorAll(".root, .launcher, .panel, .head, textarea, .send")];
  return parts.filter((part) => part.offsetWidth).map((part) => {
    const style = getComputedStyle(part), { x, y, width, height } = part.getBoundingClientRect();
    return [part.className, ...names.map((name) => style[name]), x - from.x, y - from.y, width, height];
  });
}"""


@pytest.mark.parametrize("mode", ["floating", "inline"])
def test_no_rule_of_the_page_reaches_it(
    browser: Browser, shop: Site, server: str, acme: Tenant, bot: Bot, mode: str
) -> None:
    tag = widget_tag(server, public(acme, bot))
    if mode == "inline":
        box = '<div style="all: initial !important; display: block !important; width: 400px !important; '
        box += 'height: 500px !important; position: absolute !important; inset: 0 !important; opacity: 1 !important">'
        element = f'{box}<chat-ai-widget bot="{public(acme, bot)}" mode="inline"></chat-ai-widget></div>'
        tag = f'<script src="{server}/widget/v1.js"></script>{element}'

    def looks(style: str) -> Any:
        frame = "html, body { all: initial !important; visibility: visible !important }"
        with visitor(browser, shop, tag, head=f"<style>{style}{frame}</style>") as one:
            if mode == "floating":
                one.widget.locator(".launcher").wait_for(state="attached")
                one.page.evaluate("document.querySelector('chat-ai-widget').open()")
            one.widget.locator(".panel").wait_for(state="attached")
            return one.page.evaluate(LOOKS, LOOKED_AT)

    assert looks(RUDE) == looks("")


# --- two bots on a page -------------------------------------------------------------------------------------------


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the launchers are, by the order of their elements."""
    found: list[dict[str, float]] = page.evaluate(
        "[...document.querySelectorAll('chat-ai-widget')].map((one) => {"
        "const { x, y, width, height } = one.shadowRoot.querySelector('.launcher').getBoundingClientRect();"
        "return { x, y, width, height } })"
    )
    return found


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_launchers_of_several_bots_stand_apart(
    browser: Browser, shop: Site, server: str, acme: Tenant, make_bot: MakeBot, lang: str, width: int
) -> None:
    bots = [public(acme, make_bot(name=name, allowed_origins=[shop.origin])) for name in ("Ada", "Bob", "Cid")]
    tags = widget_tag(server, bots[0]) + widget_tag(server, bots[1], launcher_text="Ask the second one of us")
    tags += widget_tag(server, bots[2], position="start")
    with opened(browser, width=width) as page:
        page.goto(shop.put("/", page_with(body=tags, lang=lang)))
        until_shown(page, lambda: launchers(page) == 3, "three launchers")
        found = boxes(page)
        assert not any(overlap(found[a], found[b]) for a in range(3) for b in range(a)), found
        assert len({box["y"] for box in found}) == 2, "the one on the other side stays at the edge"

        lowest = max(box["y"] for box in found)
        page.evaluate(f"document.querySelector('[bot={bots[0]}]').destroy()")
        assert {box["y"] for box in boxes(page)} == {lowest}, "the others move up"


# --- the order of the conversation --------------------------------------------------------------------------------

# Gives a conversation to the module itself, message by message in the order of `came`.
ARRIVE = """async ([base, came, running]) => {
  const { Chat } = await import(`${base}/widget/chat.js`);
  const kept = { conversation: "c", asked: true, profile: { id: "b" } };
  const store = { get: (name) => kept[name], set: (values) => Object.assign(kept, values) };
  const client = {
    server: base,
    call: async () => ({ results: [], next: null }),
    async* answer({ signal }) { await new Promise((resolve) => signal.addEventListener("abort", resolve)); },
    async* watch() { for (const data of came) yield { event: "message", data }; },
  };
  const chat = new Chat({ client, store, changed: () => {}, happened: () => {} });
  if (running) chat.ask(running);
  await chat.watch();
  return chat.turns.map((turn) => turn.question ?? turn.text);
}"""


def message(seq: int, role: str, content: str, reply_to: str | None = None) -> dict[str, Any]:
    """A message as the events of a conversation bring it; ids ascend with the place."""
    id_ = str(uuid.UUID(int=(0x0192_0000_0000_7000_8000_0000_0000_0000 | seq)))
    return {"id": id_, "seq": seq, "role": role, "content": content, "reply_to": reply_to, "status": "complete",
            "citations": [], "person": {"name": "Ann"} if role == "human" else None}  # fmt: skip


SAID = [
    message(1, "user", "First?"),
    message(3, "human", "I am here."),
    message(4, "user", "Second?"),
    message(5, "human", "Yes."),
]


@pytest.fixture
def module(browser: Browser) -> Iterator[tuple[Page, str]]:
    """A page that may import the widget's sources."""
    with site() as served, opened(browser) as page:
        served.headers["Content-Type"] = "text/javascript"
        for path in (*SOURCES.glob("*.js"), SOURCES / "../js/sse.js"):
            folder = "js" if path.name == "sse.js" else "widget"
            served.pages[f"/{folder}/{path.name}"] = path.read_text()
        page.goto(served.put("/", "0"))
        yield page, served.origin


def test_messages_stand_in_the_order_of_the_conversation_however_they_come(module: tuple[Page, str]) -> None:
    page, base = module
    for came in permutations(SAID):
        shown = page.evaluate(ARRIVE, [base, list(came), ""])
        assert shown == ["First?", "I am here.", "Second?", "Yes."], [one["seq"] for one in came]


def test_a_question_that_is_being_answered_has_its_place_among_them(module: tuple[Page, str]) -> None:
    page, base = module
    for came in permutations(SAID):
        shown = page.evaluate(ARRIVE, [base, list(came), "Second?"])
        assert shown == ["First?", "I am here.", "Second?", "Yes."], [one["seq"] for one in came]


# --- a tag that shows nothing says why ----------------------------------------------------------------------------


@pytest.fixture
def console(browser: Browser, shop: Site) -> Iterator[Any]:
    """Open a page with a tag; wait until the console has a line of the widget with these words."""

    with opened(browser) as page:
        heard: list[str] = []
        page.on("console", lambda line: heard.append(line.text))
        page.add_init_script(RECORD)

        def says(tag: str, *words: str) -> None:
            page.goto(shop.put("/", page_with(body=tag)))

            def has_said() -> bool:
                return any(all(word in line for word in ("chat-ai-widget", *words)) for line in heard)

            until_shown(page, has_said, f"a line in the console with {words}")

        yield says


def test_a_tag_without_a_bot_says_so(server: str, console: Any) -> None:
    console(f'<script async src="{server}/widget/v1.js"></script>', "names no bot", "data-bot")


def test_an_element_without_a_bot_says_so(server: str, console: Any) -> None:
    console(f'<script src="{server}/widget/v1.js"></script><chat-ai-widget></chat-ai-widget>', "names no bot")


def test_a_wrong_id_is_named(server: str, console: Any) -> None:
    console(widget_tag(server, "bot_nonsense"), "bot_nonsense", "bot")


def test_a_refused_origin_is_named_with_what_to_do(console: Any, acme: Tenant, tag: str, shop: Site) -> None:
    change(acme, allowed_origins=["https://shop.example"])
    console(tag, "allowed origins", shop.origin)


def test_a_server_that_cannot_be_reached_is_named(console: Any, server: str, acme: Tenant, bot: Bot) -> None:
    nobody = "http://127.0.0.1:1"
    tag = f'<script src="{server}/widget/v1.js"></script>'
    tag += f'<chat-ai-widget bot="{public(acme, bot)}" server="{nobody}"></chat-ai-widget>'
    console(tag, "cannot be reached", "connect-src", nobody)
