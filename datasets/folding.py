"""Makes one spelling of those that people use for the same word, by language.

People leave out accents that their keyboard lacks, write "oe" for "ö" or "œ", and type letters of Arabic that look
alike; files hold soft hyphens, zero-width characters, vowel points and full-width forms. All of it is folded before
words are stemmed, in documents and in questions, so that both meet. It is not where it would make one word of two:
Vietnamese tells words apart by their marks ("má", "mà"), й is no и, and Japanese が no か.

Spanish "año" and Turkish "ılık" are folded as well. It costs a few pairs of words, and people who type without these
letters find what they look for: measured with xquad's Turkish questions typed so, nDCG@10 is .92 instead of .90.
"""

from __future__ import annotations

import re
import unicodedata

from chatcms.core.text.safety import normalized

# Letters that no mark is taken away from, and what people write for them.
_JOINED = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ς": "σ"}
_BARRED = {
    "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i",
    "İ": "I", "ŋ": "n", "ĸ": "k", "ŀ": "l", "ə": "e", "Ə": "E", "ё": "е", "Ё": "Е", "ґ": "г", "Ґ": "Г",
}  # fmt: skip
_CASED = re.compile(r"[^\W\d_]+")
_TURKISH = str.maketrans({"I": "ı", "İ": "i"})
# Arabic, Persian and Urdu: forms of alef, of yeh, of kaf and of heh, and hamza on its seat.
_ARABIC = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ئ": "ي", "ؤ": "و", "ک": "ك",
    "ڪ": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ۂ": "ه", "ھ": "ه", "ە": "ه", "ۃ": "ه", "\u0640": "",
}  # fmt: skip
_INDIC = {"\u093c": "", "\u09bc": "", "\u0a3c": "", "\u0901": "\u0902"}
# "п'ять", "п’ять" and "пʼять" are one word.
_APOSTROPHE = re.compile("(?<=[\u0400-\u052f])['’ʼ`´](?=[\u0400-\u052f])")
# How people write letters that their keyboard lacks, beyond leaving out the marks: "Groesse", "Aarhus".
_DIGRAPHS = {
    "german": (re.compile("(?<![aeuqAEUQ])([aouAOU])[eE]"), r"\1"),
    "danish": (re.compile("([aA])[aA]|([aAoO])[eE]"), r"\1\2"),
    "norwegian": (re.compile("([aA])[aA]|([aAoO])[eE]"), r"\1\2"),
}
# The tone of oa, oe and uy stands on either vowel: "hoá" and "hòa".
_TONE = re.compile("([oOuU])([\u0300\u0301\u0303\u0309\u0323])([aAeEyY])(?![^\\W\\d_])")
# Normal forms make plain digits of these: the note in 49¹ would make it 491, and the half in 1½ make it 11.
_NUMBER_ON_NUMBER = re.compile(r"(?<=\d)(?=[²³¹¼½¾⁰-⁹₀-₉⅐-⅟↉①-⒛])")
_MARKED = "vietnamese"


def _drops_marks(base: str) -> bool:
    """Say whether letters made of `base` are also written without their marks: Latin and Greek ones are."""
    return base < "\u0250" or "\u0370" <= base <= "\u03ff"


class _Unmarked(dict[int, str | None]):
    """Maps a letter to itself without accents, in scripts where people leave these out."""

    def __missing__(self, codepoint: int) -> str | None:
        letter = chr(codepoint)
        value: str | None = _BARRED.get(letter)
        if value is None:
            base = normalized("NFD", letter)[0]
            value = base if _drops_marks(base) else letter
            value = "" if 0x300 <= codepoint <= 0x36F else value
        self[codepoint] = value
        return value


class _Plain(dict[int, str | None]):
    """Maps what is not seen to nothing, digits to ASCII, and punctuation and symbols beyond ASCII to blanks.

    PostgreSQL's parser would glue those to words.
    """

    def __missing__(self, codepoint: int) -> str | None:
        letter = chr(codepoint)
        category = unicodedata.category(letter)
        value: str | None = _ARABIC.get(letter, _INDIC.get(letter, letter))
        if category == "Cf" or _is_point(codepoint, category) or 0xFE00 <= codepoint <= 0xFE0F or codepoint == 0x34F:
            value = ""
        elif category == "Nd":
            value = str(unicodedata.decimal(letter))
        elif codepoint > 0x7F and category[0] in "PSZC":
            value = " "
        self[codepoint] = value
        return value


_unmarked, _plain = _Unmarked(), _Plain()
_joined = str.maketrans(_JOINED)


def _accents() -> tuple[str, str]:
    """Return lower-case letters with an accent and the letters that they become, for SQL's `translate`."""
    letters = [chr(codepoint) for codepoint in (*range(0xDF, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000))]
    pairs = [(letter, _unmarked[ord(letter)] or "") for letter in (*letters, *_BARRED)]
    pairs = [(letter, other) for letter, other in pairs if letter == letter.lower() and other not in {letter, ""}]
    return "".join(letter for letter, _ in pairs), "".join(other for _, other in pairs)


ACCENTED, UNACCENTED = _accents()


def plain(text: str, language: str) -> str:
    """Return `text` with everything folded but accents, which the rules of grammar of some languages go by."""
    if text.isascii():
        return text
    text = normalized("NFKC", _NUMBER_ON_NUMBER.sub(" ", text))
    text = _APOSTROPHE.sub("", text).translate(_plain)
    if language == "turkish":
        text = _CASED.sub(_turkish_case, text)
    if language == _MARKED:
        # Apart, the tone can be moved; it stands where it stood before in all but three of the endings.
        return normalized("NFC", _TONE.sub(r"\1\3\2", normalized("NFD", text)))
    return normalized("NFC", text.translate(_joined))


def unmarked(text: str, language: str) -> str:
    """Return `text`, made by `plain`, without accents; as it is where they tell words apart."""
    if language == _MARKED:
        return text
    if not text.isascii():
        text = normalized("NFC", text.translate(_unmarked))
    return _without_digraphs(text, language)


def folded(text: str, language: str) -> str:
    """Return `text` in the one spelling by which its words are compared, for a language of `datasets.languages`."""
    return unmarked(plain(text, language), language)


def _turkish_case(match: re.Match[str]) -> str:
    """Write I and İ small as Turkish does, but in names such as "WiFi" or "IBANNo", which are no Turkish words."""
    word = match[0]
    return word.translate(_TURKISH).lower() if word.isupper() or word[1:].islower() else word


def _without_digraphs(text: str, language: str) -> str:
    if language not in _DIGRAPHS:
        return text
    pattern, plain = _DIGRAPHS[language]
    return pattern.sub(plain, text)


def _is_point(codepoint: int, category: str) -> bool:
    """Say whether it is a vowel point or another mark of Hebrew, Arabic or Syriac, which are mostly left out."""
    return category == "Mn" and (0x591 <= codepoint <= 0x5C7 or 0x610 <= codepoint <= 0x74A)
