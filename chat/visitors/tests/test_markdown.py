"""The renderer of streamed answers shows what the server's shows; known differences are in docs/adr/0021-widget.md."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser

from chat.visitors.tests.rendering import renderer
from chatcms.core.text.modeltext import render

CORPUS: list[str] = json.loads((Path(__file__).parent / "data/markdown.json").read_text(encoding="utf-8"))["cases"]
# Below this a browser cannot tell how long something took.
NOISE_MS = 0.5
# Both as text that names elements, addresses as the browser understands them, without blanks between blocks.
_TOLD = r"""() => {
  const block = /^(P|H\d|LI|UL|OL|BLOCKQUOTE|PRE|HR|TABLE|THEAD|TBODY|TR|TD|TH)$/;
  const attributes = {
    A: (link) => ` ${link.href} "${link.title}" ${link.target} ${link.rel}`,
    OL: (list) => ` ${list.start}`,
  };
  const told = (node) => [...node.childNodes].map((child) => {
    if (child.nodeType === Node.TEXT_NODE) return child.data;
    const name = child.nodeName;
    const inner = name === "PRE" ? `${child.textContent.trimEnd()}¶` : told(child);
    const whole = `‹${name}${attributes[name]?.(child) ?? ""}›${block.test(name) ? inner.trim() : inner}‹/${name}›`;
    return block.test(name) ? `\n${whole}\n` : whole;
  }).join("").replace(/‹\/BR›\n/g, "‹/BR›").replace(/\s*\n\s*/g, "\n").trim();
  window.compare = (text, html) => {
    const here = document.createElement("div");
    here.append(renderMarkdown(text));
    return [told(here), told(new DOMParser().parseFromString(html, "text/html").body)];
  };
}"""
_COMPARED = "pairs => pairs.map(([text, html]) => compare(text, html))"


def test_the_streamed_text_looks_as_the_servers_does(browser: Browser) -> None:
    assert len(CORPUS) > 140
    with renderer(browser, policy="script-src 'self'") as page:
        page.evaluate(_TOLD)
        pairs = page.evaluate(_COMPARED, [[text, str(render(text))] for text in CORPUS])

    assert [(text, ours, servers) for text, (ours, servers) in zip(CORPUS, pairs, strict=True) if ours != servers] == []


def test_an_answer_shown_piece_by_piece_ends_as_one_shown_at_once(browser: Browser) -> None:
    with renderer(browser) as page:
        same = page.evaluate(
            """texts => texts.filter((text) => {
              const target = document.createElement("div");
              for (let end = 1; end <= text.length; end += 1) showRendered(target, renderMarkdown(text.slice(0, end)));
              const whole = document.createElement("div");
              whole.append(renderMarkdown(text));
              return target.innerHTML === whole.innerHTML;
            })""",
            CORPUS,
        )

    assert same == CORPUS


def test_blocks_that_are_finished_stay_the_same_elements(browser: Browser) -> None:
    with renderer(browser) as page:
        kept = page.evaluate(
            """() => {
              const target = document.createElement("div");
              showRendered(target, renderMarkdown("One [link](https://a.example).\\n\\nTwo"));
              const link = target.querySelector("a");
              showRendered(target, renderMarkdown("One [link](https://a.example).\\n\\nTwo, and more\\n\\n- three"));
              return target.querySelector("a") === link && target.lastChild.nodeName === "UL";
            }"""
        )

    assert kept


def test_marks_of_sources_become_what_the_caller_makes_of_them(browser: Browser) -> None:
    with renderer(browser) as page:
        html = page.evaluate(
            """() => {
              const cite = (number) => {
                if (number > 2) return null;
                const mark = document.createElement("button");
                mark.textContent = `<${number}>`;
                return mark;
              };
              const target = document.createElement("div");
              target.append(renderMarkdown("A [1], **b [2]**, c [3], `[1]`, [1](https://a.example).", { cite }));
              return target.innerHTML;
            }"""
        )

    assert html.count("<button>") == 2
    assert "<strong>b <button>&lt;2&gt;</button></strong>" in html
    assert "[3]" in html
    assert "<code>[1]</code>" in html


def test_no_hostile_structure_costs_more_than_its_length(browser: Browser) -> None:
    pairs = list(zip(_hostile(300), _hostile(2400), strict=True))
    with renderer(browser) as page:
        # The least of several, in milliseconds: whatever else the machine does only makes it longer. What seems steep
        # is measured again, and it is steep if it never takes its share of time only.
        for _ in range(10):
            times = page.evaluate(
                """pairs => {
                  const best = (text) => Math.min(...Array.from({ length: 4 }, () => {
                    const began = performance.now();
                    document.createElement("div").append(renderMarkdown(text));
                    return performance.now() - began;
                  }));
                  return pairs.map((pair) => pair.map(best));
                }""",
                pairs,
            )
            pairs = [pair for pair, took in zip(pairs, times, strict=True) if _is_steep(*pair, *took)]

    assert [long[:20] for _, long in pairs] == []


def _is_steep(short: str, long: str, fast: float, slow: float) -> bool:
    """Of eight times the length a square would cost eight times as much for each character."""
    return slow / max(fast, NOISE_MS) > 4 * len(long) / len(short)


def _hostile(size: int) -> list[str]:
    """What parsers of Markdown have stumbled over, about so many times in a row."""
    nested = "".join(f"{'  ' * depth}- a\n" for depth in range(size // 20))
    return [
        *("[" * size, "[" * size + "](x)", "*a " * size, "**a" * size, "> " * size + "x", "`" * size, "` " * size),
        *("- " * size, "a@" * size, "![" * size + "](" * size, "[a](" * size, "_a_*b*" * size, f"# {' ' * size}#"),
        *("|" * size + "\n" + "|-" * size, "<a" * size, "&" * size, "http://" * size, "https://a.example/(" * size),
        *("\\" * size, "- a\n" * size, nested, "~~a" * size, " " * size, "[a](b" + "\\" * size),
        *(
            "*" * size + "a" + "*" * size,
            "**a " * size + "a** " * size,
            "[[a](https://b.example)](https://b.example)" * (size // 8),
        ),
        "(" * 40 + "[a](https://b.example" + "(" * size,
    ]
