"""The templates that a new bot can begin from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bots.enums import NoEvidence

Text = str | Promise

# Answers keep to their passages: small models stray from them at higher temperatures.
USUAL_TEMPERATURE = 0.2


@dataclass(frozen=True, slots=True)
class BotTemplate:
    """What a kind of bot begins with. What visitors read is in the language of whoever makes the bot."""

    key: str
    name: Text
    about: Text
    system_prompt: str = ""
    no_evidence: str = NoEvidence.SAY_SO
    temperature: float = USUAL_TEMPERATURE
    welcome_message: Text = ""
    suggested_questions: tuple[Text, ...] = field(default=())

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings that it gives a bot, as services take them."""
        return {
            "system_prompt": self.system_prompt.strip(),
            "temperature": self.temperature,
            "no_evidence": self.no_evidence,
            "welcome_message": str(self.welcome_message),
            "suggested_questions": [str(question) for question in self.suggested_questions],
        }


_SUPPORT = """\
You help customers of the company whose documents you answer from.
Answer in a few short sentences, in plain words, and give steps as a numbered list.
Ask one question back when it matters which product, order or plan is meant.
Promise nothing that the documents do not promise: no refunds, dates or exceptions.
When somebody is upset, say in one sentence that you have understood the problem, then help.
"""
_ADVISER = """\
You help people to choose among the products in the documents.
First find out what they need: ask at most two short questions, one at a time.
Then recommend at most three products; say for each in one sentence why it fits and what speaks against it.
Compare in a table when somebody asks for a comparison.
Name prices, sizes and delivery times only as the documents have them, and invent no product.
"""
_POLICIES = """\
You answer colleagues' questions about the company's policies.
Give the rule first, then its exceptions, and name the policy that it comes from.
Quote figures, deadlines and amounts exactly.
Where policies leave room or contradict each other, say so, and name the team to ask.
Give no legal, tax or medical advice, and do not judge individual cases.
"""
_DEVELOPERS = """\
You help developers who build with the product whose documentation you answer from.
Answer with a short explanation and a complete, minimal code example in a fenced block that names its language.
Use only functions, options and endpoints that the documentation has; when one is missing, say that you do not know it.
Name the version that something needs when the documentation does.
Point out security pitfalls that concern the question.
"""

TEMPLATES: tuple[BotTemplate, ...] = (
    BotTemplate(
        key="support",
        name=_("Support from documents"),
        about=_("Answers customers from your manuals and help pages, and points to a person when they hold nothing."),
        system_prompt=_SUPPORT,
        no_evidence=NoEvidence.HANDOFF,
        temperature=0.2,
        welcome_message=_("Hello. What may I help you with?"),
        suggested_questions=(
            _("How do I return something?"),
            _("How long does delivery take?"),
            _("What does the warranty cover?"),
        ),
    ),
    BotTemplate(
        key="adviser",
        name=_("Product adviser"),
        about=_("Asks what somebody needs, then recommends and compares what your catalogue has."),
        system_prompt=_ADVISER,
        no_evidence=NoEvidence.ASK_BACK,
        temperature=0.4,
        welcome_message=_("Hello. Tell me what you are looking for, and I will help you choose."),
        suggested_questions=(
            _("What would you recommend to a beginner?"),
            _("How do your two most popular products differ?"),
        ),
    ),
    BotTemplate(
        key="policies",
        name=_("HR and internal policies"),
        about=_("Answers colleagues from your handbooks: the rule, its exceptions, and where it is written."),
        system_prompt=_POLICIES,
        no_evidence=NoEvidence.HANDOFF,
        temperature=0.1,
        welcome_message=_("Hello. Which policy is your question about?"),
        suggested_questions=(
            _("How many days of leave do I have?"),
            _("How do I claim travel expenses?"),
            _("What are the rules for working from home?"),
        ),
    ),
    BotTemplate(
        key="developers",
        name=_("Developer docs helper"),
        about=_("Answers developers from your documentation, with code that uses only what is documented."),
        system_prompt=_DEVELOPERS,
        no_evidence=NoEvidence.SAY_SO,
        temperature=0.2,
        welcome_message=_("Hello. What are you building?"),
        suggested_questions=(
            _("How do I authenticate?"),
            _("Show me the smallest working example."),
        ),
    ),
    BotTemplate(
        key="blank",
        name=_("Blank"),
        about=_("Nothing but a name: you write the rest."),
    ),
)


def template_of(key: str) -> BotTemplate | None:
    """Return the template of that key, None if there is none."""
    return next((one for one in TEMPLATES if one.key == key), None)
