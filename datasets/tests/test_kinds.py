"""At the door a file is what its content says, and what cannot be read is called by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from datasets.blocks import ReadError
from datasets.ingestion.readers.registry import HEAD_BYTES, kind_of
from datasets.tests import files

_TYPES = '<Types><Default Extension="xml" ContentType="application/{}"/></Types>'


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return out.getvalue()


def office(part: str, main_type: str) -> bytes:
    return archive({"[Content_Types].xml": _TYPES.format(main_type), part: "<x/>"})


WORKBOOK = office("xl/workbook.xml", "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml")
WORD_BY_DEFAULT = office("word/document.xml", "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")


def kind_at_the_door(tmp_path: Path, name: str, content: bytes) -> str:
    path = tmp_path / "stored"
    path.write_bytes(content)
    return kind_of(name, content[:HEAD_BYTES], path).name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("release notes v1.2", b"The export now takes four minutes.\n"),
        ("Protocol of 3.5.", b"We met at nine."),
        ("notes 2.final", b"We met at nine."),
        ("mz.txt", b"MZ 250 motorcycle: the tank holds 17 litres.\n"),
        ("a.txt", b"RIFF raff\n"),
        ("a.txt", b"BZh is how an archive begins.\n"),
        ("a.txt", b"A file that begins with %PDF-1.7 is a PDF.\n"),
        ("a.txt", b"%PDF- is its mark.\n"),
        ("a.txt", "Größe".encode("cp1252")),
        ("a.txt", "你好，价格".encode("utf-16-le")),
        ("a.txt", "Hello there".encode("utf-16-be")),
        ("a.txt", b"\x1b$B9)K<\x1b(B"),
        ("a.txt", "\ufeffHello".encode("utf-16")),
        ("a.log", b"\t\x1b[31mred\x1b[0m ten minutes\n"),
        ("PK.txt", b"PK is a name, too."),
    ],
)
def test_text_is_text_whatever_it_is_called_or_begins_with(tmp_path: Path, name: str, content: bytes) -> None:
    assert kind_at_the_door(tmp_path, name, content) == "txt"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", b"junk before\n%PDF-1.4\n%\xe2\xe3\xcf\xd3", "pdf"),
        ("a", b"\n%PDF-1.4\n1 0 obj", "pdf"),
        ("a.txt", b"%PDF-1.7%\xe2\xe3", "pdf"),
        ("a.docx", files.docx(files.paragraph("x")), "docx"),
        ("a.docx", WORD_BY_DEFAULT, "docx"),
        ("a.docx", files.docx(files.paragraph("x"))[:300], "docx"),
        ("a", b"<?xml version='1.0'?>\n<!-- saved --><!DOCTYPE html><html>", "html"),
        ("a", "<!doctype html><html>".encode("utf-16"), "html"),
    ],
    ids=["junk first", "blank first", "no line end", "word", "word by default", "cut word", "xhtml", "wide"],
)
def test_the_content_tells_the_kind(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    assert kind_at_the_door(tmp_path, name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", WORKBOOK, "Excel"),
        ("a.docx", WORKBOOK, "Excel"),
        ("a.xlsb", office("xl/workbook.bin", "vnd.ms-excel.sheet.binary.macroEnabled.main"), "Excel"),
        (
            "a.pptx",
            office("ppt/presentation.xml", "vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
            "PowerPoint",
        ),
        ("a.odt", archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}), "OpenDocument"),
        ("a.ods", archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "spreadsheet"),
        ("a.epub", archive({"mimetype": "application/epub+zip", "book.html": ""}), "EPUB"),
        ("a.pages", archive({"Index/Document.iwa": b"x"}), "Pages"),
        ("a.zip", archive({"a.txt": "text"}), "zip archive"),
        ("a.docx", archive({"a/word/b.txt": "text"}), "zip archive"),
        ("a.zip", archive({}), "zip archive"),
        ("a.zip", archive({"a.txt": "text" * 100})[:200], "zip archive"),
    ],
    ids=["xlsx", "xlsx as docx", "xlsb", "pptx", "odt", "ods", "epub", "pages", "zip", "zip as docx", "none", "cut"],
)
def test_other_archives_are_refused_by_their_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(ReadError) as caught:
        kind_at_the_door(tmp_path, name, content)

    assert caught.value.code == "unsupported_type"
    assert said in caught.value.detail


@pytest.mark.parametrize("content", [WORKBOOK, archive({"mimetype": "application/epub+zip"}), archive({"a.txt": "x"})])
def test_the_head_alone_tells_as_much(content: bytes) -> None:
    with pytest.raises(ReadError):
        kind_of("a.docx", content[:HEAD_BYTES])


@pytest.mark.parametrize(
    "content",
    [b" \n\t", b"\xef\xbb\xbf", "\u200b\u2060\u00ad".encode(), "\ufeff\u200b".encode("utf-16"), b"\x00" * 20],
    ids=["spaces", "mark", "unseen", "wide unseen", "zeros"],
)
def test_a_file_of_nothing_to_see_is_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        kind_at_the_door(tmp_path, "a.txt", content)

    assert caught.value.code == "empty"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("a", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("a", b"\x1f\x8b\x08\x00\x00\x00"),
        ("a.txt", b"{\\rtf1\\ansi Hello}"),
        ("a.json", b"{}"),
        ("a.yaml", b"a: 1"),
        ("a.eml", b"From: a@b.example"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        kind_at_the_door(tmp_path, name, content)

    assert caught.value.code == "unsupported_type"
