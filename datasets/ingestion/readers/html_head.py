"""Reads what a page says of itself before it begins: its encoding, its language and its title."""

from __future__ import annotations

import re
from html import unescape

from datasets.blocks import Origin
from datasets.ingestion.readers.decoding import Decoded, decoded
from datasets.languages import BY_CODE

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(
    rb"\A\s{0,99}<\?xml[^>]{0,200}encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_LANGUAGE = re.compile(rb"<html[^>]{0,500}\slang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,2000})</title>", re.IGNORECASE)
_DECLARED_WITHIN = 4096


def title_of(head: bytes, origin: Origin) -> str:
    """Return the title of the page that begins with `head`, "" if it is not in there. Raises `ReadError`."""
    match = _TITLE.search(decoded_page(head, origin, is_whole=False).text)
    return unescape(match[1]).strip() if match else ""


def decoded_page(raw: bytes, origin: Origin, *, is_whole: bool = True) -> Decoded:
    """Return the text of a page: its server's word goes before its own. Raises `ReadError` if it is none."""
    head = raw[:_DECLARED_WITHIN]
    declared = [match[1].decode("ascii") for pattern in (_CHARSET, _XML_CHARSET) if (match := pattern.search(head))]
    tongue = _LANGUAGE.search(head)
    language = BY_CODE.get(tongue[1].decode("ascii").lower(), "") if tongue else ""
    return decoded(raw, said=(origin.charset, *declared), language=language or origin.language, is_whole=is_whole)
