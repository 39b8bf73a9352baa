"""Turns bytes into text: as their mark says, as UTF-8, as their sender says, or as what they most look like."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datasets.blocks import Notice, NoticeCode, ReadError
from datasets.ingestion.readers import guessing
from datasets.ingestion.readers.charsets import codec_of

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Unix calls text among the controls, and the escape by which Japanese mail changes its character set.
_CONTROLS = re.compile("[\x00-\x08\x10-\x1a\x1c-\x1f]")
_MOST_CONTROLS: Final = 0.01
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\$\([CDOQP]|\([JI]|\$\)C)")
_LONGEST_LETTER: Final = 4
_WIDE: Final = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}
_ODD: Final = frozenset({"Cn", "Co", "Cs"})
_HALF_ZERO = re.compile("[\t\n\r -~\u00a0-\u00ff]")
_COMMON_SIGNS = re.compile("[ \n-~\u00a0-\u024f\u3000-\u3002\u3040-\u30ff\uff01-\uff1f]")
# Of a text's letters beyond ASCII, how many may be broken for one that is UTF-8 all the same.
_MOST_BROKEN: Final = 0.45
_LOOKED_AT: Final = 64 * 1024
_WESTERN_BYTES: Final = "chatcms_western_bytes"
_NOT_WESTERN = re.compile("[\u0180-\u1fff\u2c00-\ufdff]")
_NAMES: Final = {"gb18030": "GB 18030", "big5hkscs": "Big5", "cp932": "Shift_JIS", "cp949": "EUC-KR", "cp866": "CP866"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, Python's name of the encoding that it was in, and what to tell of it if that is doubtful."""

    text: str
    encoding: str
    notices: tuple[Notice, ...] = ()


def decode(raw: bytes) -> str:
    """Return the text of `raw` when nobody said how it is encoded. Raises `ReadError` if it looks like no text."""
    return decoded(raw).text


def decoded(raw: bytes, *, said: Sequence[str] = (), language: str = "", is_whole: bool = True) -> Decoded:
    """Return the text of `raw`, with line ends as "\\n".

    `said` are the charsets that its sender and the text itself name, the weightiest first; `language` is what it is
    expected to be in, by its English name. Unless `raw` is whole, a letter that its end cuts through is left out.
    Raises `ReadError` when it looks like no text at all.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _as(raw, encoding, is_whole)
    if not (found := _without_guessing(raw, said, is_whole)):
        found = _guessed(raw, language, is_whole)
    return found


def _without_guessing(raw: bytes, said: Sequence[str], is_whole: bool) -> Decoded | None:
    named = [codec for label in said if (codec := codec_of(label))]
    if wide := wide_encoding(raw):
        return _as(raw, wide, is_whole)
    if escape := _ISO_2022.search(raw, 0, _LOOKED_AT):
        return _as(raw, "iso2022_kr" if escape[0].endswith(b")C") else "iso2022_jp_ext", is_whole)
    broken = _broken_in_utf8(raw, is_whole)
    if broken == 0.0:
        return _as(raw, "utf-8", is_whole)
    for codec in named:
        if codec != "utf-8" and not codec.startswith("utf-16") and _fits(raw, codec):
            return _as(raw, codec, is_whole)
    if broken <= _MOST_BROKEN:
        return _as(raw, "utf-8", is_whole, is_sure=False)
    return None


def _guessed(raw: bytes, language: str, is_whole: bool) -> Decoded:
    guess = guessing.guess(raw, language=language)
    if guess is None:
        raise ReadError("not_text", "The text in this file cannot be made out. Save it as UTF-8 and upload it again.")
    return _as(raw, guess.encoding, is_whole, is_sure=guess.is_sure)


def _as(raw: bytes, encoding: str, is_whole: bool, *, is_sure: bool = True) -> Decoded:
    errors = "replace" if is_sure or encoding != "utf-8" or _is_beyond_western(raw) else _WESTERN_BYTES
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    text = decoder.decode(raw, is_whole).replace("\r\n", "\n").replace("\r", "\n")
    controls = len(_CONTROLS.findall(text, 0, _LOOKED_AT))
    if controls > _MOST_CONTROLS * min(len(text), _LOOKED_AT) + 1:
        raise ReadError("not_text", "There is something else than text in this file. Save it as text in UTF-8.")
    notices = () if is_sure else (Notice(NoticeCode.UNSURE_ENCODING, what=_name_of(encoding)),)
    return Decoded(text, encoding, notices)


def _is_beyond_western(raw: bytes) -> bool:
    """Whether a text in UTF-8 has letters that western Europe does without."""
    return bool(_NOT_WESTERN.search(raw.decode("utf-8", "ignore"), 0, _LOOKED_AT))


def _western_byte(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows wrote them in the west: they were pasted from such a text."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_WESTERN_BYTES, _western_byte)


def _name_of(encoding: str) -> str:
    if encoding in _NAMES:
        return _NAMES[encoding]
    name = encoding.replace("_", "-").upper()
    return name.replace("CP", "Windows-").replace("ISO8859", "ISO-8859")


def _fits(raw: bytes, codec: str) -> bool:
    """Whether bytes may be what they are said to be: but for a few, all have a meaning there."""
    text = raw[:_LOOKED_AT].decode(codec, "replace")
    return text.count("\ufffd") <= 2 + len(text) // 200


def _broken_in_utf8(raw: bytes, is_whole: bool) -> float:
    """Return which share of the letters beyond ASCII is none in UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, is_whole)
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        return broken / (len(text) - len(text.encode("ascii", "ignore")))
    return 0.0


def wide_encoding(raw: bytes) -> str:
    """Return the encoding of two or four bytes a letter that a text without a mark is in, "" if it is in none."""
    head = raw[:_LOOKED_AT]
    if b"\x00" not in head:
        return ""
    fitting = {name: _plain_letters(head, name) for name, width in _WIDE.items() if _may_be(head, name, width)}
    return max(fitting, key=lambda name: fitting[name], default="")


def _may_be(head: bytes, encoding: str, width: int) -> bool:
    cut = len(head) - len(head) % width
    try:
        text = head[:cut].decode(encoding)
    except UnicodeDecodeError as error:
        # The end of the head may cut a pair of surrogates in two.
        if error.start < cut - _LONGEST_LETTER or not error.start:
            return False
        text = head[: error.start].decode(encoding)
    odd = sum(count for character, count in Counter(text).items() if unicodedata.category(character) in _ODD)
    odd += len(_CONTROLS.findall(text))
    # The zeros of a text are the halves of plain letters and spaces.
    is_explained = width > 2 or 2 * len(_HALF_ZERO.findall(text)) >= head.count(0)
    return bool(text) and odd <= _MOST_CONTROLS * len(text) and is_explained


def _plain_letters(head: bytes, encoding: str) -> int:
    """Count what every script uses: spaces, line ends, signs. In the wrong order of bytes there are next to none."""
    return len(_COMMON_SIGNS.findall(head.decode(encoding, "ignore")))
