"""Writes PDF files for tests from the rules of the format: text in its place, forms, notes, links, and fonts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# "F1" knows Western letters, "F2" all of Unicode, "F3" does not say which letters it shows.
_FONTS = "/F1 3 0 R /F2 4 0 R /F3 5 0 R"
LEFT, TOP, STEP = 60, 740, 16


@dataclass(frozen=True)
class Sheet:
    """A page: what draws it, and the dictionaries of what is put on it."""

    content: str
    annotations: Sequence[str] = ()
    entries: str = ""


def document(sheets: Sequence[Sheet], *, catalog: str = "") -> bytes:
    """Return a file of these pages; fields on them make a form. `catalog` is added to the root."""
    bodies = _fonts()
    pages, fields = [], []
    for sheet in sheets:
        annotations = []
        for annotation in sheet.annotations:
            bodies.append(f"<< /Type /Annot {annotation} >>")
            annotations.append(f"{len(bodies)} 0 R")
            if "/Widget" in annotation:
                fields.append(annotations[-1])
        bodies.append(_stream(sheet.content))
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(bodies)} 0 R {sheet.entries} "
            f"/Annots [{' '.join(annotations)}] /Resources << /Font << {_FONTS} >> >> >>"
        )
        pages.append(f"{len(bodies)} 0 R")
    form = f"/AcroForm << /Fields [{' '.join(fields)}] >>" if fields and "/AcroForm" not in catalog else ""
    bodies[0] = f"<< /Type /Catalog /Pages 2 0 R {form} {catalog} >>"
    bodies[1] = f"<< /Type /Pages /Kids [{' '.join(pages)}] /Count {len(pages)} >>"
    return _file(bodies)


def words(text: str, *, x: float = LEFT, y: float = TOP, size: float = 12) -> str:
    """Return what draws a line of Western text."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"


def lines(texts: Sequence[str], *, top: float = TOP, size: float = 12) -> str:
    """Return what draws lines of Western text below one another."""
    return "".join(words(text, y=top - STEP * index, size=size) for index, text in enumerate(texts))


def runs(parts: Sequence[tuple[str, float, float]], *, y: float = TOP) -> str:
    """Return what draws a line of parts, each with its size and how far it is raised."""
    shown = "".join(f"/F1 {size} Tf {rise} Ts ({text}) Tj " for text, size, rise in parts)
    return f"BT 1 0 0 1 {LEFT} {y} Tm {shown} ET\n"


def wide(text: str, *, x: float = LEFT, y: float = TOP, size: float = 12, font: str = "F2", gap: float = 0) -> str:
    """Return what draws a line in any script, each letter as wide as high, with `gap` points between letters."""
    code = text.encode("utf-16-be").hex()
    return f"BT /{font} {size} Tf {gap} Tc 1 0 0 1 {x} {y} Tm <{code}> Tj ET\n"


def picture() -> str:
    """Return what draws a picture of some size."""
    return "q 400 0 0 500 100 150 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"


def field(kind: str, name: str, box: str, entries: str) -> str:
    """Return a form field of `kind` (Tx, Ch, Btn) at `box` ("left bottom right top")."""
    return f"/Subtype /Widget /FT /{kind} /T ({name}) /Rect [{box}] /F 4 {entries}"


def note(kind: str, contents: str, *, box: str = "60 700 80 720", entries: str = "") -> str:
    """Return an annotation with text."""
    return f"/Subtype /{kind} /Contents ({contents}) /Rect [{box}] {entries}"


def link(address: str, box: str) -> str:
    """Return a link to an address."""
    return f"/Subtype /Link /Rect [{box}] /A << /S /URI /URI ({address}) >>"


def _fonts() -> list[str]:
    cid = "/Type /Font /Subtype /CIDFontType2 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    wide_font = "/Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [7 0 R]"
    return [
        "",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< {wide_font} /BaseFont /Wide /ToUnicode 6 0 R >>",
        f"<< {wide_font} /BaseFont /Mute >>",
        _stream(_unicode()),
        f"<< {cid} /BaseFont /Wide /DW 1000 /FontDescriptor 8 0 R >>",
        "<< /Type /FontDescriptor /FontName /Wide /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 "
        "/Descent -200 /CapHeight 700 /StemV 80 >>",
    ]


def _unicode() -> str:
    """Return the table of a font whose codes are those of Unicode."""
    blocks = []
    for first in range(0, 256, 64):
        ranges = " ".join(f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(first, first + 64))
        blocks.append(f"64 beginbfrange {ranges} endbfrange")
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /All def /CMapType 2 def"
    return f"{head} 1 begincodespacerange <0000> <ffff> endcodespacerange {' '.join(blocks)} endcmap end end"


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _file(bodies: Sequence[str]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252", "replace")
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{offset:010} 00000 n \n" for offset in offsets).encode()
    out += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)
