"""Tests of the answers that people write themselves."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from bots import curated, services
from bots.exceptions import CuratedAnswerError, CuratedQuestionTakenError, TooManyCuratedError
from bots.models import Bot, CuratedAnswer, CuratedQuestion
from bots.selectors import bot_by_ref, curated_match
from bots.services import curated as service
from datasets import embedding
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

PAIRS = Path(__file__).resolve().parents[2] / "benchmarks" / "curated.tsv"


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return services.create_bot(by=SYSTEM, name="Help desk")


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def write(bot: Bot, *questions: str, answer: str = "At nine.", **settings: Any) -> CuratedAnswer:
    return services.create_curated_answer(by=SYSTEM, bot=bot, answer=answer, questions=questions, **settings)


def vector(text: str) -> Sequence[float]:
    return embedding.embed_question(embedding.local_model(), text)


def matched(bot: Bot, question: str) -> str | None:
    found = curated_match(bot.pk, question, embedding=vector(question))
    return found.answer if found else None


# --- spelling --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When are you open?", "  WHEN are\tyou   open "),
        ("What's new?", "whats new"),
        ("What’s new?!", "What's new"),
        ("Où est-ce ?", "ou est ce"),
        ("¿Cómo estás?", "como estas"),
        ("Wie groß ist das?", "WIE GROSS IST DAS"),
        ("İstanbul nerede?", "istanbul nerede"),
        ("Ещё вопрос…", "еще вопрос"),
        ("Πού είναι;", "που ειναι"),
        ("مَتى تفتحون؟", "متى تفتحون"),
        ("怎么修改密码？", "怎么修改密码"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("Caf\u0065\u0301", "café"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_questions_are_the_same_but_for_case_accents_and_punctuation(one: str, other: str) -> None:
    assert curated.normalized(one) == curated.normalized(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does C++ cost?", "What does C# cost?"),
        ("Is it 1.5 kg?", "Is it 15 kg?"),
        ("Is it $5?", "Is it €5?"),
        ("Чей это май", "Чеи это маи"),
        ("かき", "がき"),
        ("कमल", "कमला"),
        ("When are you open?", "When are you opened?"),
    ],
)
def test_what_makes_another_word_is_kept(one: str, other: str) -> None:
    assert curated.normalized(one) != curated.normalized(other)


@pytest.mark.parametrize("text", ["", "?!…", " \u200b ", "👍", "- —"])
def test_without_a_letter_or_digit_there_is_no_question(text: str) -> None:
    assert curated.normalized(text) == ""


@pytest.mark.parametrize("text", ["字" * 1000, "ﷺ" * 1000, "a" * 100_000, "\ud800" * 999])
def test_long_questions_fit_the_index(text: str) -> None:
    assert len(curated.normalized(text).encode(errors="replace")) <= 2000
    assert curated.normalized(text) == curated.normalized(f"{text}?")
    assert curated.normalized(text) != curated.normalized(f"{text}x")


# --- meaning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("how to reset password", "How do I reset my password?"),
        ("I would like to know how to delete my account", "How do I delete my account?"),
        ("what payment methods are accepted", "Which payment methods do you accept?"),
        ("track order how", "How do I track my order?"),
        ("refund policy", "What is your refund policy?"),
        ("Do you have a free trial?", "Is there a free trial?"),
        ("is it possible to pay with paypal?", "Can I pay with PayPal?"),
        ("why has my card been declined?", "Why was my card declined?"),
    ],
)
def test_questions_with_the_same_words_that_matter_are_meant_alike(asked: str, written: str) -> None:
    assert curated.is_meant_alike(asked, written)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Should I take it after meals?", "Should I take it before meals?"),
        ("How do I get from the hotel to the airport?", "How do I get from the airport to the hotel?"),
        ("Is breakfast not included?", "Is breakfast included?"),
        ("Where do I install the app?", "How do I install the app?"),
        ("When did you open?", "When do you open?"),
        ("Can you call me back?", "Can I call you back?"),
        ("What is my phone number?", "What is your phone number?"),
        ("Do I have to pay by card?", "Can I pay by card?"),
        ("Can my manager see my calendar?", "Can I see my manager's calendar?"),
        ("Is it suitable for children under 8?", "Is it suitable for children under 3?"),
        ("Which banks support you?", "Which banks do you support?"),
        ("Is there a minimum deposit?", "What is the minimum deposit?"),
        ("Does the certificate include a course?", "Does the course include a certificate?"),
        ("How many books have I borrowed?", "How many books may I borrow?"),
        ("Can I use it for the bath?", "Can I use it in the bath?"),
        ("Who has my contact?", "Who is my contact?"),
        ("May I copy my file?", "May I have a copy of my file?"),
        ("Can my order be shipped?", "Is my order shipped?"),
        ("Where is it?", "Where are you?"),
        ("", "What is it?"),
    ],
)
def test_questions_that_differ_in_a_word_that_matters_are_not(asked: str, written: str) -> None:
    assert not curated.is_meant_alike(asked, written)


def test_of_the_measured_near_misses_none_is_answered_and_most_rewordings_are() -> None:
    lines = PAIRS.read_text(encoding="utf-8").splitlines()[1:]
    pairs = [(kind, written, asked) for _, _, kind, written, asked in (line.split("\t") for line in lines)]
    alike = [pair for pair in pairs if curated.is_meant_alike(pair[2], pair[1]) and curated.may_be_meant(pair[2])]
    near = [
        kind
        for kind, written, asked in alike
        if curated.normalized(written) == curated.normalized(asked)
        or sum(one * other for one, other in zip(vector(written), vector(asked), strict=True)) >= curated.THRESHOLD
    ]
    reworded = sum(kind == "reworded" for kind, _, _ in pairs)
    assert near.count("other") == 0
    assert near.count("reworded") >= 0.75 * reworded >= 60


def test_the_vector_of_a_story_or_of_another_language_means_nothing() -> None:
    assert curated.may_be_meant("How do I reset my password?")
    assert not curated.may_be_meant("Wie setze ich mein Passwort zurück und was ist das?")
    assert not curated.may_be_meant("怎么修改密码？")
    assert not curated.may_be_meant("How do I reset it? " * 30)


# --- finding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("When are you open?", "when are you OPEN"),
        ("Wie kündige ich mein Abo?", "wie kundige ich mein abo"),
        ("¿El desayuno está incluido?", "el desayuno esta incluido"),
        ("Как удалить аккаунт?", "как удалить аккаунт"),
        ("怎么修改密码？", "怎么修改密码"),
        ("متى تفتحون؟", "مَتى تفتحون"),
    ],
)
@pytest.mark.parametrize("with_vector", [True, False])
def test_the_same_question_finds_its_answer_in_any_language(
    bot: Bot, written: str, asked: str, with_vector: bool
) -> None:
    answer = write(bot, written)
    found = curated_match(bot.pk, asked, embedding=vector(asked) if with_vector else None)
    assert found == answer


def test_a_rewording_finds_its_answer_by_meaning_and_a_near_miss_does_not(bot: Bot) -> None:
    write(bot, "How do I reset my password?", answer="Password")
    write(bot, "Should I take it before meals?", answer="Before")
    assert matched(bot, "how can I reset my password please") == "Password"
    assert curated_match(bot.pk, "how can I reset my password please", embedding=None) is None
    assert matched(bot, "Should I take it after meals?") is None
    assert matched(bot, "How do I reset my device?") is None
    assert matched(bot, "What is the weather like?") is None


def test_the_very_question_wins_over_one_that_is_near(bot: Bot) -> None:
    write(bot, "How do I reset my password?", answer="One")
    write(bot, "How can I reset my password?", answer="Two")
    assert matched(bot, "how can i reset my password") == "Two"
    assert matched(bot, "how do i reset my password") == "One"


def test_answers_that_are_off_or_of_another_bot_are_not_given(bot: Bot, globex: Tenant) -> None:
    write(bot, "When are you open?", is_active=False)
    other = services.create_bot(by=SYSTEM, name="Other")
    write(other, "When are you open?", answer="Never.")
    assert matched(bot, "When are you open?") is None
    assert matched(other, "When are you open?") == "Never."
    with tenant_scope(globex):
        assert curated_match(other.pk, "When are you open?", embedding=None) is None


def test_one_query_finds_an_answer_and_none_is_needed_to_know_that_there_are_none(
    bot: Bot, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert not bot_by_ref(bot.slug).has_curated_answers
    write(bot, "Off?", is_active=False)
    assert not bot_by_ref(bot.slug).has_curated_answers
    for number in range(5):
        write(bot, f"Question {number}, please?", f"What is number {number} about?")
    found, asked = bot_by_ref(bot.slug), "What is number 3 about please"
    known = vector(asked)
    with django_assert_num_queries(0):
        assert found.has_curated_answers
    with django_assert_num_queries(1):
        assert curated_match(bot.pk, asked, embedding=known) is not None
    with django_assert_num_queries(1):
        assert curated_match(bot.pk, asked, embedding=None) is None


def test_without_the_model_only_the_same_question_is_found(bot: Bot, settings: Any, tmp_path: Any) -> None:
    settings.LOCAL_MODEL_DIR = tmp_path
    answer = write(bot, "When are you open?")
    assert [question.embedding for question in answer.questions.all()] == [None]
    assert curated_match(bot.pk, "when are you open", embedding=[0.1] * 384) == answer
    assert curated_match(bot.pk, "when is it that you are open", embedding=[0.1] * 384) is None


def test_hits_are_counted_without_a_change_of_the_answer(bot: Bot) -> None:
    answer = write(bot, "When?")
    services.record_hit(answer.pk)
    services.record_hit(answer.pk)
    services.record_hit(uuid.uuid4())
    counted = CuratedAnswer.objects.get()
    assert (counted.hit_count, counted.updated_at) == (2, answer.updated_at)


# --- writing ---------------------------------------------------------------------------------------------


def faults(bot: Bot, *questions: str, answer: str = "A") -> set[str]:
    with pytest.raises(CuratedAnswerError) as caught:
        write(bot, *questions, answer=answer)
    return {error["pointer"] for error in caught.value.extra["errors"]}


def test_what_is_not_acceptable_is_refused_with_a_pointer(bot: Bot) -> None:
    assert faults(bot) == {"/questions"}
    assert faults(bot, *map(str, range(21))) == {"/questions"}
    assert faults(bot, "Ok?", "?!", "ok", "q" * 1001) == {"/questions/1", "/questions/2", "/questions/3"}
    assert faults(bot, "Ok?", answer=" ") == {"/answer"}
    assert faults(bot, "Ok?", answer="a" * 32_001) == {"/answer"}
    assert not CuratedAnswer.objects.exists()


def test_two_active_answers_of_a_bot_do_not_share_a_question(bot: Bot) -> None:
    first = write(bot, "When are you open?", "Opening hours")
    with pytest.raises(CuratedQuestionTakenError) as caught:
        write(bot, "Something else", "opening HOURS?")
    (error,) = caught.value.extra["errors"]
    assert (error["pointer"], "Opening hours" in error["detail"]) == ("/questions/1", True)
    write(services.create_bot(by=SYSTEM, name="Other"), "Opening hours")
    off = write(bot, "Opening hours!", is_active=False)
    with pytest.raises(CuratedQuestionTakenError) as caught:
        services.update_curated_answer(by=SYSTEM, curated_answer=off, is_active=True)
    assert caught.value.extra["errors"][0]["pointer"] == "/is_active"
    services.update_curated_answer(by=SYSTEM, curated_answer=first, questions=["When are you open?"])
    assert services.update_curated_answer(by=SYSTEM, curated_answer=off, is_active=True).is_active
    services.update_curated_answer(by=SYSTEM, curated_answer=off, questions=["opening hours", "Hours"])
    assert [question.text for question in CuratedQuestion.objects.filter(curated_answer=off)] == [
        "opening hours",
        "Hours",
    ]


@pytest.mark.django_db(transaction=True)
def test_answers_written_at_once_do_not_share_a_question(acme: Tenant) -> None:
    with tenant_scope(acme):
        bot = services.create_bot(by=SYSTEM, name="Help desk")
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def act() -> None:
        try:
            with tenant_scope(acme):
                barrier.wait(10)
                write(bot, "When?")
                outcomes.append("made")
        except CuratedQuestionTakenError:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "taken", "taken", "taken"]


def test_a_bot_has_so_many_answers_and_no_more(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_CURATED", 1)
    write(bot, "One?")
    with pytest.raises(TooManyCuratedError):
        write(bot, "Two?")


def test_every_change_is_audited(bot: Bot, by_owner: Actor) -> None:
    answer = services.create_curated_answer(by=by_owner, bot=bot, answer="A", questions=["Q"])
    services.update_curated_answer(by=by_owner, curated_answer=answer, answer="B")
    services.delete_curated_answer(by=by_owner, curated_answer=answer)
    lines = AuditEvent.objects.filter(action__startswith="curated_answer.").order_by("id")
    assert [(line.action, line.actor_id) for line in lines] == [
        (f"curated_answer.{verb}", by_owner.id) for verb in ("create", "update", "delete")
    ]


# --- over HTTP -------------------------------------------------------------------------------------------


def test_answers_are_written_shown_changed_and_deleted(client: APIClient, bot: Bot) -> None:
    sent = {"answer": "At nine.", "questions": ["When are you open?", "Opening hours"]}
    created = client.post(f"/v1/tenant/bots/{bot.pk}/curated-answers", sent)
    assert created.status_code == 201
    body = created.json()
    assert {name: body[name] for name in ("bot_id", "is_active", "hit_count", *sent)} == {
        **sent, "bot_id": str(bot.pk), "is_active": True, "hit_count": 0,
    }  # fmt: skip
    path = f"/v1/tenant/curated-answers/{body['id']}"
    shown = client.get(path)
    assert shown.json() == body
    assert client.get(path, headers={"If-None-Match": shown["ETag"]}).status_code == 304
    changed = client.patch(path, {"questions": ["Hours?"]}, headers={"If-Match": shown["ETag"]})
    assert changed.json() == {**body, "questions": ["Hours?"], "updated_at": changed.json()["updated_at"]}
    assert client.patch(path, {"answer": "x"}, headers={"If-Match": shown["ETag"]}).status_code == 412
    assert client.delete(path, headers={"If-Match": shown["ETag"]}).status_code == 412
    assert client.delete(path).status_code == 204
    gone = client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_curated_answer")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"questions": ["q"]}, 400, "/answer"),
        ({"answer": "a"}, 400, "/questions"),
        ({"answer": "a", "questions": []}, 400, "/questions"),
        ({"answer": "a", "questions": ["q"] * 21}, 400, "/questions"),
        ({"answer": "a", "questions": ["q", "q" * 1001]}, 400, "/questions/1"),
        ({"answer": "a\x00", "questions": ["q"]}, 400, "/answer"),
        ({"answer": "a", "questions": ["q", "?"]}, 422, "/questions/1"),
        ({"answer": "a", "questions": ["q", "Q!"]}, 422, "/questions/1"),
        ({"answer": "a", "questions": ["new", "Taken"]}, 409, "/questions/1"),
    ],
)
def test_what_is_wrong_with_an_answer_is_pointed_at(
    client: APIClient, bot: Bot, body: dict[str, Any], status: int, pointer: str
) -> None:
    write(bot, "taken?")
    response = client.post(f"/v1/tenant/bots/{bot.pk}/curated-answers", body)
    assert response.status_code == status
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_answers_are_found_by_their_words_in_a_constant_number_of_queries(client: APIClient, bot: Bot) -> None:
    path, counts = f"/v1/tenant/bots/{bot.pk}/curated-answers", []
    assert client.get(path).json()["results"] == []  # the key's first use is noted
    for number in range(3):
        write(bot, f"Question {number}", f"Asking {number}", answer=f"Answer {number}", is_active=number != 1)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(path).json()["results"]) == number + 1
        counts.append(len(queries))
    assert counts == [counts[0]] * 3

    def found(**query: str) -> list[str]:
        return [answer["answer"] for answer in client.get(path, query).json()["results"]]

    assert found(search="asking") == ["Answer 2", "Answer 1", "Answer 0"]
    assert found(search="Question 2") == found(search="answer 2") == ["Answer 2"]
    assert found(is_active="false") == ["Answer 1"]
    services.record_hit(CuratedAnswer.objects.get(answer="Answer 1").pk)
    assert found(ordering="-hit_count")[0] == "Answer 1"
    assert client.get(path, {"ordering": "answer"}).status_code == 400


def test_viewers_look_at_answers_only_and_other_tenants_not_even_that(
    acme: Tenant, bot: Bot, globex_api_key: str
) -> None:
    answer = write(bot, "When?")
    viewer = factories.make_member(acme, "viewer@roles.example", role=Role.VIEWER)
    client = APIClient(headers=factories.bearer(factories.make_token_pair(viewer).access))
    foreign = APIClient(headers=factories.bearer(globex_api_key))
    path, many = f"/v1/tenant/curated-answers/{answer.pk}", f"/v1/tenant/bots/{bot.pk}/curated-answers"
    sent = {"answer": "a", "questions": ["q"]}
    assert (client.get(path).status_code, client.get(many).status_code) == (200, 200)
    refusals = [client.post(many, sent), client.patch(path, sent), client.delete(path)]
    assert [answer.status_code for answer in refusals] == [403] * 3
    unknown = [foreign.get(many), foreign.post(many, sent), foreign.get(path), foreign.patch(path, sent)]
    assert [answer.status_code for answer in [*unknown, foreign.delete(path)]] == [404] * 5
    with tenant_scope(acme):
        assert CuratedAnswer.objects.get().answer == "At nine."


def test_a_key_limited_to_other_bots_knows_no_answers_of_this_one(acme: Tenant, bot: Bot) -> None:
    answer = write(bot, "When?")
    other = services.create_bot(by=SYSTEM, name="Other")
    key, plain = factories.make_api_key(acme)
    ApiKey.objects.filter(pk=key.pk).update(bot_ids=[other.pk])
    client = APIClient(headers=factories.bearer(plain))
    path = f"/v1/tenant/curated-answers/{answer.pk}"
    answers = [client.get(path), client.patch(path, {"answer": "x"}), client.delete(path)]
    answers.append(client.get(f"/v1/tenant/bots/{bot.pk}/curated-answers"))
    assert [answer.status_code for answer in answers] == [404] * 4
