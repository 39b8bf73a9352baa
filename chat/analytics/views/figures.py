"""What the page of figures says of them: a sentence, tiles with their change, charts with their numbers as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from chat.analytics.figures import Comparison, FigureLine, Figures
from chatcms.core.pages import charts

_TENTHS = 10
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with its change against the days before, and a small line of how it went."""

    label: str
    figure: str
    change: str
    tone: str
    up: bool
    down: bool
    spark: SafeString
    note: str = ""


@dataclass(frozen=True, slots=True)
class FigureChart:
    """A drawing and the same numbers as a table."""

    title: str
    text: str
    svg: SafeString
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def sentence(figures: Figures) -> str:
    """Return what happened, in words."""
    people = ngettext("%(n)s person", "%(n)s people", figures.people) % {"n": _number(figures.people)}
    questions = ngettext("%(n)s question", "%(n)s questions", figures.questions) % {"n": _number(figures.questions)}
    asked = _("%(people)s asked %(questions)s.") % {"people": people, "questions": questions}
    searched = figures.from_documents + figures.unanswered
    if not searched:
        return asked
    tenths = round(_TENTHS * figures.from_documents / searched)
    if figures.unanswered == 0:
        share = _("All that were searched for were answered from your documents.")
    elif figures.from_documents == 0:
        share = _("None was answered from your documents.")
    else:
        share = _("%(share)s in 10 were answered from your documents; %(left)s were not.") % {
            "share": min(max(tenths, 1), 9),
            "left": _number(figures.unanswered),
        }
    return f"{asked} {share}"


def tiles(found: Comparison, lines: Sequence[FigureLine]) -> list[Tile]:
    """Return the tiles, the ones to act on first."""
    return [
        _tile(_("Questions"), found, lines, lambda one: one.questions, _number),
        _tile(_("People"), found, lines, lambda one: one.people, _number),
        _tile(_("Conversations"), found, lines, lambda one: one.conversations, _number),
        _tile(_("Answered from documents"), found, lines, lambda one: one.answered_rate, _percent, better=1),
        _tile(_("Not answered"), found, lines, lambda one: one.unanswered, _number, better=-1),
        _tile(_("Satisfaction"), found, lines, lambda one: one.satisfaction, _percent, better=1),
        _tile(_("Answered by your own answers"), found, lines, lambda one: one.curated, _number),
        _tile(_("Failed"), found, lines, lambda one: one.failed, _number, better=-1),
        _tile(_("To the first word, half of the time"), found, lines, _first_word, _seconds, better=-1),
        _tile(_("To the last word, half of the time"), found, lines, lambda one: one.total_ms.p50, _seconds, better=-1),
        _tile(_("Tokens"), found, lines, lambda one: one.tokens, charts.written, note=_cached(found.now)),
        _tile(_("Cost"), found, lines, lambda one: float(one.cost), _money),
    ]


def drawn(lines: Sequence[FigureLine]) -> list[FigureChart]:
    """Return the charts, by day, or by week or month when the lines are."""
    rtl = get_language_bidi()
    days = [_day(line.key) for line in lines]
    figures = [line.figures for line in lines]
    times = [(one.first_token_ms.p50, one.first_token_ms.p95) for one in figures]
    questions, left = _("Questions"), _("Not answered")
    half, most = _("Half of the answers"), _("19 in 20 answers")
    return [
        FigureChart(
            questions,
            _("The dashed line are those for which nothing was found."),
            charts.lines(
                questions, days, [one.questions for one in figures], [one.unanswered for one in figures], rtl=rtl
            ),
            [_("From"), questions, _("From documents"), left, _("Failed")],
            [
                [day, *map(_number, (one.questions, one.from_documents, one.unanswered, one.failed))]
                for day, one in zip(days, figures, strict=True)
            ],
        ),
        FigureChart(
            _("People"),
            _("Different visitors, members and API keys."),
            charts.bars(_("People"), days, [one.people for one in figures], rtl=rtl),
            [_("From"), _("People"), _("Visitors"), _("Conversations")],
            [
                [day, *map(_number, (one.people, one.visitors, one.conversations))]
                for day, one in zip(days, figures, strict=True)
            ],
        ),
        FigureChart(
            _("Seconds to the first word"),
            _("The dashed line is what 19 in 20 answers took at the most."),
            charts.lines(
                _("Seconds to the first word"), days, [_in_seconds(each[0]) for each in times],
                [_in_seconds(each[1]) for each in times], rtl=rtl,
            ),
            [_("From"), half, most],
            [[day, _seconds(each[0]), _seconds(each[1])] for day, each in zip(days, times, strict=True)],
        ),
        _costs(days, figures, rtl=rtl),
    ]  # fmt: skip


def _costs(days: Sequence[str], figures: Sequence[Figures], *, rtl: bool) -> FigureChart:
    return FigureChart(
        _("Cost in US dollars"),
        _("Answers by models of unknown price are not in it."),
        charts.bars(_("Cost in US dollars"), days, [float(one.cost) for one in figures], rtl=rtl),
        [_("From"), _("Cost"), _("Tokens"), _("From the cache"), _("Answers")],
        [
            [day, _money(float(one.cost)), *map(_number, (one.tokens, one.cache_read_tokens, one.answers))]
            for day, one in zip(days, figures, strict=True)
        ],
    )


def _tile(
    label: str,
    found: Comparison,
    lines: Sequence[FigureLine],
    of: Callable[[Figures], float | None],
    shown: Callable[[Any], str],
    *,
    better: int = 0,
    note: str = "",
) -> Tile:
    """`better` says whether more of it is good (1) or bad (-1), `note` what else there is to say."""
    now, before = of(found.now), of(found.before)
    moved, change = (0, "") if now is None or before is None else _changed(now, before)
    tone = {1: "good", -1: "bad"}.get(moved * better, "")
    spark = charts.spark([of(line.figures) for line in lines])
    figure = _NOTHING if now is None else shown(now)
    return Tile(label, figure, change, tone, up=moved > 0, down=moved < 0, spark=spark, note=note)


def _cached(figures: Figures) -> str:
    """Return how many tokens cost less, in words; nothing where vendors keep no prompts."""
    if not figures.cache_read_tokens:
        return ""
    return _("of which %(n)s from the cache") % {"n": charts.written(figures.cache_read_tokens)}


def _changed(now: float, before: float) -> tuple[int, str]:
    """Return which way a figure went (1, 0, -1), and in words how far; less than half a percent is nowhere."""
    share = round(abs(now - before) / before * 100) if before else None
    if now == before or share == 0:
        return 0, _("as before")
    moved = 1 if now > before else -1
    if share is None:
        return moved, _("none before")
    return moved, (_("%(n)s % more") if moved > 0 else _("%(n)s % less")).replace("%(n)s", _number(share))


def _first_word(figures: Figures) -> int | None:
    return figures.first_token_ms.p50


def _in_seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _day(key: str) -> str:
    day = parse_date(key)
    return date_format(day, "MONTH_DAY_FORMAT") if day else key


def _number(value: float) -> str:
    return number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


def _percent(share: float) -> str:
    return f"{number_format(share * 100, decimal_pos=0)} %"


def _seconds(milliseconds: int | None) -> str:
    return _NOTHING if milliseconds is None else _("%(n)s s") % {"n": number_format(milliseconds / 1000, decimal_pos=1)}


def _money(dollars: float) -> str:
    return f"{number_format(dollars, decimal_pos=2, force_grouping=True)} USD"
