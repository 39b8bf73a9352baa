"""Shapes of figures."""

from __future__ import annotations

from typing import Any

from chat.analytics.figures import Figures
from chat.analytics.sketches import Percentiles
from chatcms.core.api import serializers


class RateField(serializers.FloatField):
    """A share, from 0 to 1."""

    def __init__(self, help_text: str) -> None:
        super().__init__(allow_null=True, min_value=0, max_value=1, help_text=f"{help_text} Null: there were none.")


class CountField(serializers.IntegerField):
    """How many there were."""

    def __init__(self, help_text: str) -> None:
        super().__init__(min_value=0, help_text=help_text)


class PercentilesSerializer(serializers.Serializer[Any]):
    """Milliseconds, true to five percent, of answers by a model that came to their end; null: there were none."""

    p50 = serializers.IntegerField(
        allow_null=True, help_text="Half took at most so many milliseconds; null when nothing was measured."
    )
    p95 = serializers.IntegerField(
        allow_null=True, help_text="Of a hundred 95 took at most so many milliseconds; null when nothing was measured."
    )


class FiguresSerializer(serializers.Serializer[Any]):
    """What happened. A question counts by how the last answer to it went: each is one of five."""

    conversations = CountField("That were begun.")
    questions = CountField("Each once, however often it was answered.")
    answers = CountField("Those too that were made anew.")
    messages = CountField("Questions and answers.")
    people = CountField("Different visitors, members and API keys that asked.")
    visitors = CountField("Different visitors among them.")
    from_documents = CountField("Questions for which evidence was found.")
    unanswered = CountField(
        "Questions for which documents were searched and held nothing: none was found, or the model said so."
    )
    curated = CountField("Questions answered by what people wrote for them.")
    unsearched = CountField("Questions to bots without documents.")
    failed = CountField("Questions whose answer failed.")
    stopped = CountField("Questions whose answer somebody ended, also among the others.")
    answered_rate = RateField("From documents, of those that were searched for.")
    failure_rate = RateField("Failed, of all questions.")
    up = CountField("Good ratings, by the day of the question.")
    down = CountField("Bad ratings, by the day of the question.")
    satisfaction = RateField("Good, of all ratings.")
    prompt_tokens = CountField("Also of answers that failed.")
    completion_tokens = CountField("Also of answers that failed.")
    tokens = CountField("Both together.")
    cost = serializers.DecimalField(
        max_digits=18, decimal_places=8, help_text="What the answers cost whose model has a known price, in `currency`."
    )
    currency = serializers.SerializerMethodField(help_text="What `cost` is in: `USD`.")
    unpriced = CountField("Answers by models of unknown price, which are not in `cost`.")
    cache_read_tokens = CountField("What of `prompt_tokens` was read from vendors' caches.")
    cache_write_tokens = CountField("What of `prompt_tokens` was written to vendors' caches.")
    reasoning_tokens = CountField("What of `completion_tokens` was spent on thoughts.")
    first_token_ms = PercentilesSerializer(help_text="From the question to the first word.")
    total_ms = PercentilesSerializer(help_text="From the question to the last word.")

    def get_currency(self, _figures: object) -> str:
        """Return what `cost` is in."""
        return "USD"


def shown(figures: Figures) -> dict[str, Any]:
    """Return figures as `FiguresSerializer` describes them: by hand, since there may be hundreds in one answer."""
    document: dict[str, Any] = {name: getattr(figures, name) for name in _PLAIN}
    for name in ("first_token_ms", "total_ms"):
        times: Percentiles = getattr(figures, name)
        document[name] = {"p50": times.p50, "p95": times.p95}
    return document | {"cost": f"{figures.cost:.8f}", "currency": "USD"}


_PLAIN: list[str] = [
    str(name) for name in FiguresSerializer().fields if str(name) not in {"first_token_ms", "total_ms", "currency"}
]


class DaysSerializer(serializers.Serializer[Any]):
    """The first and the last day."""

    since = serializers.DateField(help_text="The first day, in UTC.")
    until = serializers.DateField(help_text="The last day, in UTC; it counts in.")


class PeriodSerializer(DaysSerializer):
    """The first and the last day, and whose days they are."""

    time_zone = serializers.CharField(help_text="The tenant's, from its settings.")


class ComparisonSerializer(PeriodSerializer):
    """The figures of some days, and of as many before."""

    figures = FiguresSerializer(help_text="What happened in these days.")
    previous = DaysSerializer(help_text="As many days just before.")
    previous_figures = FiguresSerializer(help_text="What happened in as many days just before.")


class BreakdownLineSerializer(serializers.Serializer[Any]):
    """The figures of one day, week, month, bot, model or channel."""

    key = serializers.CharField(help_text="A day, the first day of a week or month, a bot's id, a model or a channel.")
    name = serializers.CharField(help_text="What to show for it; empty for a bot that was deleted.")
    figures = FiguresSerializer(help_text="What happened in this part.")


class BreakdownSerializer(PeriodSerializer):
    """The figures by something."""

    by = serializers.CharField(help_text="What the figures are divided by, as asked.")
    results = BreakdownLineSerializer(many=True, help_text="One line for each part, in order.")


class DocumentUseSerializer(serializers.Serializer[Any]):
    """How often a document was cited."""

    document_id = serializers.UUIDField(help_text="The document.")
    name = serializers.CharField(help_text="The document's name.")
    dataset_id = serializers.UUIDField(help_text="The dataset that the document is in.")
    dataset = serializers.CharField(help_text="The dataset's name.")
    answers = CountField("That cited it.")
    last_cited = serializers.DateField(allow_null=True, help_text="Null: not in these days.")


class DocumentsUsedSerializer(PeriodSerializer):
    """Documents by how often they were cited."""

    cited = CountField("Documents that were.")
    never_cited = CountField("Documents that can be answered from and were not.")
    results = DocumentUseSerializer(many=True, help_text="The documents, the most cited first.")
