"""Makes up a service manual of 1,000 pages whose pages differ by a code, and questions that name one of the codes.

Pages on the same part say nearly the same in the same words; each code has near misses that differ by a digit, some
are named on other pages too ("see also"), and there are lists of codes by chapter. What tells the right page is the
code alone. The same seed makes the same manual.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_PARTS = (
    "feed pump", "drive belt", "inlet valve", "door switch", "heating element", "drain hose", "control board",
    "fan motor", "pressure sensor", "brake coil", "spindle bearing", "gear box", "water tank", "filter unit",
    "lamp driver", "coolant line", "chain guide", "power relay", "torque arm", "dosing unit",
)  # fmt: skip
_SIGNS = (
    "does not start", "stops after a few seconds", "runs hot", "is noisy", "leaks at the seal", "reports no signal",
    "moves too slowly", "does not reach its set value", "trips the fuse", "vibrates under load",
)  # fmt: skip
_CAUSES = (
    "a loose connector", "a worn seal", "dirt on the contacts", "a broken wire", "low supply voltage",
    "air in the line", "a wrong setting", "a blocked inlet", "a worn bearing", "moisture in the housing",
)  # fmt: skip
_CURES = (
    "Tighten the connector and run the self test", "Replace the seal and check for leaks", "Clean the contacts",
    "Measure the wire from end to end and replace it", "Check the supply at the terminal", "Bleed the line twice",
    "Restore the factory setting", "Remove the cover and clear the inlet", "Grease the bearing or replace it",
    "Dry the housing for two hours",
)  # fmt: skip
_ASKED = (
    "What does {code} mean?", "How do I fix {code}?", "{code}", "The display shows {code}, what should I do?",
    "What is the cause of {code}?", "Which repair is needed for {code}", "meaning of {code}", "Can you explain {code}?",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manual:
    """Its pages, by name, and questions with the page that answers each."""

    pages: dict[str, str]
    questions: list[tuple[str, str]]


def make(*, pages: int = 1000, questions: int = 200, seed: int = 11) -> Manual:
    """Return a manual and what is asked of it; each page is of 80 to 200 words."""
    chance = random.Random(seed)
    codes = _codes(chance, pages)
    made = {f"page-{number}": _page(chance, number, code, codes) for number, code in enumerate(codes, 1)}
    chosen = chance.sample(range(pages), questions)
    asked = [
        (chance.choice(_ASKED).format(code=_as_asked(chance, codes[number])), f"page-{number + 1}") for number in chosen
    ]
    return Manual(made, asked)


def _codes(chance: random.Random, count: int) -> list[str]:
    """Return different codes in families whose members differ by a digit or a letter."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        number, letter, tail = chance.randrange(100, 990), chance.choice("ABCDEFHKM"), chance.randrange(10, 90)
        family = chance.choice((
            "E-{n}", "ERR_{n}{t}", "F0{n}", "{t}-{n}{t}-{l}", "{l}X{n}/{t}", "0x{n}{l}", "{l}{l}-{n}-{t}",
            "P/N {n}{t}{n}",
        ))  # fmt: skip
        for step in range(6):
            codes[family.format(n=number + step, l=letter, t=tail)] = None
    return list(codes)[:count]


def _page(chance: random.Random, number: int, code: str, codes: list[str]) -> str:
    part, sign, cause = chance.choice(_PARTS), chance.choice(_SIGNS), chance.choice(_CAUSES)
    lines = [
        f"Fault {code}: {part}",
        "",
        f"The unit shows {code} when the {part} {sign}. The usual cause is {cause}.",
        f"{chance.choice(_CURES)}. Then reset the unit and watch the display for a minute.",
        f"If the fault comes back, the {part} must be replaced by trained staff. Note the fault in the service log.",
    ]
    lines += [f"{cure}; this mends most faults of the {part}." for cure in chance.sample(_CURES, 3)]
    if chance.random() < 0.3:
        lines.append(f"See also {', '.join(chance.sample(codes, 3))}.")
    if number % 40 == 0:
        lines.append(f"Faults of this chapter: {', '.join(codes[max(number - 40, 0) : number])}.")
    return "\n".join(lines)


def _as_asked(chance: random.Random, code: str) -> str:
    """Return the code as people type it: mostly as it stands, at times in small letters."""
    named = f"{chance.choice(('error', 'fault', 'code'))} {code}" if chance.random() < 0.5 else code
    return named.lower() if chance.random() < 0.25 else named
