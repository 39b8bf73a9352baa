"""Writes a number as lists number their entries: 4, iv, D, four letters of several scripts, signs in circles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
# No list is longer, and none of these writes such a number shortly.
_MOST: Final = 32_767
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN: Final = "абвгдежзиклмнопрстуфхцчшщыэюя"
_ARABIC_ALPHABET: Final = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
_ARABIC_ABJAD: Final = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"
_HEBREW_LETTERS: Final = "אבגדהוזחטיכלמנסעפצקרשת"
_THAI_LETTERS: Final = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
_HINDI_VOWELS: Final = "अआइईउऊऋऌऍऎएऐऑऒओऔ"
_HINDI_CONSONANTS: Final = "कखगघङचछजझञटठडढणतथदधन"
_AIUEO: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA: Final = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_GANADA: Final = "가나다라마바사아자차카타파하"
_CHOSUNG: Final = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_HAN: Final = "〇一二三四五六七八九"
_HAN_PLACES: Final = ("", "十", "百", "千")
_LEGAL_HAN: Final = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_PLACES: Final = ("", "拾", "佰", "仟")
_HEBREW_ONES: Final[tuple[str, ...]] = ("", *"אבגדהוזחט")
_HEBREW_TENS: Final[tuple[str, ...]] = ("", *"יכלמנסעפצ")
_HEBREW_HUNDREDS: Final[tuple[str, ...]] = ("", "ק", "ר", "ש", "ת", "תק", "תר", "תש", "תת", "תתק")
_ONES: Final = (
    "", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_ORDINAL_ENDS: Final[dict[str, str]] = {
    "One": "First", "Two": "Second", "Three": "Third", "Five": "Fifth", "Eight": "Eighth", "Nine": "Ninth",
    "Twelve": "Twelfth",
}  # fmt: skip


def numeral(number: int, form: str) -> str:
    """Return `number` as the number format `form` of Word writes it; in digits where that has no sign for it."""
    write = _FORMS.get(form)
    if write is None or not 0 < number <= _MOST:
        return "" if form == "none" else str(number)
    return write(number)


def _roman(number: int) -> str:
    written = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        written += sign * count
    return written


def _repeated(alphabet: str) -> Callable[[int], str]:
    """Return what goes through the letters, then through each twice: z, aa, bb."""

    def write(number: int) -> str:
        times, place = divmod(number - 1, len(alphabet))
        return alphabet[place] * (times + 1)

    return write


def _round_again(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)]


def _in_row(first: str, count: int) -> Callable[[int], str]:
    """Return what takes as many characters as there are from `first` on, and digits beyond."""
    return lambda number: chr(ord(first) + number - 1) if number <= count else str(number)


def _digits(zero: str) -> Callable[[int], str]:
    return lambda number: "".join(chr(ord(zero) + int(digit)) for digit in str(number))


def _padded(width: int) -> Callable[[int], str]:
    return lambda number: f"{number:0{width}}"


def _han(signs: str, places: tuple[str, ...], *, bare_ten: bool) -> Callable[[int], str]:
    def write(number: int) -> str:
        thousands, rest = divmod(number, 10_000)
        if thousands:
            joined = signs[0] if 0 < rest < 1000 else ""
            return f"{write(thousands)}万{joined}{write(rest) if rest else ''}"
        written, gap = "", False
        for place in range(3, -1, -1):
            digit = number // 10**place % 10
            if digit:
                written += (signs[0] if gap and written else "") + signs[digit] + places[place]
            gap = not digit
        is_a_ten = bare_ten and 10 <= number < 20
        return written[1:] if is_a_ten else written

    return write


def _plain_han(number: int) -> str:
    return "".join(_HAN[int(digit)] for digit in str(number))


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _words(number: int) -> str:
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return _ONES[number] if number < 20 else f"{_TENS[tens]}-{_ONES[ones].lower()}".rstrip("-")


def _ordinal_words(number: int) -> str:
    if number >= 100:
        return _ordinal(number)
    before, dash, last = _words(number).rpartition("-")
    usual = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    found: str = _ORDINAL_ENDS.get(last.capitalize(), usual)
    return f"{before}-{found.lower()}" if dash else found


def _hebrew(number: int) -> str:
    thousands, number = divmod(number, 1000)
    hundreds, rest = divmod(number, 100)
    # Fifteen and sixteen are not written as the beginning of the name.
    low = {15: "טו", 16: "טז"}.get(rest, _HEBREW_TENS[rest // 10] + _HEBREW_ONES[rest % 10])
    return (_hebrew(thousands) + "׳" if thousands else "") + _HEBREW_HUNDREDS[hundreds] + low


def _sexagenary(number: int) -> str:
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12]


_COUNTING_HAN: Final = _han(_HAN, _HAN_PLACES, bare_ten=True)
_LEGAL: Final = _han(_LEGAL_HAN, _LEGAL_PLACES, bare_ten=False)
_LEGAL_OLD: Final = _han("零壹貳參肆伍陸柒捌玖", _LEGAL_PLACES, bare_ten=False)
_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _repeated(_LATIN),
    "upperLetter": _repeated(_LATIN.upper()),
    "russianLower": _repeated(_RUSSIAN),
    "russianUpper": _repeated(_RUSSIAN.upper()),
    "ordinal": _ordinal,
    "cardinalText": _words,
    "ordinalText": _ordinal_words,
    "decimalZero": _padded(2),
    "decimalZero3": _padded(3),
    "decimalZero4": _padded(4),
    "decimalZero5": _padded(5),
    "custom": str,
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedCircle": _in_row("①", 20),
    "decimalEnclosedCircleChinese": _in_row("①", 20),
    "decimalEnclosedFullstop": _in_row("⒈", 20),
    "decimalEnclosedParen": _in_row("⑴", 20),
    "decimalFullWidth": _digits("０"),
    "decimalFullWidth2": _digits("０"),
    "hindiNumbers": _digits("०"),
    "thaiNumbers": _digits("๐"),
    "thaiLetters": _repeated(_THAI_LETTERS),
    "hindiVowels": _repeated(_HINDI_VOWELS),
    "hindiConsonants": _repeated(_HINDI_CONSONANTS),
    "arabicAlpha": _repeated(_ARABIC_ALPHABET),
    "arabicAbjad": _repeated(_ARABIC_ABJAD),
    "hebrew1": _hebrew,
    "hebrew2": _repeated(_HEBREW_LETTERS),
    "aiueo": _round_again(_AIUEO),
    "aiueoFullWidth": _round_again(_AIUEO),
    "iroha": _round_again(_IROHA),
    "irohaFullWidth": _round_again(_IROHA),
    "ganada": _round_again(_GANADA),
    "chosung": _round_again(_CHOSUNG),
    "ideographTraditional": _round_again(_STEMS),
    "ideographZodiac": _round_again(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "ideographDigital": _plain_han,
    "japaneseDigitalTenThousand": _plain_han,
    "koreanDigital2": _plain_han,
    "taiwaneseDigital": _plain_han,
    "ideographEnclosedCircle": _in_row("㊀", 10),
    "chineseCounting": _COUNTING_HAN,
    "chineseCountingThousand": _COUNTING_HAN,
    "japaneseCounting": _COUNTING_HAN,
    "taiwaneseCounting": _COUNTING_HAN,
    "taiwaneseCountingThousand": _COUNTING_HAN,
    "chineseLegalSimplified": _LEGAL,
    "ideographLegalTraditional": _LEGAL_OLD,
    "japaneseLegal": _han("〇壱弐参四伍六七八九", ("", "拾", "百", "阡"), bare_ten=False),
}
