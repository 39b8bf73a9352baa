"""Prints how well follow-up questions find their passages, and how often the built-in model tells the right price.

    python benchmarks/dialogues.py [--wrong]

`dialogues/` beside it holds catalogues in six languages, each product with a section for its colours, its price, its
warranty and its delivery, and `dialogues.tsv`: 100 dialogues of two questions, of which ten change the subject. The
second question is asked in its dialogue and, for comparison, written out by itself. Each goes the way of a real turn,
in a tenant of its own that is dropped at the end; it needs the services and the built-in model, and no network.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bots.models import Bot
    from chat.turns.services.dry_run import Answer

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).with_suffix("")
CUT = 8
_PRODUCT = re.compile(r"^## (.+)$", re.MULTILINE)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Two questions; `section` is where the second one is answered, `kind` whether it is of the same subject."""

    language: str
    kind: str
    first: str
    second: str
    written_out: str
    section: str
    fact: str


@dataclass(frozen=True, slots=True)
class Found:
    """The ranks of the right passage, from 1; None where it was not found."""

    dialogue: Dialogue
    in_dialogue: int | None
    written_out: int | None


def main() -> int:
    """Print a line per language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="name the questions that did not find their passage")
    options = parser.parse_args()
    from retrieval import in_a_tenant

    with in_a_tenant():
        bots = {language: bot_of(language) for language in languages()}
        found = [measured(bots[one.language], one) for one in dialogues()]
        print(table(found))
        print(f"right price in English: {sum(prices_told(bots['en']).values())} of 20 products")
    for one in found:
        if options.wrong and (one.in_dialogue is None or one.in_dialogue > (one.written_out or CUT)):
            print(f"{one.in_dialogue} instead of {one.written_out}: {one.dialogue.first} {one.dialogue.second}")
    return 0


def dialogues() -> list[Dialogue]:
    """Return the list."""
    rows = (FOLDER / "dialogues.tsv").read_text("utf-8").splitlines()[1:]
    return [Dialogue(*row.split("\t")) for row in rows]


def languages() -> list[str]:
    """Return the languages of the catalogues."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def catalogue(language: str) -> str:
    """Return the catalogue in a language, as Markdown."""
    return (FOLDER / f"{language}.md").read_text("utf-8")


def bot_of(language: str) -> Bot:
    """Make, in the tenant in force, a bot of the built-in model that answers from the catalogue in a language."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from bots.services import create_bot
    from datasets import services
    from datasets.ingestion import pipeline
    from tenants.types import SYSTEM

    dataset = services.create_dataset(by=SYSTEM, name=f"Catalogue {language}")
    name, content = f"catalogue-{language}.md", catalogue(language).encode()
    taken = services.upload_document(by=SYSTEM, dataset=dataset, name=name, file=SimpleUploadedFile(name, content))
    pipeline.ingest(taken.document.pk)
    return create_bot(by=SYSTEM, name=f"Guide {language}", model="local", dataset_ids=[dataset.pk])


def measured(bot: Bot, dialogue: Dialogue) -> Found:
    """Ask the second question within its dialogue, and written out."""
    within = asked(bot, dialogue.second, (dialogue.first,))
    return Found(dialogue, _rank(within, dialogue.section), _rank(asked(bot, dialogue.written_out), dialogue.section))


def asked(bot: Bot, question: str, before: Sequence[str] = ()) -> Answer:
    """Return the bot's answer after the questions before, which were answered with a word."""
    from chat.turns.services.dry_run import ask_of, collect
    from providers.messages import Message

    history = [turn for text in before for turn in (Message.of("user", text), Message.of("assistant", "Yes."))]

    async def ask() -> Answer:
        return await collect(ask_of(bot, question, history))

    return asyncio.run(ask())


def prices_told(bot: Bot) -> dict[str, bool]:
    """Ask for the price of each product of the English catalogue: whether the first number told is the right one."""
    told = {}
    for product, price in english_prices().items():
        text = asked(bot, f"How much does the {product} cost?").text.partition("\n\n")[2]
        numbers = _NUMBER.findall(text.lstrip("- "))
        told[product] = numbers[:1] == [price]
    return told


def english_prices() -> dict[str, str]:
    """Return the price of each product of the English catalogue."""
    parts = _PRODUCT.split(catalogue("en"))[1:]
    sections = zip(parts[::2], parts[1::2], strict=True)
    return {name: _NUMBER.findall(text.partition("### Price")[2])[0] for name, text in sections}


def recall(ranks: Sequence[int | None]) -> float:
    """Return the share that is among the first `CUT`."""
    return sum(rank is not None and rank <= CUT for rank in ranks) / len(ranks)


def table(found: Sequence[Found]) -> str:
    """Return a line per language and per kind."""
    lines = [f"{'':10} dialogues   recall@{CUT}  written out   first in dialogue  first written out"]
    groups = {
        one.dialogue.language: [each for each in found if each.dialogue.language == one.dialogue.language]
        for one in found
    }
    groups |= {kind: [one for one in found if one.dialogue.kind == kind] for kind in ("same", "other")}
    for name, group in (groups | {"all": list(found)}).items():
        within, alone = [one.in_dialogue for one in group], [one.written_out for one in group]
        lines.append(
            f"{name:10}{len(group):10}{recall(within):11.3f}{recall(alone):13.3f}"
            f"{within.count(1) / len(group):20.3f}{alone.count(1) / len(group):19.3f}"
        )
    return "\n".join(lines)


def _rank(answer: Answer, section: str) -> int | None:
    ranked = enumerate(answer.sources, 1)
    return next((rank for rank, source in ranked if source.section.endswith(section)), None)


if __name__ == "__main__":
    sys.exit(main())
