"""Knows the names that pages and servers give to encodings, and which of Python's decoders each stands for."""

from __future__ import annotations

import codecs
from typing import Final

# What browsers read under these names (https://encoding.spec.whatwg.org/#names-and-labels): the larger set of each
# family, since those who write "iso-8859-1" use the euro sign and the quotes of windows-1252.
_READ_AS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "shift_jisx0213": "cp932",
    "shift_jis_2004": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
# Names that Python does not know, or knows as something else.
_LABELS: Final = {
    "x-cp1250": "cp1250", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "x-cp1253": "cp1253", "x-cp1254": "cp1254",
    "x-cp1255": "cp1255", "x-cp1256": "cp1256", "x-cp1257": "cp1257", "x-cp1258": "cp1258", "x-user-defined": "cp1252",
    "x-sjis": "cp932", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic", "x-gbk": "gb18030", "x-x-big5": "big5hkscs", "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "logical": "iso8859_8", "visual": "iso8859_8",
    "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "ksc_5601": "cp949", "windows-949": "cp949",
    "windows-31j": "cp932", "windows-874": "cp874", "dos-874": "cp874", "sun_eu_greek": "iso8859_7",
    "unicode-1-1-utf-8": "utf-8", "x-unicode20utf8": "utf-8", "unicode": "utf-16-le", "ucs-2": "utf-16-le",
    "iso-10646-ucs-2": "utf-16-le", "unicodefeff": "utf-16-le", "unicodefffe": "utf-16-be", "koi": "koi8_r",
    "koi8": "koi8_r", "koi8-ru": "koi8_u", "cn-big5": "big5hkscs", "csiso2022jp": "iso2022_jp",
}  # fmt: skip
# Decoders of other things than texts; the time of some grows with the square of the text.
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_LONGEST: Final = 40


def codec_of(label: str) -> str:
    """Return Python's name of the encoding that a page or server calls `label`, "" if there is none."""
    label = label.strip(" \t\r\n\x0c\"'").lower()
    if not label or len(label) > _LONGEST or not label.isascii():
        return ""
    if label in _LABELS:
        return _LABELS[label]
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    # Some of Python's codecs turn bytes into bytes.
    if found.name in _NO_CHARSETS or not getattr(found, "_is_text_encoding", True):
        return ""
    return _READ_AS.get(found.name, found.name)


def charset_in(content_type: str) -> str:
    """Return the label that a `Content-Type` gives to its charset, "" if it gives none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \t\"'")[:_LONGEST]
    return ""
