"""Prints how surely a curated answer is given to the questions it is for, and to no others, at every threshold.

    python benchmarks/curated.py [--model DIR] [--wrong]

`curated.tsv` beside it holds pairs of a question that people wrote and one that is asked of the bot, by hand: asked
with other words ("paraphrase"), with the same ones put differently ("reworded"), with other spelling ("spelling"),
and pairs that look alike but need another answer ("other"). Each question is asked of all the written ones at once,
as in the product: what is given must be the answer of its own pair. Compared are the cosine alone, and with
`bots.curated.is_meant_alike`. Needs neither database nor network, only the built-in model.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PAIRS = Path(__file__).with_suffix(".tsv")
OTHER = "other"
KINDS = ("spelling", "reworded", "paraphrase")
THRESHOLDS = (0.70, 0.75, 0.80, 0.85, 0.90, 0.95, 0.98)


@dataclass(frozen=True, slots=True)
class Pair:
    """A written question and one that is asked; of which kind it is."""

    language: str
    topic: str
    kind: str
    written: str
    asked: str


@dataclass(frozen=True, slots=True)
class Given:
    """A pair, and the written question whose answer was given, None if none was."""

    pair: Pair
    written: str | None

    @property
    def is_right(self) -> bool:
        """Whether the answer of its own pair was given, and should have been."""
        return self.pair.kind != OTHER and self.written == self.pair.written


class Bank:
    """All written questions with the cosine of each to every asked one."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs
        self.written = list(dict.fromkeys(pair.written for pair in pairs))
        self.cosines = _vectors([pair.asked for pair in pairs]) @ _vectors(self.written).T

    def ask(self, threshold: float, *, by_words: bool) -> list[Given]:
        """Ask everything; as `bots.selectors.curated_match` does with `by_words`."""
        return [Given(pair, self._match(row, threshold, by_words)) for row, pair in enumerate(self.pairs)]

    def _match(self, row: int, threshold: float, by_words: bool) -> str | None:
        from bots import curated

        asked = self.pairs[row].asked
        plain = curated.normalized(asked)
        if same := [written for written in self.written if curated.normalized(written) == plain]:
            return same[0]
        if by_words and not curated.may_be_meant(asked):
            return None
        for place in map(int, np.argsort(-self.cosines[row])[:8]):
            if self.cosines[row][place] < threshold:
                return None
            if not by_words or curated.is_meant_alike(asked, self.written[place]):
                return self.written[place]
        return None


def main() -> int:
    """Print a table, and what went wrong if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder of the built-in model, if not LOCAL_MODEL_DIR")
    parser.add_argument("--wrong", action="store_true", help="name the wrong answers at the product's threshold")
    options = parser.parse_args()
    _set_up(options.model)
    from bots.curated import THRESHOLD

    pairs = [Pair(*line.split("\t")) for line in PAIRS.read_text(encoding="utf-8").splitlines()[1:]]
    bank = Bank(pairs)
    counts = {kind: sum(pair.kind == kind for pair in pairs) for kind in (*KINDS, OTHER)}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()), f"· {len(bank.written)} written")
    print(f"{'':12} threshold precision" + "".join(f"{f'found {kind}':>18}" for kind in KINDS) + "   wrong")
    for by_words in (False, True):
        for threshold in sorted({*THRESHOLDS, THRESHOLD}):
            mark = "  ← the product" if by_words and threshold == THRESHOLD else ""
            print(_line(bank.ask(threshold, by_words=by_words), threshold, by_words, counts) + mark)
    if options.wrong:
        for one in bank.ask(THRESHOLD, by_words=True):
            if one.written and not one.is_right:
                print(f"{one.pair.asked!r} was given the answer to {one.written!r}")
    return 0


def _line(given: Sequence[Given], threshold: float, by_words: bool, counts: dict[str, int]) -> str:
    right = [one for one in given if one.is_right]
    wrong = [one for one in given if one.written and not one.is_right]
    precision = len(right) / max(1, len(right) + len(wrong))
    recalls = (sum(one.pair.kind == kind for one in right) / max(1, counts[kind]) for kind in KINDS)
    name = "with words" if by_words else "cosine alone"
    return (
        f"{name:12} {threshold:9.2f} {precision:9.3f}" + "".join(f"{one:18.2f}" for one in recalls) + f"{len(wrong):8}"
    )


def _vectors(texts: Sequence[str]) -> np.ndarray:
    from datasets import embedding

    found = np.array(embedding.embed_passages(embedding.local_model(), texts))
    unit: np.ndarray = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def _set_up(model: str | None) -> None:
    if model:
        os.environ["LOCAL_MODEL_DIR"] = model
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
