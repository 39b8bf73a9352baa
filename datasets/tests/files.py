"""Makes small files of every kind for tests: real ones, written from their formats' rules."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_NAMESPACES = (
    f'xmlns:w="{_WORD}" xmlns:r="{_RELATED}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_STYLES = (
    f'<w:styles xmlns:w="{_WORD}">'
    '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="Own"><w:name w:val="My heading"/><w:basedOn w:val="berschrift2"/></w:style></w:styles>'
)


def pdf(pages: Sequence[str], *, bookmarks: Sequence[tuple[str, int]] = (), trailer: str = "") -> bytes:
    """A PDF with the lines of each page as text; `bookmarks` are titles with the index of their page.

    A page "image" holds a picture, "drawing" a line, and neither has text. `trailer` is put into the trailer.
    """
    font, first = 3, 4 + len(bookmarks) + bool(bookmarks)
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(len(pages)))
    outlines = "/Outlines 4 0 R" if bookmarks else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {outlines} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    if bookmarks:
        objects.append(f"<< /First 5 0 R /Last {4 + len(bookmarks)} 0 R /Count {len(bookmarks)} >>")
    for index, (title, page) in enumerate(bookmarks):
        following = f"/Next {6 + index} 0 R" if index + 1 < len(bookmarks) else ""
        objects.append(f"<< /Title ({title}) /Parent 4 0 R /Dest [{first + 2 * page} 0 R /Fit] {following} >>")
    for index, page_text in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {first + 2 * index + 1} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        content = _page_content(page_text)
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _pdf_of(objects, trailer)


def encrypted_pdf() -> bytes:
    """A PDF that no password but its own opens."""
    secret = f"<{'5a' * 32}>"
    rules = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {secret} /U {secret} /P -4 >> /ID [<00> <00>]"
    return pdf(["Secret"], trailer=rules)


def _page_content(text: str) -> str:
    if text == "image":
        return "q 100 0 0 100 50 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    if text == "drawing":
        return "50 50 m 300 300 l S"
    lines = "".join(f"({line}) Tj 0 -16 Td " for line in text.split("\n"))
    return f"BT /F1 12 Tf 50 740 Td {lines}ET"


def _pdf_of(objects: Sequence[str], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)


def paragraph(text: str, *, style: str = "") -> str:
    """A paragraph of a Word file."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of a Word file."""
    lines = (f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>" for row in rows)
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def word_part(root: str, content: str) -> str:
    """A part of a Word file with the prefixes that Word uses."""
    return f"<w:{root} {_NAMESPACES}>{content}</w:{root}>"


def relationships(*targets: tuple[str, str, str]) -> str:
    """The part that says what another refers to, as id, kind and target; what has a scheme is outside the file."""
    lines = "".join(
        f'<Relationship Id="{name}" Type="{_RELATED}/{kind}" Target="{escape(target)}" '
        f'TargetMode="{_mode_of(target)}"/>'
        for name, kind, target in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _mode_of(target: str) -> str:
    return "External" if ":" in target else "Internal"


def docx(body: str, *, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A Word file with the given body; its heading styles carry the ids that a German Word gives them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        document = word_part("document", f"<w:body>{body}</w:body>")
        usual = {"[Content_Types].xml": _TYPES, "word/styles.xml": _STYLES, "word/document.xml": document}
        for name, content in {**usual, **(parts or {})}.items():
            archive.writestr(name, content)
    return out.getvalue()
