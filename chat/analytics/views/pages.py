"""The tenant's figures as a page, and as tables to take away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bots.models import Bot
from chat.analytics.documents import documents_used, most_and_least
from chat.analytics.exceptions import AnalyticsPeriodError
from chat.analytics.figures import Grouping, Narrowing, broken_down, compared
from chat.analytics.files import as_csv
from chat.analytics.forms import FiguresPeriodForm
from chat.analytics.names import names_of
from chat.analytics.period import Period, period_of
from chat.analytics.services import dismissals
from chat.analytics.tables import HEADINGS, UNANSWERED_HEADINGS, rows_of, unanswered_rows
from chat.analytics.unanswered import grouped, unanswered
from chat.analytics.views import figures
from chat.inbox import selectors
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

SHORTCUTS = (7, 30, 90, 365)
# From so many days on charts are by week.
_WEEKS_FROM = 100
_LISTED = 8
_GROUPS = 10


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; what it got wrong is in `problem`, and the usual is shown instead."""

    period: Period
    bot: Bot | None
    form: FiguresPeriodForm
    problem: str = ""

    @property
    def bot_id(self) -> uuid.UUID | None:
        """The bot that is asked for."""
        return self.bot.pk if self.bot else None

    @property
    def where(self) -> Narrowing:
        """The same for figures."""
        return Narrowing(bot_id=self.bot_id)

    def query(self, since: date | None = None) -> str:
        """Return an address's query for these days and bot; `since` for other days up to the same last one."""
        query = QueryDict(mutable=True)
        query["since"], query["until"] = (since or self.period.since).isoformat(), self.period.until.isoformat()
        if self.bot:
            query["bot"] = str(self.bot.pk)
        return query.urlencode()


@require_GET
@tenant_page(Capability.ANALYTICS_READ)
def analytics(visit: Visit) -> HttpResponse:
    """Say what was asked and answered: a sentence, tiles, charts, and what to act on."""
    asked = _asked(visit)
    period, where = asked.period, asked.where
    found = compared(by=visit.actor, period=period, where=where)
    grouping: Grouping = "week" if period.days >= _WEEKS_FROM else "day"
    values = {"asked": asked, "found": found, "shortcuts": _shortcuts(asked)}
    if found.now.answers or found.before.answers:
        lines = broken_down(by=visit.actor, period=period, grouping=grouping, where=where)
        most, least = most_and_least(by=visit.actor, period=period, bot_id=asked.bot_id, limit=_LISTED)
        values |= {
            "sentence": figures.sentence(found.now),
            "tiles": figures.tiles(found, lines),
            "charts": figures.drawn(lines),
            "grouping": grouping,
            **_unanswered(visit, asked),
            "tables": [_divided(visit, asked, by) for by in ("bot", "model", "channel")],
            "most": most,
            "least": least,
        }
    return visit.render("portal/chat/analytics.html", values, status=422 if asked.problem else 200)


@require_GET
@tenant_page(Capability.ANALYTICS_READ)
def figures_csv(visit: Visit) -> HttpResponse:
    """Give the figures by day, bot, model or channel as a file."""
    asked = _asked(visit)
    wanted = visit.request.GET.get("by")
    grouping: Grouping = next((one for one in ("week", "month", "bot", "model", "channel") if one == wanted), "day")
    lines = broken_down(by=visit.actor, period=asked.period, grouping=grouping, where=asked.where)
    rows = rows_of(lines, names_of(grouping, lines))
    return as_csv(f"figures-by-{grouping}", asked.period, (grouping, "name", *HEADINGS), rows)


@require_GET
@tenant_page(Capability.ANALYTICS_READ)
def documents_csv(visit: Visit) -> HttpResponse:
    """Give all documents and how often they were cited as a file."""
    asked = _asked(visit)
    used = documents_used(by=visit.actor, period=asked.period, bot_id=asked.bot_id, limit=None)
    headings = ("document_id", "name", "dataset_id", "dataset", "answers", "last_cited")
    return as_csv(
        "documents", asked.period, headings, ([getattr(one, name) for name in headings] for one in used.lines)
    )


@require_GET
@tenant_page(Capability.ANALYTICS_READ)
def unanswered_csv(visit: Visit) -> HttpResponse:
    """Give everything that was not answered as a file."""
    asked = _asked(visit)
    dismissed = _wants_dismissed(visit)
    groups = unanswered(by=visit.actor, period=asked.period, bot_id=asked.bot_id, dismissed=dismissed, limit=None)
    return as_csv("unanswered", asked.period, UNANSWERED_HEADINGS, unanswered_rows(groups))


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def dismiss(visit: Visit, message_id: uuid.UUID) -> HttpResponse:
    """Leave a question that nothing was found for out, until it is asked again."""
    dismissals.dismiss_question(by=visit.actor, message=selectors.message(by=visit.actor, message_id=message_id))
    visit.saved(_("Done. It is shown again when somebody asks it anew."))
    return _back(visit)


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def show_again(visit: Visit, message_id: uuid.UUID) -> HttpResponse:
    """Put a dismissed question among those that were not answered again."""
    dismissals.show_question_again(by=visit.actor, message=selectors.message(by=visit.actor, message_id=message_id))
    visit.saved(_("The question is shown again."))
    return _back(visit)


def _back(visit: Visit) -> HttpResponse:
    """Lead to the questions, of the days and bot that the address still names."""
    return redirect(f"{visit.url('chat:analytics')}?{visit.request.GET.urlencode()}#unanswered")


def _unanswered(visit: Visit, asked: _Asked) -> dict[str, object]:
    found = grouped(by=visit.actor, period=asked.period, bot_id=asked.bot_id)
    wanted = _wants_dismissed(visit)
    groups = [group for group in found if (group.dismissed_at is not None) == wanted]
    return {"groups": groups[:_GROUPS], "are_dismissed": wanted, "other_groups": len(found) - len(groups)}


def _wants_dismissed(visit: Visit) -> bool:
    return visit.request.GET.get("dismissed") == "1"


def _asked(visit: Visit) -> _Asked:
    form = FiguresPeriodForm(visit.request.GET)
    if not form.is_valid():
        usual = period_of(tenant_id=visit.tenant.pk)
        return _Asked(usual, None, form, _("This is not a day or bot that can be shown. The last 30 days are below."))
    days, bot = form.cleaned_data, form.cleaned_data["bot"]
    try:
        period = period_of(tenant_id=visit.tenant.pk, since=days["since"], until=days["until"])
    except AnalyticsPeriodError:
        problem = _("The first day must not be after the last one; 400 days are the most. The last 30 are below.")
        return _Asked(period_of(tenant_id=visit.tenant.pk), bot, form, problem)
    shown = FiguresPeriodForm(initial={"since": period.since, "until": period.until, "bot": bot})
    return _Asked(period, bot, shown)


def _shortcuts(asked: _Asked) -> list[tuple[int, str, bool]]:
    """Return numbers of days, the address of each, and whether it is shown."""
    return [
        (days, asked.query(asked.period.until - timedelta(days=days - 1)), days == asked.period.days)
        for days in SHORTCUTS
    ]


def _divided(visit: Visit, asked: _Asked, grouping: Grouping) -> dict[str, object]:
    lines = broken_down(by=visit.actor, period=asked.period, grouping=grouping, where=asked.where)
    names = names_of(grouping, lines)
    title = {"bot": _("By bot"), "model": _("By model"), "channel": _("By channel")}[grouping]
    rows = [(names.get(line.key) or _("Deleted"), line.figures) for line in lines[:_LISTED]]
    return {"by": grouping, "title": title, "rows": rows}
