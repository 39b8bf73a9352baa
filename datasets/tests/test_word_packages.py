"""Word files are opened whatever program packed them, and what is none is refused by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from datasets.blocks import ReadError
from datasets.ingestion.readers.compound import MARK
from datasets.ingestion.readers.docx.package import Budget
from datasets.ingestion.readers.docx.reader import reading_of
from datasets.ingestion.readers.registry import HEAD_BYTES, kind_of
from datasets.tests import files
from datasets.tests.files import paragraph, relationships, word_part
from datasets.tests.wordfiles import Reader, p


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def types(*lines: str) -> str:
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{"".join(lines)}</Types>'


@pytest.mark.parametrize(
    "content_type",
    [
        TYPE,
        TYPE.replace("document.main", "template.main"),
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ],
    ids=["document", "template", "with macros", "template with macros"],
)
def test_the_main_part_may_be_anywhere_and_typed_in_two_ways(reading: Reader, content_type: str) -> None:
    document = word_part("document", f"<w:body>{paragraph('Text.')}</w:body>")
    by_default = types(f'<Default Extension="xml" ContentType="{content_type}"/>')
    by_name = types(f'<Override PartName="/Other/Main.xml" ContentType="{content_type}"/>')
    related = relationships(("r1", "officeDocument", "/other/main.xml"))
    for content in (
        {"[Content_Types].xml": by_default, "_rels/.rels": related, "other/main.xml": document},
        {"[Content_Types].xml": by_name, "other/main.xml": document},
        {"[Content_Types].xml": by_default, "word\\document.xml": document},
    ):
        assert [block.text for block in reading.of(package(content)).blocks] == ["Text."]


def test_the_strict_edition_is_read(reading: Reader) -> None:
    document = f'<w:document xmlns:w="{STRICT}"><w:body>{paragraph("Text.")}</w:body></w:document>'
    related = relationships(("r1", "officeDocument", "word/document.xml")).replace(
        "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"
    )
    assert [
        block.text for block in reading.of(package({"_rels/.rels": related, "word/document.xml": document})).blocks
    ] == ["Text."]


@pytest.mark.parametrize(
    ("kind", "named"),
    [("spreadsheetml.sheet", "Excel"), ("presentationml.presentation", "PowerPoint")],
)
def test_other_packages_are_named(reading: Reader, kind: str, named: str) -> None:
    declared = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    content = {
        "[Content_Types].xml": types(f'<Override PartName="/x/main.xml" ContentType="{declared}"/>'),
        "_rels/.rels": relationships(("r1", "officeDocument", "x/main.xml")),
        "x/main.xml": "<main/>",
    }
    with pytest.raises(ReadError) as refused:
        reading.of(package(content))
    assert (refused.value.code, named in refused.value.detail) == ("unsupported_type", True)


@pytest.mark.parametrize(
    ("declared", "content", "shown"),
    [
        ("text/html", b"<h1>Fees</h1><p>Four euros.</p>", ["Fees", "Four euros."]),
        ("text/plain", b"Four euros.", ["Four euros."]),
        (TYPE, files.docx(paragraph("Four euros.")), ["Four euros."]),
        (
            "message/rfc822",
            b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n"
            b"Content-Transfer-Encoding: quoted-printable\n\n<p>Four=20euros.</p>\n--x--\n",
            ["Four euros."],
        ),
        ("application/rtf", b"{\\rtf1 Four euros.}", []),
    ],
    ids=["html", "text", "Word", "web archive", "RTF"],
)
def test_files_put_into_a_document_are_read_or_named(
    reading: Reader, declared: str, content: bytes, shown: list[str]
) -> None:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": types(
            f'<Override PartName="/word/document.xml" ContentType="{TYPE}"/>',
            f'<Override PartName="/word/inner.bin" ContentType="{declared}"/>',
        ),
        "word/_rels/document.xml.rels": relationships(("c1", "aFChunk", "inner.bin")),
        "word/inner.bin": content,
    }
    found = reading.of(files.docx(paragraph("Before.") + '<w:altChunk r:id="c1"/>' + paragraph("After."), parts=parts))
    assert "\n".join(block.text for block in found.blocks).split("\n") == ["Before.", *shown, "After."]
    assert [notice.what for notice in found.notices] == ([] if shown else [declared])


def test_pictures_are_named_where_there_is_hardly_any_text(reading: Reader) -> None:
    picture = "<w:r><w:drawing><a:blip/></w:drawing></w:r>"
    assert [one.what for one in reading.of(files.docx(p("Our prices", picture))).notices] == ["1 picture"]
    assert reading.of(files.docx(p("Our prices " * 50, picture))).notices == ()
    with pytest.raises(ReadError, match="2 pictures"):
        reading.of(files.docx(p(picture, picture)))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<w:sdt>" * 3_000 + "</w:sdt>" * 3_000, "too_complex"),
        ("<w:p/>" * 2_000_000, "too_large"),
        ("<w:p><w:r></w:p>", "damaged"),
        ("<w:tc><w:tr></w:tr></w:tc><w:pPr><w:numPr/></w:pPr><w:t>x</w:t><w:fldChar/>", "empty"),
    ],
    ids=["deep", "unpacks to much", "no XML", "out of order"],
)
def test_what_no_word_made_is_refused(reading: Reader, body: str, code: str) -> None:
    with pytest.raises(ReadError) as refused:
        reading.of(files.docx(body))
    assert refused.value.code == code


def test_an_archive_of_other_things_is_no_word_file(reading: Reader) -> None:
    with pytest.raises(ReadError) as refused:
        reading.of(package({"notes.txt": "Four euros."}))
    assert refused.value.code == "unsupported_type"


def test_a_protected_part_says_so(reading: Reader) -> None:
    content = bytearray(package({"word/document.xml": word_part("document", "<w:body/>")}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    with pytest.raises(ReadError) as refused:
        reading.of(bytes(content))
    assert refused.value.code == "encrypted"


def test_all_parts_together_unpack_to_no_more_than_one_budget() -> None:
    content = files.docx(
        paragraph("Some text.") * 2_000, parts={"word/footnotes.xml": word_part("footnotes", " " * 90_000)}
    )
    assert reading_of(io.BytesIO(content), Budget(300_000)).blocks
    for left in (150_000, 100):
        with pytest.raises(ReadError) as refused:
            reading_of(io.BytesIO(content), Budget(left))
        assert refused.value.code == "too_large"


def test_charts_and_diagrams_tell_what_they_show(reading: Reader) -> None:
    def values(tag: str, *texts: str) -> str:
        return f"<c:{tag}>{''.join(f'<c:pt><c:v>{text}</c:v></c:pt>' for text in texts)}</c:{tag}>"

    namespaces = (
        'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    points = f"{values('cat', '2023', '2024')}{values('val', '4.1', '4.7000000000000002')}"
    series = f"<c:ser>{values('tx', 'Sales')}{points}</c:ser>"
    title = "<c:title><a:p><a:r><a:t>Our year</a:t></a:r></a:p></c:title>"
    parts = {
        "word/chart.xml": f"<c:chartSpace {namespaces}>{title}{series}</c:chartSpace>",
        "word/data.xml": f"<dgm:dataModel {namespaces}><a:p><a:r><a:t>Order</a:t></a:r></a:p><a:p/></dgm:dataModel>",
        "word/_rels/document.xml.rels": relationships(("r1", "chart", "chart.xml"), ("r2", "diagramData", "data.xml")),
    }
    body = p(f'<w:r><w:drawing {namespaces}><c:chart r:id="r1"/></w:drawing></w:r>') + p(
        "Steps", f'<w:r><w:drawing {namespaces}><dgm:relIds r:dm="r2"/></w:drawing></w:r>'
    )
    assert reading.lines(body, parts) == ["Our year", "Sales: 2023 4.1, 2024 4.7", "Steps", "Order"]


@pytest.mark.parametrize(
    ("stream", "sector", "code"),
    [("EncryptedPackage", 1, "encrypted"), ("EncryptedPackage", 90, "encrypted"), ("WordDocument", 1, "old_office")],
)
def test_a_protected_file_is_told_from_an_old_one(tmp_path: Path, stream: str, sector: int, code: str) -> None:
    head = bytearray(512)
    head[:8], head[30:32], head[48:52] = MARK, (9).to_bytes(2, "little"), sector.to_bytes(4, "little")
    content = bytes(head) + bytes(512 * sector) + "Root Entry".encode("utf-16-le") + stream.encode("utf-16-le")
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    with pytest.raises(ReadError) as refused:
        kind_of("a.docx", content[:HEAD_BYTES], path)
    assert refused.value.code == code
