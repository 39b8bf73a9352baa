"""Turns the characters of symbol fonts into those that they show: "W" in Symbol is Ω, 0xFC in Wingdings is ✓."""

from __future__ import annotations

from typing import Final

# Word keeps a font's own characters where Unicode leaves room for private use: 0xF000 and the font's number.
_PRIVATE: Final = 0xF000
_FIRST, _LAST = 0x20, 0xFF
# "\ufffd" stands where a font has nothing that Unicode has, too.
_NOTHING: Final = "\ufffd"

_SYMBOL: Final = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?"
    "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_"
    "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼\ufffd" + _NOTHING * 32 + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓"
    "°±″≥×∝∂•÷≠≡≈…⏐⎯↵"
    "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉"
    "∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓"
    "◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"
    "\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭\ufffd"
)
_WINGDINGS: Final = (
    " 🖉✂✁👓🕭🕮🕯🕿✆🖂🖃📪📫📬📭📁📂📄🗏🗐🗄⌛🖮🖰🖲🖳🖴🖫🖬✇✍"
    "🖎✌👌👍👎☜☞☝☟🖐☺😐☹💣☠🏳🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉"
    "♊♋♌♍♎♏♐♑♒♓🙰🙵●❍■□🞐❑❒⬧⧫◆❖⬥⌧⮹⌘🏵🏶❝❞\ufffd"
    "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿🙢🙠🙡🙣🙞🙜🙝🙟·•"
    "▪○🞆🞈◉◎🔿▪◻🟂✦★✶✴✹✵⯐⌖⟡⌑⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘"
    "🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦⮘➢⮙⮛⮈⮊⮉⮋←"
    "→↑↓↖↗↙↘🡸➔🡹🡻🡼🡽🡿🡾⇦⇨⇧⇩⇔⇳⬁⬀⬃⬂▭▫✗✓☒☑\ufffd"
)
_WINGDINGS_2: Final = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x55: "⊗", 0x56: "⊗", 0x58: "ⓧ",
    0x95: "·", 0x96: "•", 0x97: "●", 0x98: "●", 0x99: "○", 0x9E: "⊙", 0x9F: "▪", 0xA0: "■", 0xA2: "■", 0xA3: "□",
    0xA4: "□", 0xA9: "◪", 0xAE: "◆", 0xAF: "◇",
    **{0x69 + number: sign for number, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
_WINGDINGS_3: Final = {
    0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x6A: "↖", 0x6B: "↗", 0x6C: "↙", 0x6D: "↘", 0x6E: "↔", 0x6F: "↕",
    0x70: "▲", 0x71: "▼", 0x72: "△", 0x73: "▽", 0x74: "◀", 0x75: "▶", 0x76: "◁", 0x77: "▷", 0x7D: "▶", 0x84: "◀",
}  # fmt: skip
_WEBDINGS: Final = {
    0x31: "🗕", 0x33: "◀", 0x34: "▶", 0x35: "▲", 0x36: "▼", 0x61: "✔", 0x63: "□", 0x67: "■", 0x69: "ℹ", 0x6E: "●",
    0x72: "✘", 0x73: "❓", 0x3D: "■",
}  # fmt: skip


def _table(signs: str) -> dict[int, str]:
    return {_FIRST + place: sign for place, sign in enumerate(signs) if sign != _NOTHING}


_FONTS: Final[dict[str, dict[int, str]]] = {
    "symbol": _table(_SYMBOL),
    "symbolmt": _table(_SYMBOL),
    "wingdings": _table(_WINGDINGS),
    "wingdings2": _WINGDINGS_2,
    "wingdings3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
}
_PRIVATE_RANGE: Final = range(_PRIVATE + _FIRST, _PRIVATE + _LAST + 1)


def symbol(font: str, code: str) -> str:
    """Return what the character `code`, in hexadecimal, shows in `font`; "\\ufffd" where nobody knows."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number < _FIRST:
        return ""
    return shown(chr(number), font)


def shown(text: str, font: str) -> str:
    """Return the text as the letters of `font` show it: as it is unless that is a font of symbols.

    Without such a font, characters for private use are those of Symbol, which most programs mean by them.
    """
    table = _FONTS.get("".join(font.lower().split()))
    if table is None:
        if text.isascii() or not any(ord(character) in _PRIVATE_RANGE for character in text):
            return text
        return "".join(
            _FONTS["symbol"].get(ord(one) - _PRIVATE, _NOTHING) if ord(one) in _PRIVATE_RANGE else one for one in text
        )
    return "".join(_sign(one, table) for one in text)


def _sign(character: str, table: dict[int, str]) -> str:
    number = ord(character)
    if number in _PRIVATE_RANGE:
        return table.get(number - _PRIVATE, _NOTHING)
    return table.get(number, character) if _FIRST < number <= _LAST else character
