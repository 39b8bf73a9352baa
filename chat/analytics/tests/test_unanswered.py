"""Questions for which nothing was found come together by meaning, ranked by people."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bots.models import Bot
from bots.services import create_bot
from chat.analytics.period import period_of
from chat.analytics.services.dismissals import dismiss_question, show_question_again
from chat.analytics.tables import UNANSWERED_HEADINGS
from chat.analytics.tests.facts import ask
from chat.analytics.unanswered import Group, unanswered
from chat.inbox import selectors
from chat.inbox.exceptions import NoQuestionError
from chat.models import DismissedQuestion, Message
from tenants.models import AuditEvent, Tenant
from tenants.tests.factories import bearer
from tenants.types import SYSTEM, Actor


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return create_bot(by=SYSTEM, name="Guide")


def _groups(tenant: Tenant, *, by: Actor = SYSTEM, **more: Any) -> list[Group]:
    return unanswered(by=by, period=period_of(tenant_id=tenant.pk), **more)


def test_those_that_mean_the_same_come_together_and_the_most_people_first(in_acme: Tenant, bot: Bot) -> None:
    for person, question in enumerate(
        ["Do you ship to Iceland?", "do you ship to iceland", "Can you ship to Iceland?"]
    ):
        ask(bot, question, person=person)
    for _ in range(4):
        ask(bot, "Where can I park my car?", person=9)

    groups = _groups(in_acme)

    assert [(one.people, one.asked) for one in groups] == [(3, 3), (1, 4)]
    assert groups[0].question.casefold() == "do you ship to iceland"
    assert len(groups[0].examples) == 3


def test_only_the_last_answers_that_found_nothing_count(in_acme: Tenant, bot: Bot) -> None:
    ask(bot, "Answered?", retrieval={"has_evidence": True})
    ask(bot, "Made anew?", superseded=True)
    ask(bot, "Failed?", status="failed")
    assert _groups(in_acme) == []


def test_a_deleted_question_is_gone_at_once(in_acme: Tenant, bot: Bot) -> None:
    ask(bot, "Do you ship to Iceland?").conversation.delete()
    assert _groups(in_acme) == []


def test_without_the_model_the_words_decide(in_acme: Tenant, bot: Bot, settings: Any, tmp_path: Path) -> None:
    settings.LOCAL_MODEL_DIR = tmp_path
    marker = uuid.uuid4().hex
    ask(bot, f"Do you ship {marker}?")
    ask(bot, f"do you SHIP {marker}", person=2)
    ask(bot, f"Can you ship {marker}?", person=3)
    assert sorted(one.people for one in _groups(in_acme)) == [1, 2]


def test_a_limited_key_sees_its_bots_questions_only(in_acme: Tenant, bot: Bot) -> None:
    ask(bot, "Do you ship to Iceland?")
    other = Actor(type="api_key", bot_ids=frozenset({uuid.uuid4()}))
    assert _groups(in_acme, by=other) == []
    assert len(_groups(in_acme, by=SYSTEM, bot_id=bot.pk)) == 1


def test_they_come_over_http(client: Client, in_acme: Tenant, bot: Bot, api_key: str) -> None:
    message = ask(bot, "Do you ship to Iceland?")
    (group,) = client.get("/v1/tenant/analytics/unanswered", headers=bearer(api_key)).json()["results"]
    assert (group["question"], group["people"]) == ("Do you ship to Iceland?", 1)
    assert group["examples"][0]["conversation_id"] == str(message.conversation_id)


def test_they_come_as_a_table_that_no_spreadsheet_takes_for_a_formula(
    client: Client, in_acme: Tenant, bot: Bot, api_key: str
) -> None:
    message = ask(bot, "=HYPERLINK(1)")
    ask(create_bot(by=SYSTEM, name="Other"), "Where can I park my car?")
    answer = client.get(f"/v1/tenant/analytics/unanswered.csv?bot_id={bot.pk}", headers=bearer(api_key))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="unanswered-' in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert list(row) == list(UNANSWERED_HEADINGS)
    assert (row["question"], row["people"], row["asked"]) == ("'=HYPERLINK(1)", "1", "1")
    assert (row["conversation_id"], row["message_id"]) == (str(message.conversation_id), str(message.pk))
    assert datetime.fromisoformat(row["last_asked_at"]) == message.created_at.replace(microsecond=0)


def test_the_table_has_all_groups(
    client: Client, in_acme: Tenant, bot: Bot, api_key: str, settings: Any, tmp_path: Path
) -> None:
    settings.LOCAL_MODEL_DIR = tmp_path
    for number in range(30):
        ask(bot, f"{uuid.UUID(int=number)}?")
    answer = client.get("/v1/tenant/analytics/unanswered.csv", headers=bearer(api_key))
    assert len(list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))) == 30


# --- done with -----------------------------------------------------------------------------------------------


def _message(message: Message) -> Message:
    return selectors.message(by=SYSTEM, message_id=message.pk)


def test_a_dismissed_group_is_shown_apart_until_it_is_asked_anew(in_acme: Tenant, bot: Bot) -> None:
    ask(bot, "Do you ship to Iceland?")
    ask(bot, "Can you ship to Iceland?", person=2)
    ask(bot, "Where can I park my car?")
    (group,) = [one for one in _groups(in_acme) if one.people == 2]
    by = Actor(type="user", id=uuid.uuid4(), label="ann@acme.example")

    dismiss_question(by=by, message=selectors.message(by=by, message_id=group.message_id))

    assert [one.question for one in _groups(in_acme)] == ["Where can I park my car?"]
    (apart,) = _groups(in_acme, dismissed=True)
    assert (apart.people, apart.dismissed_by) == (2, "ann@acme.example")
    assert apart.dismissed_at is not None
    line = AuditEvent.objects.get(action="question.dismiss")
    assert (line.actor_label, line.target_label) == ("ann@acme.example", str(group.message_id))

    ask(bot, "can you ship to ICELAND", person=3)
    assert _groups(in_acme, dismissed=True) == []
    (again,) = [one for one in _groups(in_acme) if one.people == 3]
    assert again.dismissed_at is None
    dismiss_question(by=by, message=selectors.message(by=by, message_id=again.message_id))
    assert len(_groups(in_acme, dismissed=True)) == 1


def test_a_dismissal_is_taken_back_by_the_message_that_the_group_names(in_acme: Tenant, bot: Bot) -> None:
    ask(bot, "Do you ship to Iceland?")
    ask(bot, "do you ship to iceland", person=2)
    first = ask(bot, "Can you ship to Iceland?", person=3)
    dismiss_question(by=SYSTEM, message=_message(first))
    (apart,) = _groups(in_acme, dismissed=True)
    assert apart.question.casefold().startswith("do you")

    show_question_again(by=SYSTEM, message=selectors.message(by=SYSTEM, message_id=apart.message_id))

    assert (len(_groups(in_acme)), _groups(in_acme, dismissed=True)) == (1, [])
    assert AuditEvent.objects.filter(action="question.show_again").count() == 1
    show_question_again(by=SYSTEM, message=_message(first))
    assert AuditEvent.objects.filter(action="question.show_again").count() == 1, "nothing was taken back"


def test_of_a_dismissed_question_no_word_is_kept(in_acme: Tenant, bot: Bot) -> None:
    dismiss_question(by=SYSTEM, message=_message(ask(bot, "Do you ship to Iceland?")))
    values = str(list(DismissedQuestion.objects.values()))
    assert "ship" not in values.casefold()
    assert "iceland" not in values.casefold()


def test_what_asks_nothing_cannot_be_dismissed(in_acme: Tenant, bot: Bot) -> None:
    message = _message(ask(bot, "?!"))
    with pytest.raises(NoQuestionError):
        dismiss_question(by=SYSTEM, message=message)


def test_they_are_dismissed_and_shown_again_over_http(client: Client, in_acme: Tenant, bot: Bot, api_key: str) -> None:
    ask(bot, "Do you ship to Iceland?")
    headers = bearer(api_key)
    url = "/v1/tenant/analytics/unanswered"
    (group,) = client.get(url, headers=headers).json()["results"]
    dismissal = f"/v1/tenant/messages/{group['message_id']}/dismissal"

    for _ in range(2):
        assert client.put(dismissal, headers=headers).status_code == 204
    assert client.get(url, headers=headers).json()["results"] == []
    assert client.get(f"{url}.csv", headers=headers).content.count(b"\n") == 1
    (apart,) = client.get(f"{url}?dismissed=true", headers=headers).json()["results"]
    assert apart["dismissed_at"] is not None
    assert client.get(f"{url}.csv?dismissed=true", headers=headers).content.count(b"\n") == 2

    assert client.delete(dismissal, headers=headers).status_code == 204
    assert len(client.get(url, headers=headers).json()["results"]) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_however_many_there_are_they_take_two_queries(
    in_acme: Tenant, bot: Bot, count: int, django_assert_num_queries: Any
) -> None:
    period = period_of(tenant_id=in_acme.pk)
    for number in range(count):
        dismiss_question(by=SYSTEM, message=_message(ask(bot, f"{uuid.UUID(int=number)}?")))
    with django_assert_num_queries(2):
        unanswered(by=SYSTEM, period=period)
