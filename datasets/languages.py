"""Finds out in which language a text is, as far as its analysis needs to know; no package, no model.

The answer is a language's name. `configuration_of` names the text-search configuration of PostgreSQL for it, which is
"simple" where there is none; "simple" is also the answer for languages that are not known here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from chatcms.core.text.safety import normalized
from datasets import askingwords

SIMPLE = "simple"
ENGLISH = "english"
_SAMPLE = 20_000

# Frequent words that the neighbours do not share, for languages written in Latin letters. Those that PostgreSQL
# has no configuration for are here too, lest they be taken for a neighbour.
WORDS: dict[str, str] = {
    "english": (
        "the of and to is that for it with was as are on by this be from which you not have has were an or what how "
        "why when where who does can should if into than their its been between"
    ),
    "german": "der die und das den ist nicht ein eine von mit des dem zu sich auf für auch wird werden bei oder wie",
    "french": "le la les et des est une du dans que pour qui sur pas au par avec ce sont il elle ou aux cette comment",
    "spanish": "el la los las de y que en un una es por con para del se al lo como más su pero sus cómo cuál qué fue",
    "portuguese": "o os as e que em um uma é por com para do da dos das não se no na ao mais como foi são qual você",
    "italian": "il lo gli di e che un una è per con del della dei non si nel alla sono come da più anche quale cosa",
    "dutch": "de het een en van is dat op te zijn voor met niet aan die er ook als door bij wordt naar hoe wat welke",
    "swedish": "och att det som en på är av för med den till inte har om ett var jag från eller hur vad vilken kan",
    "danish": "og at det er som en på af for med den til ikke har om et var jeg fra eller hvad hvordan hvilken blev",
    "norwegian": "og at det er som en på av for med den til ikke har om et var jeg fra eller hva hvordan hvilken ble",
    "finnish": "ja on ei että se oli hän mutta joka ovat myös kun niin tai kuin olla mitä mikä miten jos sekä sen voi",
    "hungarian": "az és hogy nem egy ez volt csak meg már mint vagy azt ha el mi hogyan melyik kell lehet",
    "romanian": "și în de la cu pe un o este nu care din sau ce mai a fost pentru sunt cum să al ale prin unde către",
    "turkish": "ve bir bu için ile da de ne olarak daha çok en gibi olan kadar sonra var değil mi nasıl nedir hangi",
    "catalan": "les i de que una és per amb als més aquest són pel dels què quina l'any",
    "basque": "eta ez dira dute zen izan baina ere hau edo oso bere egin zer nola dago zuen beste",
    "indonesian": "dan yang untuk dengan dari pada adalah tidak dalam akan ke atau juga oleh apa bagaimana ada",
    "irish": "agus bhí sé ní ag i leis chun nach bhfuil conas ach atá",
    "lithuanian": "ir kad su iš buvo kaip tai bet už jis apie arba per taip kas kur gali nuo bei šis jo",
    "vietnamese": "của và là có được cho không người trong những một các với để này đã khi về từ bao gì nào",
    "polish": "w że się nie jak czy są przez który przy oraz ich gdzie może",
    "czech": "že jako jsou jak nebo který také být není kde aby",
    "slovak": "sa že ako sú pre alebo ktorý tiež byť nie kde aby",
    "croatian": "su kao koji što ili iz ali kako gdje biti nije može bio",
    "slovene": "kot ki ali pa tudi iz kako kje biti ni lahko ko",
    "estonian": "ja ei et see oli kui ka aga mis ta oma või nii kes kuidas selle ning seda olid välja",
    "latvian": "un ka uz kā bija tas vai arī bet pēc kas viņš pie līdz kur var šis tika",
}
# Told by their letters alone.
_BY_LETTERS = frozenset(
    {
        "arabic", "armenian", "bulgarian", "chinese", "greek", "hebrew", "hindi", "japanese", "korean", "nepali",
        "persian", "russian", "serbian", "tamil", "thai", "ukrainian", "urdu",
    }
)  # fmt: skip
LANGUAGES = frozenset(WORDS) | _BY_LETTERS | {SIMPLE}
# Those that PostgreSQL 16 has no configuration for.
_WITHOUT_GRAMMAR = frozenset(
    {
        "bulgarian", "chinese", "croatian", "czech", "estonian", "hebrew", "japanese", "korean", "latvian", "persian",
        "polish", "slovak", "slovene", "thai", "ukrainian", "urdu", "vietnamese",
    }
)  # fmt: skip
# By their codes (ISO 639-1), as pages and people name them. Some are only told apart when a file is read.
BY_CODE: Final = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian",
    "nl": "dutch", "sv": "swedish", "da": "danish", "nb": "norwegian", "nn": "norwegian", "no": "norwegian",
    "fi": "finnish", "is": "icelandic", "ca": "catalan", "eu": "basque", "ga": "irish", "pl": "polish", "cs": "czech",
    "sk": "slovak", "hu": "hungarian", "hr": "croatian", "sl": "slovene", "ro": "romanian", "tr": "turkish",
    "lt": "lithuanian", "lv": "latvian", "et": "estonian", "vi": "vietnamese", "id": "indonesian", "ru": "russian",
    "uk": "ukrainian", "bg": "bulgarian", "sr": "serbian", "be": "belarusian", "mk": "macedonian", "el": "greek",
    "hy": "armenian", "he": "hebrew", "ar": "arabic", "fa": "persian", "ur": "urdu", "hi": "hindi", "ne": "nepali",
    "ta": "tamil", "th": "thai", "ja": "japanese", "zh": "chinese", "ko": "korean",
}  # fmt: skip
_CODES = {name: code for code, name in reversed(BY_CODE.items())}
_LETTERS = re.compile(r"[^\W\d_]+")


def _vocabulary(*lists: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the languages of each word of the lists; of words of one letter too many languages have one."""
    found: dict[str, list[str]] = {}
    for language in dict.fromkeys(language for words in lists for language in words):
        for word in {word for words in lists for word in words.get(language, "").split() if len(word) > 1}:
            found.setdefault(word, []).append(language)
    return found


_VOCABULARY = _vocabulary(WORDS)
_OF_QUESTIONS = _vocabulary(WORDS, {name: words for name, words in askingwords.WORDS.items() if name in WORDS})

_SCRIPTS: tuple[tuple[str, str, str], ...] = (
    ("\u0370", "\u03ff", "greek"),
    ("\u1f00", "\u1fff", "greek"),
    ("\u0400", "\u052f", "cyrillic"),
    ("\u0530", "\u058f", "armenian"),
    ("\u0590", "\u05ff", "hebrew"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u0750", "\u077f", "arabic"),
    ("\ufb50", "\ufdff", "arabic"),
    ("\ufe70", "\ufefe", "arabic"),
    ("\u0900", "\u097f", "devanagari"),
    ("\u0b80", "\u0bff", "tamil"),
    ("\u0e00", "\u0eff", "southeast_asian"),
    ("\u1000", "\u109f", "southeast_asian"),
    ("\u1780", "\u17ff", "southeast_asian"),
    ("\u3040", "\u30ff", "cjk"),
    ("\u3400", "\u9fff", "cjk"),
    ("\uac00", "\ud7af", "cjk"),
    ("\uf900", "\ufaff", "cjk"),
)
# Letters that a script's main language does without.
_PERSIAN, _URDU = frozenset("پچژگکی"), frozenset("ٹڈڑںےھ")
_UKRAINIAN = frozenset("іїєґ")
_OTHER_CYRILLIC = frozenset("ўқғңүұһәөѓќ")
_SERBIAN = frozenset("љњћђџј")
_ONLY_RUSSIAN = frozenset("ыэё")
_HANGUL, _KANA, _THAI = re.compile("[\uac00-\ud7af]"), re.compile("[\u3040-\u30ff]"), re.compile("[\u0e01-\u0e5b]")
_NEPALI = frozenset({"छ", "छन्", "गर्न", "थियो", "गरेको", "पनि", "लागि"})
# Latin letters that one language alone has: for texts of a sentence, whose words tell too little.
_OWN_LETTERS = {
    letter: language
    for language, letters in {
        "turkish": "ğı", "polish": "łąęńśźż", "czech": "řěů", "slovak": "ľĺŕ", "german": "ß", "spanish": "ñ¿¡",
        "portuguese": "ã", "hungarian": "őű", "romanian": "țţșă", "latvian": "ķļņģ", "lithuanian": "ėįų",
    }.items()
    for letter in letters
}  # fmt: skip
_VIETNAMESE = re.compile("[\u1ea0-\u1ef9ơư]")
# Russian has it before a soft vowel only.
_BULGARIAN = re.compile("ъ(?![еёюя])")


def configuration_of(language: str) -> str:
    """Return the text-search configuration of PostgreSQL by which texts of a language are analysed."""
    return language if language in LANGUAGES - _WITHOUT_GRAMMAR else SIMPLE


def code_of(language: str) -> str | None:
    """Return the code of a language (ISO 639-1), None for "simple"."""
    return _CODES.get(language)


def is_in_latin_letters(language: str) -> bool:
    """Say whether a language is written in Latin letters: those are told by their words."""
    return language in WORDS


def detect(text: str, *, fallback: str = ENGLISH) -> str:
    """Return the language of `text`; `fallback` for Latin letters that say too little."""
    sample = text if len(text) <= _SAMPLE else text[: _SAMPLE // 2] + text[len(text) // 2 :][: _SAMPLE // 2]
    sample = normalized("NFC", sample).lower()
    script = script_of(sample)
    if script != "latin":
        return _of_script(script, sample)
    return _of_words(sample, _VOCABULARY) or _of_letters(sample) or (fallback if _is_plain(sample) else SIMPLE)


def detect_question(text: str) -> str | None:
    """Return the language of a question, None if its few words do not tell."""
    text = normalized("NFC", text).lower()
    script = script_of(text)
    return _of_script(script, text) if script != "latin" else _of_words(text, _OF_QUESTIONS)


def language_of_question(question: str, counts: Mapping[str, int]) -> str:
    """Return the language of a question that is asked of texts of which there are `counts` of each language."""
    return detect_question(question) or main_language(counts)


def main_language(counts: Mapping[str, int]) -> str:
    """Return the language of most texts, given how many there are of each; English when there are none."""
    return max(counts, key=lambda language: counts[language], default=ENGLISH)


def script_of(text: str) -> str:
    """Return the script that most letters of `text` are of: "latin" (also if there are none), "other" or a name."""
    counts: Counter[str] = Counter()
    for run in _LETTERS.findall(text[:_SAMPLE]):
        counts[_script_of_letter(run[0])] += len(run)
    return counts.most_common(1)[0][0] if counts else "latin"


def _script_of_letter(letter: str) -> str:
    if letter < "\u0370" or "\u1e00" <= letter <= "\u1eff":
        return "latin"
    for first, last, script in _SCRIPTS:
        if first <= letter <= last:
            return script
    return "other"


def _of_script(script: str, text: str) -> str:
    if script in {"greek", "armenian", "tamil", "hebrew"}:
        return script
    if script == "devanagari":
        return "nepali" if len(set(text.split()) & _NEPALI) >= 2 else "hindi"
    told = _BY_SCRIPT.get(script)
    return told(text) if told else SIMPLE


def _of_arabic_letters(text: str) -> str:
    letters = set(text)
    if letters & _URDU:
        return "urdu"
    return "persian" if len(letters & _PERSIAN) >= 2 else "arabic"


def _of_cyrillic_letters(text: str) -> str:
    letters = set(text)
    if len(letters & _SERBIAN) >= 2:
        return "serbian"
    if letters & _UKRAINIAN:
        return "ukrainian"
    if len(letters & _OTHER_CYRILLIC) >= 2:
        return SIMPLE
    return "bulgarian" if _BULGARIAN.search(text) and not letters & _ONLY_RUSSIAN else "russian"


def _of_east_asian_letters(text: str) -> str:
    if _HANGUL.search(text):
        return "korean"
    return "japanese" if _KANA.search(text) else "chinese"


def _of_southeast_asian_letters(text: str) -> str:
    return "thai" if _THAI.search(text) else SIMPLE


_BY_SCRIPT: dict[str, Callable[[str], str]] = {
    "arabic": _of_arabic_letters,
    "cyrillic": _of_cyrillic_letters,
    "cjk": _of_east_asian_letters,
    "southeast_asian": _of_southeast_asian_letters,
}


def _of_words(text: str, vocabulary: Mapping[str, list[str]]) -> str | None:
    """Return the language whose frequent words lead clearly, None if none does."""
    words = _LETTERS.findall(text)
    if len(_VIETNAMESE.findall(text)) >= max(len(words) * 0.2, 1):
        return "vietnamese"
    votes: Counter[str] = Counter()
    for word in words:
        for language in vocabulary.get(word, ()):
            votes[language] += 1
    if not votes:
        return None
    (first, most), *rest = votes.most_common(2)
    runner_up = rest[0][1] if rest else 0
    enough = most >= 2 and most >= len(words) * 0.06
    return first if enough and most > runner_up else None


def _of_letters(text: str) -> str | None:
    """Return the one language that has the letters of its own which are in the text, None if none or several have."""
    found = {_OWN_LETTERS[letter] for letter in text if letter in _OWN_LETTERS}
    return found.pop() if len(found) == 1 else None


def _is_plain(text: str) -> bool:
    foreign = sum(1 for character in text if character > "\u007f" and character.isalpha())
    return foreign * 50 <= len(text)
