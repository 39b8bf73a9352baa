"""The widget's sources become one script that does the same, and weighs little."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chat.visitors.widget.bundle import compact_css, compact_js, joined
from chat.visitors.widget.script import SOURCES, widget_script

MOST_BYTES = 20_000


def test_all_that_a_page_loads_weighs_at_most_20_kb_compressed() -> None:
    assert len(widget_script().compressed) <= MOST_BYTES


def test_no_selector_loses_a_blank_that_means_something() -> None:
    """A blank before `*` is dropped, which makes `.a *` no selector at all, and its whole rule void."""
    text = re.sub(r"/\*.*?\*/", "", (SOURCES / "widget.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    selectors = re.findall(r"([^{};]+)\{", text)
    assert len(selectors) > 100
    assert [one.strip() for one in selectors if re.search(r"[\w\])] +\*", one)] == []


def test_the_sources_are_written_so_that_they_can_be_joined() -> None:
    for source in (*SOURCES.glob("*.js"), SOURCES / "../js/sse.js"):
        text = source.read_text(encoding="utf-8")
        assert not re.search(r"\$\{[^}\n]*`", text), f"a template inside another: {source.name}"
        assert not re.search(r"^\s*(import\(|export \{|export default)", text, re.MULTILINE), source.name
        assert "innerHTML" not in text, source.name
        assert not re.search(r"\beval\(|new Function|document\.write|setAttribute\(\"(style|on)", text), source.name


def test_modules_are_joined_in_the_order_of_need_and_share_only_what_they_export(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text(
        'import { b } from "./b.js";\nimport css from "./a.css";\nglobalThis.x = b() + css;\n'
    )
    (tmp_path / "b.js").write_text("const own = 1;\nexport function b() {\n  return own;\n}\n")
    (tmp_path / "a.css").write_text("a { color: red; }\n")

    assert joined(tmp_path / "main.js") == (
        '(()=>{"use strict";const m0=(()=>{let n=1;function b(){return n}return{b};})();'
        'const m1=(()=>{let{b}=m0,s="a{color:red}";globalThis.x=b()+s;return{};})();})();\n'
    )


@pytest.mark.parametrize(
    ("text", "compact"),
    [
        ("const a = 1; // why\nreturn a;", "let a=1;return a;"),
        ("/** doc */\nlet b = x / 2 / y;", "let b=x/2/y;"),
        ("f(/a b[/]\\/ c/g, 'x  y');", "f(/a b[/]\\/ c/g,'x  y');"),
        ("return /x y/.test(`a  ${b} // c`);", "return/x y/.test(`a  ${b} // c`);"),
        ("f({ a: 1, b: [2, 3,], }, c,);", "f({a:1,b:[2,3]},c);"),
        ("a = b + +c - -d;", "a=b+ +c- -d;"),
        ("class A { #b = 1; async* c() {} static d = e?.f; }", "class A{#b=1;async*c(){}static d=e?.f}"),
        ('"https://a.example" + x in y', '"https://a.example"+x in y'),
    ],
)
def test_blanks_and_comments_go_and_texts_and_patterns_stay(text: str, compact: str) -> None:
    assert compact_js(text) == compact


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("const own = 1; let two = own; f(own, two, own);", "let o=1,t=o;f(o,t,o);"),
        ("const made = (event) => event.made;", "let made=(e)=>e.made;"),
        ("const name = 1; return { name, other: name };", "let name=1;return{name,other:name};"),
        ("const size = 1; f({ size: 2 });", "let size=1;f({size:2});"),
        ("const { part } = whole; return [part, ...part];", "let{part}=whole;return[part,...part];"),
        ("const list = []; return [...list, list];", "let t=[];return[...t,t];"),
        ("const text = 1; return `${text}`;", "let text=1;return`${text}`;"),
        ("const word = 1; return 'word';", "let r=1;return'word';"),
        ("class C { #own = 1; get() { return this.#own; } }", "class C{#s=1;get(){return this.#s}}"),
        ("class C { tell() {} } const tell = 1;", "class C{tell(){}}let tell=1;"),
        ("const yes = a ? yes : no;", "let n=a?n:no;"),
        ("const abc = 1; const A = 2;", "let c=1,A=2;"),
    ],
)
def test_only_names_that_are_surely_a_modules_own_become_short(text: str, short: str) -> None:
    assert compact_js(text) == short


def test_style_is_made_compact() -> None:
    assert compact_css("/* a */\n.a > .b, c {\n  margin: 0 1px;\n  width: calc(1px + 2px);\n}\n") == (
        ".a>.b,c{margin:0 1px;width:calc(1px + 2px)}"
    )
