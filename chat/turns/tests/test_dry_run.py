"""A bot is asked from within the product: no HTTP, nothing saved, nobody who may go away."""

from __future__ import annotations

from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync

from bots.models import Bot
from bots.services import create_curated_answer
from chat.models import Conversation, Message, Usage
from chat.tests.fixtures import MakeBot
from chat.turns.asks import Wants
from chat.turns.engine.gathered import Gathered
from chat.turns.events import Delta, Ended, Refused, Restarted, Retrieved, ToolCalled
from chat.turns.services.dry_run import Answer, ask_of, collect
from datasets.models import Dataset
from providers.exceptions import ModelCannotError, ProviderAuthError
from providers.messages import ImagePart, OutputSchema, RefusalPart, TextPart, Tool, ToolCallPart
from providers.messages import Message as PromptMessage
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM


def ask(tenant: Tenant, bot: Bot, question: str = "May I return it?", **more: object) -> Answer:
    async def asked() -> Answer:
        return await collect(ask_of(bot, question, **more))  # type: ignore[arg-type]

    with tenant_scope(tenant):
        return async_to_sync(asked)()


@pytest.mark.django_db(transaction=True)
class TestAsking:
    def test_a_bot_answers_from_its_documents_and_nothing_is_saved(
        self, acme: Tenant, make_bot: MakeBot, handbook: Dataset
    ) -> None:
        answer = ask(acme, make_bot("cite", dataset=handbook), "How long may purchases be returned?")

        # Its documents are one passage: a second one leads nowhere.
        assert answer.text == "According to the documents [1] the answer has two parts ."
        assert (answer.finish_reason, answer.has_evidence, answer.parts) == ("stop", True, ())
        assert answer.cited[0] in answer.sources
        assert answer.consulted == ()
        assert answer.usage is not None
        assert answer.cost == Decimal(answer.usage.prompt_tokens * 2 + answer.usage.completion_tokens * 10) / 1_000_000
        with tenant_scope(acme):
            assert not Conversation.objects.exists()
            assert not Message.objects.exists()
            assert not Usage.objects.exists()

    @pytest.mark.parametrize("passages", [1, 3, 8, 11])
    def test_the_model_is_given_as_many_passages_as_the_bot_says(
        self, acme: Tenant, make_bot: MakeBot, library: Dataset, passages: int
    ) -> None:
        bot = make_bot("fake", dataset=library, passages=passages)
        answer = ask(acme, bot, "How long may purchases of a shop be returned?")

        assert len(answer.sources) == len({source.document for source in answer.sources}) == passages

    def test_an_answer_that_cites_nothing_has_consulted_its_passages(
        self, acme: Tenant, make_bot: MakeBot, handbook: Dataset
    ) -> None:
        answer = ask(acme, make_bot("fake", dataset=handbook), "How long may purchases be returned?")

        assert answer.cited == ()
        assert answer.consulted == answer.sources != ()

    def test_an_answer_on_what_no_passage_speaks_of_is_followed_by_a_warning(
        self, acme: Tenant, make_bot: MakeBot, handbook: Dataset
    ) -> None:
        bot = make_bot("claim", dataset=handbook)

        held = ask(acme, bot, "Are purchases returned within thirty days?")
        claimed = ask(acme, bot, "Are purchases of furniture returned within thirty days?")

        assert (held.text, held.has_evidence) == ("Yes: Are purchases returned within thirty days.", True)
        assert claimed.text == (
            "Yes: Are purchases of furniture returned within thirty days.\n\n"
            "Please check: the sources do not confirm this about “furniture”."
        )
        assert claimed.has_evidence is False
        assert claimed.consulted == claimed.sources != ()

    def test_an_answer_that_fills_in_a_schema_is_left_as_it_is(
        self, acme: Tenant, make_bot: MakeBot, handbook: Dataset
    ) -> None:
        wants = Wants(output=OutputSchema("answer", None))
        answer = ask(
            acme, make_bot("claim", dataset=handbook), "In JSON, are purchases of furniture returned?", wants=wants
        )

        assert answer.text == "Yes: In JSON, are purchases of furniture returned."

    def test_the_history_goes_before_the_question(self, acme: Tenant, make_bot: MakeBot, fake: FakeProvider) -> None:
        history = (PromptMessage.of("user", "What is it?"), PromptMessage.of("assistant", "A chair."))

        assert ask(acme, make_bot("echo"), "And that?", history=history).text == "And that?"
        said = [message["content"] for message in fake.stats()["last_body"]["messages"]]
        assert said[-3:] == ["What is it?", "A chair.", "And that?"]

    def test_an_answer_that_people_wrote_is_given_and_costs_nothing(self, acme: Tenant, make_bot: MakeBot) -> None:
        bot = make_bot("fake")
        with tenant_scope(acme):
            curated = create_curated_answer(by=SYSTEM, bot=bot, answer="At nine.", questions=["When do you open?"])
            bot.refresh_from_db()

        answer = ask(acme, bot, "When do you open?")

        assert (answer.text, answer.answered_by, answer.cost) == ("At nine.", "curated", Decimal(0))
        assert answer.curated_answer_id == curated.pk

    def test_what_fails_is_raised(self, acme: Tenant, make_bot: MakeBot) -> None:
        with pytest.raises(ProviderAuthError):
            ask(acme, make_bot("fail-401"))

    def test_tools_may_be_called(self, acme: Tenant, make_bot: MakeBot) -> None:
        answer = ask(acme, make_bot("tools"), wants=Wants(tools=(Tool("lookup"),)))

        words, call = answer.parts
        assert words == TextPart("Let me look. ")
        assert isinstance(call, ToolCallPart)
        assert (call.name, answer.finish_reason, answer.text) == ("lookup", "tool_calls", "Let me look. ")

    def test_a_refusal_is_a_part_and_words(self, acme: Tenant, make_bot: MakeBot) -> None:
        answer = ask(acme, make_bot("refuse"))

        assert answer.text == "I cannot help with that."
        assert answer.parts == (RefusalPart("I cannot help with that."),)

    def test_more_than_the_model_can_do_is_refused(self, acme: Tenant, make_bot: MakeBot) -> None:
        with pytest.raises(ModelCannotError, match="reads no images"):
            ask(acme, make_bot("fake"), wants=Wants(parts=(ImagePart("image/png", b"png"),)))

    @pytest.mark.parametrize("model", ["think", "think-tags", "think-end", "qwq-think-end"])
    def test_no_thought_is_in_an_answer(self, acme: Tenant, make_bot: MakeBot, model: str) -> None:
        answer = ask(acme, make_bot(model))

        assert (answer.text, answer.parts) == ("It is forty-two.", ())


def gathered(*events: object) -> Gathered:
    whole = Gathered()
    for event in events:
        whole.note(event)  # type: ignore[arg-type]
    return whole


CALL = ToolCallPart("call_1", "lookup", "{}")


def test_parts_are_put_together_in_their_order() -> None:
    whole = gathered(
        Delta("Let me "), Delta("look."), ToolCalled(CALL, 1), Delta("I "), Delta("will not."), Refused("will not.")
    )
    assert whole.parts == (TextPart("Let me look."), CALL, TextPart("I "), RefusalPart("will not."))
    assert whole.text == "Let me look.I will not."


def test_words_alone_are_no_parts() -> None:
    assert gathered(Retrieved((), None), Delta("Hello."), Ended("stop", None)).parts == ()


def test_what_was_taken_back_is_gone() -> None:
    whole = gathered(Delta("Hm."), ToolCalled(CALL), Restarted(), Delta("Hello."))
    assert (whole.text, whole.parts) == ("Hello.", ())
