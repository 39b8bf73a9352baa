"""Finds out in which language a text is, as far as its analysis needs to know; no package, no model.

The answer is a text-search configuration of PostgreSQL: the language's own where there is one, else "simple".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

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
    "simple vietnamese": "của và là có được cho không người trong những một các với để này đã khi về từ bao gì nào",
    "simple polish": "w że się nie jak czy są przez który przy oraz ich gdzie może",
    "simple czech": "že jako jsou jak nebo který také být není kde aby",
    "simple slovak": "sa že ako sú pre alebo ktorý tiež byť nie kde aby",
    "simple croatian": "su kao koji što ili iz ali kako gdje biti nije može bio",
    "simple slovene": "kot ki ali pa tudi iz kako kje biti ni lahko ko",
    "simple estonian": "ja ei et see oli kui ka aga mis ta oma või nii kes kuidas selle ning seda olid välja",
    "simple latvian": "un ka uz kā bija tas vai arī bet pēc kas viņš pie līdz kur var šis tika",
}
CONFIGURATIONS = frozenset(
    {"arabic", "armenian", "greek", "hindi", "nepali", "russian", "serbian", "tamil", SIMPLE}
) | {language for language in WORDS if not language.startswith(SIMPLE)}
_LETTERS = re.compile(r"[^\W\d_]+")
_VOCABULARY: dict[str, list[str]] = {}
for _language, _words in WORDS.items():
    for _word in {word for word in _words.split() if len(word) > 1}:
        _VOCABULARY.setdefault(_word, []).append(_language)

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
_OTHER_ARABIC = frozenset("پچژگکیےٹڈ")
_OTHER_CYRILLIC = frozenset("іїєґўљњћђџјѓќ")
_SERBIAN = frozenset("љњћђџј")
_NEPALI = frozenset({"छ", "छन्", "गर्न", "थियो", "गरेको", "पनि", "लागि"})


def detect(text: str, *, fallback: str = ENGLISH) -> str:
    """Return the configuration that fits `text`; `fallback` for Latin letters that say too little."""
    sample = text if len(text) <= _SAMPLE else text[: _SAMPLE // 2] + text[len(text) // 2 :][: _SAMPLE // 2]
    script = script_of(sample)
    if script != "latin":
        return _of_script(script, sample)
    return _of_words(sample.lower()) or (fallback if _is_plain(sample) else SIMPLE)


def detect_question(text: str) -> str | None:
    """Return the configuration of a question, None if its few words do not tell."""
    script = script_of(text)
    return _of_script(script, text) if script != "latin" else _of_words(text.lower())


def main_language(counts: Mapping[str, int]) -> str:
    """Return the configuration of most texts, given how many there are of each; English when there are none."""
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
    letters = set(text.lower())
    if script in {"greek", "armenian", "tamil"}:
        return script
    if script == "arabic":
        return SIMPLE if len(letters & _OTHER_ARABIC) >= 2 else script
    if script == "devanagari":
        return "nepali" if len(set(text.split()) & _NEPALI) >= 2 else "hindi"
    if script == "cyrillic":
        if len(letters & _SERBIAN) >= 2:
            return "serbian"
        return SIMPLE if len(letters & _OTHER_CYRILLIC) >= 2 else "russian"
    return SIMPLE


def _of_words(text: str) -> str | None:
    """Return the language whose frequent words lead clearly, None if none does."""
    words = _LETTERS.findall(text)
    votes: Counter[str] = Counter()
    for word in words:
        for language in _VOCABULARY.get(word, ()):
            votes[language] += 1
    if not votes:
        return None
    (first, most), *rest = votes.most_common(2)
    runner_up = rest[0][1] if rest else 0
    enough = most >= 2 and most >= len(words) * 0.06
    return first.partition(" ")[0] if enough and most > runner_up else None


def _is_plain(text: str) -> bool:
    foreign = sum(1 for character in text if character > "\u007f" and character.isalpha())
    return foreign * 50 <= len(text)
