"""A bad answer is corrected in one step, and the next asker gets the right one: the whole path, no fake model."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from rest_framework.test import APIClient

from bots.models import Bot, CuratedAnswer
from bots.services import create_bot, create_curated_answer
from chat.models import Message
from chatcms.jobs.runner import run_due
from datasets.models import Dataset, QAPair
from datasets.services import create_dataset, upload_document
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

RULES = (
    "Purchases may be returned within fourteen days of the delivery.\n\nThe workshop repairs pumps of every maker, and "
    "a repair takes two weeks.\n\nThe shop in Harbour Street is open from nine to five, Monday to Friday."
)
QUESTION = "How many days do I have to return a purchase?"
RIGHT = "You may return a purchase within sixty days since the first of May."


@pytest.fixture
def dataset(acme: Tenant, settings: Any, tmp_path: Any) -> Dataset:
    settings.MEDIA_ROOT = tmp_path / "media"
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        upload_document(by=SYSTEM, dataset=dataset, name="rules.txt", file=ContentFile(RULES.encode()))
    work()
    return dataset


@pytest.fixture
def bot(acme: Tenant, dataset: Dataset) -> Bot:
    """A bot of the built-in model."""
    with tenant_scope(acme):
        return create_bot(by=SYSTEM, name="Guide", model="local", dataset_ids=[dataset.pk])


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def work() -> None:
    run_due()


def ask(client: APIClient, question: str = QUESTION) -> dict[str, Any]:
    answer = client.post("/v1/chat/bots/guide/messages", {"message": question}, format="json")
    assert answer.status_code == 200, answer.content
    document: dict[str, Any] = answer.json()
    return document


def correct(client: APIClient, message_id: str, **body: Any) -> Any:
    return client.post(f"/v1/tenant/messages/{message_id}/correct", body, format="json")


def test_the_right_answer_goes_into_the_dataset_and_is_given_with_its_source(
    acme: Tenant, client: APIClient, bot: Bot, dataset: Dataset
) -> None:
    bad = ask(client)
    assert "fourteen days" in bad["answer"]

    done = correct(client, bad["message_id"], answer=RIGHT, into="dataset")

    assert done.status_code == 201, done.content
    pair = done.json()["qa_pair"]
    assert (pair["question"], pair["answer"], pair["dataset_id"]) == (QUESTION, RIGHT, str(dataset.pk))
    assert done.json()["curated_answer"] is None
    work()
    good = ask(client)
    assert "sixty days" in good["answer"]
    cited = good["citations"][0]
    assert (cited["document"], cited["section"], cited["quote"]) == ("Questions and answers", QUESTION, RIGHT)
    # Put another way, too.
    assert "sixty days" in ask(client, "Until when may purchases be returned?")["answer"]


def test_the_right_answer_as_a_curated_one_is_given_at_once_and_as_it_is(
    acme: Tenant, client: APIClient, bot: Bot
) -> None:
    bad = ask(client)

    done = correct(client, bad["message_id"], answer=RIGHT)

    assert done.json()["curated_answer"]["questions"] == [QUESTION]
    good = ask(client, "how many days do I have to RETURN a purchase")
    assert (good["answer"], good["answered_by"], good["usage"]["total_tokens"]) == (RIGHT, "curated", 0)


def test_correcting_once_more_replaces_the_answer(acme: Tenant, client: APIClient, bot: Bot) -> None:
    bad = ask(client)
    for into in ("curated", "dataset"):
        for answer in ("Within a week.", RIGHT):
            assert correct(client, bad["message_id"], answer=answer, into=into).status_code == 201

    with tenant_scope(acme):
        assert [one.answer for one in CuratedAnswer.objects.all()] == [RIGHT]
        assert [one.answer for one in QAPair.objects.all()] == [RIGHT]


def test_what_was_corrected_is_marked_and_goes_from_the_list_of_what_waits(
    acme: Tenant, client: APIClient, bot: Bot
) -> None:
    bad = ask(client)
    client.put(f"/v1/chat/messages/{bad['message_id']}/feedback", {"rating": "down"}, format="json")
    assert len(client.get("/v1/tenant/feedback", {"corrected": "false"}).json()["results"]) == 1

    correct(client, bad["message_id"], answer=RIGHT)

    assert client.get("/v1/tenant/feedback", {"corrected": "false"}).json()["results"] == []
    listed = client.get("/v1/tenant/feedback", {"corrected": "true"}).json()["results"]
    assert listed[0]["corrected_at"] is not None
    assert client.get(f"/v1/tenant/messages/{bad['message_id']}").json()["corrected_at"] is not None
    line = AuditEvent.objects.get(action="message.correct")
    assert line.detail == {"into": "curated"}


def test_a_question_can_be_put_better_and_named_by_its_own_id(acme: Tenant, client: APIClient, bot: Bot) -> None:
    bad = ask(client, "return how long??")
    with tenant_scope(acme):
        question_id = str(Message.objects.get(pk=bad["message_id"]).reply_to_id)

    first = correct(client, question_id, answer=RIGHT)
    second = correct(client, bad["message_id"], answer=RIGHT, question=QUESTION)

    assert first.json()["curated_answer"]["questions"] == ["return how long??"]
    assert second.json()["curated_answer"]["questions"] == [QUESTION]


def test_where_a_curated_answer_was_given_a_dataset_would_not_be_heard(
    acme: Tenant, client: APIClient, bot: Bot
) -> None:
    with tenant_scope(acme):
        curated = create_curated_answer(by=SYSTEM, bot=bot, answer="Never.", questions=[QUESTION])
    bad = ask(client)

    refused = correct(client, bad["message_id"], answer=RIGHT, into="dataset")

    assert (refused.status_code, refused.json()["code"]) == (409, "answered_by_curated")
    assert refused.json()["curated_answer_id"] == str(curated.pk)
    assert correct(client, bad["message_id"], answer=RIGHT).status_code == 201
    assert ask(client)["answer"] == RIGHT


def test_only_a_dataset_of_the_bots_will_do(acme: Tenant, client: APIClient, bot: Bot, dataset: Dataset) -> None:
    bad = ask(client)
    with tenant_scope(acme):
        other = create_dataset(by=SYSTEM, name="Other")
    body = {"answer": RIGHT, "into": "dataset"}

    foreign = correct(client, bad["message_id"], **body, dataset_id=str(other.pk))
    with tenant_scope(acme):
        bot.datasets.add(other)
    unnamed = correct(client, bad["message_id"], **body)
    named = correct(client, bad["message_id"], **body, dataset_id=str(other.pk))

    for refused in (foreign, unnamed):
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/dataset_id")
    assert named.status_code == 201


def test_a_key_for_other_bots_corrects_nothing(acme: Tenant, client: APIClient, bot: Bot) -> None:
    bad = ask(client)
    with tenant_scope(acme):
        other = create_bot(by=SYSTEM, name="Other")
    key, text = factories.make_api_key(acme)
    key.bot_ids = [str(other.pk)]
    key.save()

    refused = correct(APIClient(headers=factories.bearer(text)), bad["message_id"], answer=RIGHT)

    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_message")
