"""Texts are read in whatever encoding their country wrote them, and a doubt is told."""

from __future__ import annotations

import unicodedata

import pytest

from datasets.blocks import Notice, NoticeCode, ReadError
from datasets.ingestion.readers.charsets import charset_in, codec_of
from datasets.ingestion.readers.decoding import decode, decoded, wide_encoding
from datasets.tests.tongues import TONGUES

WRITTEN = [(name, encoding) for name, tongue in TONGUES.items() for encoding in tongue.encodings]
PARAGRAPHS, RIGHT = 50, 48
_TONES = "\u0300\u0301\u0303\u0309\u0323"
DOUBTFUL = (NoticeCode.UNSURE_ENCODING,)


def encoded(text: str, encoding: str) -> bytes:
    """Encode as editors do: Vietnamese as letters and tones, and a quotation mark that is missing as a plain one."""
    return (_toned(text) if encoding == "cp1258" else text).encode(encoding)


def _toned(text: str) -> str:
    written = ""
    for letter in unicodedata.normalize("NFC", text):
        try:
            letter.encode("cp1258")
            written += letter
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            written += unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
            written += "".join(part for part in parts if part in _TONES)
    return written


def same(first: str, second: str) -> bool:
    return unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second)


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_paragraphs_are_read_in_the_encodings_of_their_language(language: str, encoding: str) -> None:
    texts = TONGUES[language].texts(PARAGRAPHS)

    read = [decode(encoded(text, encoding)) for text in texts]

    assert len(texts) == PARAGRAPHS
    assert sum(map(same, read, texts)) >= RIGHT


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_most_single_sentences_are_read_too(language: str, encoding: str) -> None:
    sentences = TONGUES[language].sentences

    assert sum(same(decode(encoded(text, encoding)), text) for text in sentences) >= len(sentences) - 1


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(language: str, encoding: str) -> None:
    text = "\n".join(TONGUES[language].sentences)

    found = decoded(text.encode(encoding))

    assert (found.text, found.notices) == (text, ())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Café crème: 4 €\n", "cp1252"),
        ("Größe", "cp1252"),
        ("“It’s open” – daily…", "cp1252"),
        ("¿Cuánto cuesta?", "cp1252"),
        ("© 2020 Müller & Söhne", "cp1252"),
        ("Kütüphane saat 9’da açılır", "cp1254"),
        ("Привет", "cp1251"),
        ("你好", "gb18030"),
        ("안녕하세요", "euc_kr"),
        ("สวัสดี", "cp874"),
    ],
)
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("language", ["german", "russian", "vietnamese", "japanese"])
@pytest.mark.parametrize("bad", [b"\xe9", b"\xff", b"\xc3"])
def test_one_bad_byte_garbles_no_other_letter(language: str, bad: bytes) -> None:
    sentences = TONGUES[language].sentences

    found = decoded(" ".join(sentences[:3]).encode() + b" caf" + bad + b" " + " ".join(sentences[3:]).encode())

    assert all(sentence in found.text for sentence in sentences)
    assert [notice.code for notice in found.notices] == [NoticeCode.UNSURE_ENCODING]


def test_a_byte_of_windows_in_a_western_text_is_the_letter_that_it_was() -> None:
    assert decode("Geöffnet für Gäste, ".encode() + b"caf\xe9 f\xfcr alle") == "Geöffnet für Gäste, café für alle"


@pytest.mark.parametrize("length", [8192, 64 * 1024, 256 * 1024])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "gb18030", "utf-16-le"])
def test_a_letter_at_any_border_is_whole(length: int, encoding: str) -> None:
    sentence = TONGUES["japanese" if encoding == "cp932" else "chinese"].sentences[0]
    for shift in range(2):
        text = "a" * shift + sentence * (length // len(sentence.encode(encoding)) + 2)

        assert decode(text.encode(encoding)) == text
        cut = decoded(text.encode(encoding)[:length], is_whole=False)
        assert text.startswith(cut.text)
        assert cut.notices == ()


def test_the_senders_word_decides_between_encodings_that_both_fit() -> None:
    raw = "Größe und Gewicht der Geräte".encode("iso8859_2")

    assert decoded(raw, said=("iso-8859-2",)).encoding == "iso8859-2"
    assert decoded("čáp".encode("cp1250"), said=("nonsense", "windows-1250")).text == "čáp"


def test_what_is_utf8_is_read_so_whatever_was_said() -> None:
    assert decoded("naïve café".encode(), said=("iso-8859-1",)).text == "naïve café"


def test_the_expected_language_settles_what_the_bytes_leave_open() -> None:
    raw = "5 zł".encode("cp1250")

    assert decoded(raw, language="polish").text == "5 zł"


def test_a_doubt_is_told_with_the_encoding() -> None:
    [notice] = decoded("à la".encode("mac_roman")).notices

    assert notice.code == NoticeCode.UNSURE_ENCODING
    assert notice.what


def test_a_clear_text_brings_no_doubt() -> None:
    for name, tongue in TONGUES.items():
        encoding = tongue.encodings[0]
        assert decoded(encoded(" ".join(tongue.sentences), encoding)).notices == (), (name, encoding)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ReadError) as caught:
        decode(bytes(range(1, 32)) * 20)

    assert caught.value.code == "not_text"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("big5", "big5hkscs"),
        ("tis-620", "cp874"),
        (" utf8 ", "utf-8"),
        ("hex", ""),
        ("rot13", ""),
        ("punycode", ""),
        ("no-such-charset", ""),
        ("x" * 1000, ""),
        ("", ""),
    ],
)
def test_labels_are_read_as_browsers_read_them(label: str, codec: str) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("text/html; charset=windows-1251", "windows-1251"),
        ('text/html;charset="ISO-8859-2"; x=y', "ISO-8859-2"),
        ("text/html; boundary=charset", ""),
        ("text/html", ""),
    ],
)
def test_the_charset_of_a_header_is_found(header: str, label: str) -> None:
    assert charset_in(header) == label


@pytest.mark.parametrize(
    "raw", [b"", b"\x00", b"a\x00", b"\x00\x01\x02 binary", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"]
)
def test_zeros_alone_make_no_wide_text(raw: bytes) -> None:
    assert wide_encoding(raw) in {"", "utf-16-le"} if raw == b"a\x00" else wide_encoding(raw) == ""


def test_the_sentence_of_a_doubt_names_the_encoding() -> None:
    found = decoded("Füße".encode("cp850"))

    assert all(isinstance(notice, Notice) and notice.what for notice in found.notices)


@pytest.mark.parametrize(("language", "encoding"), [pair for pair in WRITTEN if pair[1] != "iso2022_jp"])
def test_the_tags_of_a_page_are_in_no_language(language: str, encoding: str) -> None:
    """A page that declares nothing, with one sentence in its language among scripts and the words of its makers."""
    text = TONGUES[language].sentences[0]
    before = (
        "<html><head><script>window.data = window.data || [];</script></head><body class='home'><ul><li>Contact</ul>"
    )
    after = "<footer class='site-footer'><p>Copyright 2020 Example Company. All rights reserved.</p></footer>"

    read = decode(f"{before}<p>".encode() + encoded(text, encoding) + f"</p>{after}".encode())

    assert same(read, f"{before}<p>{text}</p>{after}")
