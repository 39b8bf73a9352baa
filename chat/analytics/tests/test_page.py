"""The page of figures: a sentence, tiles, charts with their numbers as tables, documents, in few queries."""

from __future__ import annotations

import csv
import html
import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots.models import Bot
from bots.services import create_bot
from chat.analytics.figures import Comparison, Figures
from chat.analytics.period import Period
from chat.analytics.tests.facts import answered, ask
from chat.analytics.views.figures import sentence, tiles
from chat.models import DismissedQuestion
from datasets.models import Document
from datasets.services import create_dataset
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PAGE = "/t/acme/analytics/"
NONE = Period(timezone.now().date(), timezone.now().date(), "UTC")


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def bot(acme: Tenant) -> Bot:
    with tenant_scope(acme):
        return create_bot(by=SYSTEM, name="Guide")


def _answered(tenant: Tenant, **values: Any) -> None:
    with tenant_scope(tenant):
        answered(values.pop("at", timezone.now()), **values)


def _text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"people": 412, "questions": 1038, "from_documents": 930, "unanswered": 104},
         "412 people asked 1,038 questions. 9 in 10 were answered from your documents; 104 were not."),
        ({"people": 1, "questions": 1, "from_documents": 1},
         "1 person asked 1 question. All that were searched for were answered from your documents."),
        ({"people": 2, "questions": 3, "unanswered": 3},
         "2 people asked 3 questions. None was answered from your documents."),
        ({"people": 2, "questions": 999, "from_documents": 998, "unanswered": 1},
         "2 people asked 999 questions. 9 in 10 were answered from your documents; 1 were not."),
        ({"people": 2, "questions": 3, "unsearched": 3}, "2 people asked 3 questions."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_happened(figures: dict[str, int], words: str) -> None:
    assert sentence(Figures(**figures)) == words  # type: ignore[arg-type]


def test_a_tile_says_whether_a_change_is_good() -> None:
    found = Comparison(NONE, Figures(questions=12, unanswered=6), Figures(questions=10, unanswered=12))
    by_label = {tile.label: tile for tile in tiles(found, [])}
    questions, left = by_label["Questions"], by_label["Not answered"]
    assert (questions.figure, questions.change, questions.tone, questions.up) == ("12", "20 % more", "", True)
    assert (left.figure, left.change, left.tone, left.down) == ("6", "50 % less", "good", True)
    assert by_label["Satisfaction"].figure == "–"


def test_the_tile_of_tokens_says_how_many_came_from_the_cache() -> None:
    def note(cached: int) -> str:
        found = Comparison(NONE, Figures(prompt_tokens=9000, cache_read_tokens=cached), Figures())
        return next(tile.note for tile in tiles(found, []) if tile.label == "Tokens")

    assert note(4500) == "of which 4.5k from the cache"
    assert note(0) == ""


def test_a_change_that_rounds_to_nothing_is_none() -> None:
    found = Comparison(NONE, Figures(questions=1001, unanswered=999), Figures(questions=1000, unanswered=1000))
    for tile in tiles(found, []):
        if tile.label in {"Questions", "Not answered"}:
            assert (tile.change, tile.tone, tile.up, tile.down) == ("as before", "", False, False)


def test_without_questions_the_page_says_what_it_is_for(client: Client) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Nothing was asked in these days" in page.content.decode()


def test_the_page_shows_what_happened(client: Client, acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        document = Document.objects.create(dataset=dataset, name="<Rules>", sha256="1", size_bytes=1, version=1)
    _answered(acme, bot_id=bot.pk, cited=[document.pk], cache_read_tokens=6)
    _answered(acme, bot_id=bot.pk, has_evidence=False)

    page = client.get(PAGE).content.decode()

    text = _text(page)
    assert "1 person asked 2 questions. 5 in 10 were answered from your documents; 1 were not." in text
    assert "&lt;Rules&gt;" in page
    assert page.count('role="img"') == 4
    assert page.count("The same numbers as a table") == 4
    assert "Guide" in text
    assert "of which 6 from the cache" in text
    assert text.count("From the cache") == 1
    assert "style=" not in page


def test_days_and_bot_are_in_the_address(client: Client, acme: Tenant, bot: Bot) -> None:
    long_ago = timezone.now() - timedelta(days=200)
    _answered(acme, bot_id=bot.pk, at=long_ago)
    _answered(acme, at=long_ago)
    day = long_ago.date().isoformat()
    text = _text(client.get(f"{PAGE}?since={day}&until={day}&bot={bot.pk}").content.decode())
    assert "1 person asked 1 question." in text
    assert "1 person asked 2 questions." in _text(client.get(f"{PAGE}?since={day}&until={day}").content.decode())


@pytest.mark.parametrize(
    "query",
    ["since=2026-03-02&until=2026-03-01", "since=x", "bot=01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41", "since=2020-01-01"],
)
def test_days_that_cannot_be_shown_are_named_and_the_usual_ones_are_below(
    client: Client, acme: Tenant, query: str
) -> None:
    _answered(acme)
    page = client.get(f"{PAGE}?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert "1 person asked 1 question." in page.content.decode()


def test_the_tables_can_be_taken_away(client: Client, acme: Tenant, bot: Bot) -> None:
    _answered(acme, bot_id=bot.pk)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}figures.csv?by=bot").content.decode("utf-8-sig"))))
    assert [(row["name"], row["questions"]) for row in rows] == [("Guide", "1")]
    assert client.get(f"{PAGE}figures.csv").content.decode().count("\n") == 31
    assert client.get(f"{PAGE}documents.csv").status_code == 200


def test_what_was_not_answered_can_be_taken_away(client: Client, acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        ask(bot, "Do you ship to Iceland?")
    _answered(acme, bot_id=bot.pk, has_evidence=False)
    page = client.get(PAGE).content.decode()
    link = re.search(r'href="([^"]+unanswered\.csv[^"]*)"', page)
    assert link is not None
    answer = client.get(html.unescape(link[1]))
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["question"], row["people"]) == ("Do you ship to Iceland?", "1")
    other = client.get(f"{PAGE}unanswered.csv?since=2026-01-01&until=2026-01-02")
    assert other.content.decode().count("\n") == 1


def test_a_question_is_done_with_and_shown_again(client: Client, acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        message = ask(bot, "Do you ship to Iceland?")
    _answered(acme, bot_id=bot.pk, has_evidence=False)
    assert "dismissed question" not in client.get(PAGE).content.decode()

    done = client.post(f"/t/acme/messages/{message.pk}/dismiss/?bot={bot.pk}")

    assert done.headers["Location"] == f"{PAGE}?bot={bot.pk}#unanswered"
    page = client.get(PAGE).content.decode()
    assert "Do you ship to Iceland?" not in page
    assert "Show 1 dismissed question" in page
    apart = client.get(f"{PAGE}?dismissed=1").content.decode()
    assert "Do you ship to Iceland?" in apart
    assert "owner@acme.example" in _text(apart).partition("Not answered, and dismissed")[2]
    client.post(f"/t/acme/messages/{message.pk}/show-again/?dismissed=1")
    assert "Do you ship to Iceland?" in client.get(PAGE).content.decode()


def test_a_viewer_dismisses_nothing(acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        message = ask(bot, "Do you ship to Iceland?")
    _answered(acme, bot_id=bot.pk, has_evidence=False)
    viewer = Client(headers={"Accept": "text/html"})
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)
    assert "/dismiss/" not in viewer.get(PAGE).content.decode()
    assert viewer.post(f"/t/acme/messages/{message.pk}/dismiss/").status_code == 403
    with tenant_scope(acme):
        assert not DismissedQuestion.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_however_much_there_is_the_page_takes_few_queries(client: Client, acme: Tenant, count: int) -> None:
    for number in range(count):
        _answered(acme, bot_id=uuid.UUID(int=number), model=str(number), at=timezone.now() - timedelta(days=number))
    client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(PAGE)
    assert len(queries) <= 15


def test_a_viewer_sees_it_and_a_stranger_does_not(acme: Tenant, globex_owner: Membership) -> None:
    viewer = Client(headers={"Accept": "text/html"})
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)
    assert viewer.get(PAGE).status_code == 200
    stranger = Client(headers={"Accept": "text/html"})
    stranger.force_login(globex_owner.user)
    assert stranger.get(PAGE).status_code in {302, 404}
