"""Conversations, their messages, and what each answer cost, in the tenant's schema."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from chat.enums import (
    BudgetPeriod,
    Channel,
    Detail,
    Handling,
    MessageRole,
    MessageStatus,
    Rating,
    RequestReason,
    Span,
)
from chatcms.core.db.models import TimestampedModel, UUIDModel

TITLE_LENGTH = 80
VISITOR_REF_LENGTH = 128
PERSON_NAME_LENGTH = 150


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Selections of conversations."""

    def of_actor(self, actor_type: str, actor_id: uuid.UUID | None) -> ConversationQuerySet:
        """Those that this caller holds; nobody reads another's through the chat API."""
        return self.filter(actor_type=actor_type, actor_id=actor_id)


class Conversation(UUIDModel):
    """The messages between one caller and one bot.

    The caller is a user, an API key or a visitor: a plain type and id, since users live in another schema. So is the
    person who has taken the conversation over (`taken_by`, a user or an API key); `requested_at` and `taken_at` tell
    when that last happened, also afterwards. `thread` is what `chat.turns.services.threads` finds it by.
    """

    bot = models.ForeignKey("bots.Bot", on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=TITLE_LENGTH, blank=True, default="", db_default="")
    channel = models.CharField(max_length=10, choices=Channel)
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    visitor_ref = models.CharField(max_length=VISITOR_REF_LENGTH, blank=True, default="", db_default="")
    message_count = models.PositiveIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    origin = models.CharField(max_length=255, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    handling = models.CharField(max_length=10, choices=Handling, default=Handling.BOT, db_default=Handling.BOT)
    requested_at = models.DateTimeField(null=True)
    request_reason = models.CharField(
        max_length=24, choices=RequestReason, blank=True, default="", db_default=models.Value("")
    )
    taken_at = models.DateTimeField(null=True)
    taken_by = models.UUIDField(null=True)
    taken_by_name = models.CharField(max_length=PERSON_NAME_LENGTH, blank=True, default="", db_default="")
    thread = models.CharField(max_length=65, blank=True, default="", db_default="")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "conversations"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(handling=Handling.BOT),
                name="conversations_ended_have_no_person",
            ),
        ]
        indexes = [
            models.Index(fields=["actor_type", "actor_id", "-id"], name="conversations_by_actor"),
            models.Index(fields=["bot", "-id"], name="conversations_by_bot"),
            models.Index(
                fields=["last_message_at"], condition=models.Q(ended_at__isnull=True), name="conversations_open"
            ),
            models.Index(fields=["-last_message_at", "-id"], name="conversations_by_last_message"),
            models.Index(
                fields=["handling", "-last_message_at", "-id"],
                condition=~models.Q(handling=Handling.BOT),
                name="conversations_of_people",
            ),
            models.Index(fields=["thread"], condition=~models.Q(thread=""), name="conversations_by_thread"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)


class Message(UUIDModel):
    """A question, an answer or what a person wrote; an answer also knows what it was made from and how long it took.

    `parts` are what it is made of besides plain text, as `providers.messages` writes them; [] for plain text, of
    which `content` is all. `citations` and `retrieval` name documents and chunks by id; the cited text itself is not
    copied, so that deleting a document leaves none of it here. An answer that another one took the place of is
    `superseded`. `setting` is what the call set besides the question, so that another process can go on with the
    answer. `reserved` is the money set aside for an answer under way. `author_name` is how the person is shown who
    wrote it. `corrected_at` tells when somebody last saw to it that the question gets another answer.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=MessageRole)
    content = models.TextField(blank=True, default="", db_default="")
    parts = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.COMPLETE)
    error_code = models.CharField(max_length=60, blank=True, default="", db_default="")
    model = models.CharField(max_length=200, blank=True, default="", db_default="")
    provider_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    citations = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    retrieval = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    finish_reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)
    reply_to = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers", db_index=False)
    superseded = models.BooleanField(default=False, db_default=False)
    curated_answer_id = models.UUIDField(null=True)
    setting = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    reserved = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    author_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=PERSON_NAME_LENGTH, blank=True, default="", db_default="")
    corrected_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "messages"
        ordering = ["conversation", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="messages_one_per_place"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(status=MessageStatus.STREAMING),
                name="messages_streaming",
            ),
            # Deleting a question looks for the answers to it.
            models.Index(fields=["reply_to"], condition=models.Q(reply_to__isnull=False), name="messages_by_question"),
            models.Index(
                fields=["conversation"], condition=models.Q(status=MessageStatus.FAILED), name="messages_failed"
            ),
            models.Index(
                fields=["conversation"],
                condition=models.Q(retrieval__contains={"has_evidence": False}),
                name="messages_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} #{self.seq}"

    @property
    def attempt(self) -> int:
        """How often another process had to restart the answer."""
        return int(self.setting.get("attempt", 0))


class Usage(UUIDModel):
    """What one attempt at an answer used and cost, and how it went: all that figures are made of.

    Outlives the conversation, and holds none of its text. The tokens of the vendor's cache are a part of the
    prompt's, those of thoughts a part of the answer's. `outcome` is how the answer ended; it is empty for an attempt
    that another one took the place of, which cost something all the same. `person` is the asker as a number by
    which people are counted and not known (`chat.turns.pseudonyms`). `opens` marks the first answer of a
    conversation. `cited` are documents. A change of a row sets `changed_at`, by which the figures are kept up to
    date.
    """

    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="usage")
    bot_id = models.UUIDField()
    channel = models.CharField(max_length=10, blank=True, default="", db_default="")
    person = models.BigIntegerField(null=True)
    model = models.CharField(max_length=200)
    prompt_tokens = models.PositiveIntegerField()
    completion_tokens = models.PositiveIntegerField()
    cache_read_tokens = models.PositiveIntegerField(default=0, db_default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0, db_default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0, db_default=0)
    estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    currency = models.CharField(max_length=3, default="USD", db_default="USD")
    day = models.DateField()
    asked_at = models.DateTimeField(default=timezone.now, db_default=Now())
    changed_at = models.DateTimeField(default=timezone.now, db_default=Now())
    outcome = models.CharField(
        max_length=10, choices=MessageStatus, blank=True, default="", db_default=models.Value("")
    )
    opens = models.BooleanField(default=False, db_default=False)
    superseded = models.BooleanField(default=False, db_default=False)
    answered_by = models.CharField(max_length=16, blank=True, default="", db_default="")
    has_evidence = models.BooleanField(null=True)
    cited = ArrayField(models.UUIDField(), default=list, db_default=models.Value([], ArrayField(models.UUIDField())))
    rating = models.SmallIntegerField(choices=Rating, null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "usage"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["day", "bot_id"], name="usage_by_day"),
            models.Index(fields=["asked_at"], name="usage_by_asked"),
            models.Index(fields=["changed_at"], name="usage_by_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_tokens} + {self.completion_tokens} tokens of {self.model}"


class Feedback(TimestampedModel):
    """What a reader thinks of an answer; one for each answer, the last word counts."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    rating = models.SmallIntegerField(choices=Rating)
    comment = models.TextField(blank=True, default="", db_default="")
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)

    class Meta:
        db_table = "feedback"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_rating_display()} for {self.message_id}"


class DismissedQuestion(UUIDModel):
    """A question without an answer that somebody has done with: it is not shown until it is asked again.

    `wording` is a digest of the question as `bots.curated` normalizes it, so that none of what visitors wrote is kept
    when their conversations are deleted.
    """

    wording = models.CharField(max_length=64, unique=True)
    dismissed_at = models.DateTimeField(default=timezone.now)
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=254, blank=True, default="", db_default="")

    class Meta:
        db_table = "dismissed_questions"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.wording[:12]


class IdempotentTurn(models.Model):
    """A turn begun with an `Idempotency-Key`, found by a hash of caller, bot and key."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "idempotent_turns"

    def __str__(self) -> str:
        return self.key_hash[:12]


class Budget(TimestampedModel):
    """How much may be spent on models in a day or month (UTC), by the whole tenant or by one bot."""

    bot = models.ForeignKey("bots.Bot", on_delete=models.CASCADE, null=True, blank=True, related_name="budgets")
    period = models.CharField(max_length=5, choices=BudgetPeriod)
    amount = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        db_table = "budgets"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "period"], nulls_distinct=False, name="budgets_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budgets_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} USD a {self.period}"


class Spending(UUIDModel):
    """What was spent, and is set aside for answers under way, in one period of the tenant or of one bot.

    Kept for the periods and bots that have a budget (the plan's included); begun with what `usage` says.
    """

    bot_id = models.UUIDField(null=True)
    period = models.CharField(max_length=5, choices=BudgetPeriod)
    starts = models.DateField()
    spent = models.DecimalField(max_digits=18, decimal_places=8, default=0)
    reserved = models.DecimalField(max_digits=18, decimal_places=8, default=0)

    class Meta:
        db_table = "spending"
        constraints = [
            models.UniqueConstraint(fields=["bot_id", "period", "starts"], nulls_distinct=False, name="spending_once"),
        ]

    def __str__(self) -> str:
        return f"{self.spent} USD since {self.starts}"


class AnalyticsDay(models.Model):
    """The figures of one day (in the tenant's time zone), summed up from `usage`, divided as far as `detail` says.

    A copy that can be thrown away: it is made again. Questions are counted by how the last answer to each went.
    `first_token` and `total` are histograms of milliseconds, `visitors` and `others` are the sets of askers, all
    of them packed as `chat.analytics.sketches` reads them.
    """

    pk = models.CompositePrimaryKey("detail", "day", "bot_id", "model", "channel")
    detail = models.CharField(max_length=4, choices=Detail)
    day = models.DateField()
    bot_id = models.UUIDField()
    model = models.CharField(max_length=200)
    channel = models.CharField(max_length=10)
    conversations = models.PositiveIntegerField()
    questions = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    from_documents = models.PositiveIntegerField()
    unanswered = models.PositiveIntegerField()
    curated = models.PositiveIntegerField()
    unsearched = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    stopped = models.PositiveIntegerField()
    up = models.PositiveIntegerField()
    down = models.PositiveIntegerField()
    prompt_tokens = models.PositiveBigIntegerField()
    completion_tokens = models.PositiveBigIntegerField()
    cache_read_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cache_write_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    reasoning_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=8)
    unpriced = models.PositiveIntegerField()
    first_token = models.BinaryField()
    total = models.BinaryField()
    visitors = models.BinaryField()
    others = models.BinaryField()

    class Meta:
        db_table = "analytics_days"

    def __str__(self) -> str:
        return f"{self.day}: {self.questions} questions"


class AnalyticsDocument(models.Model):
    """How many answers of a bot cited a document on one day, or in a month that begins with it, and when last.

    Summed up from `usage`, by the tenant's time zone.
    """

    pk = models.CompositePrimaryKey("span", "day", "bot_id", "document_id")
    span = models.CharField(max_length=5, choices=Span)
    day = models.DateField()
    bot_id = models.UUIDField()
    document_id = models.UUIDField()
    answers = models.PositiveIntegerField()
    last_cited = models.DateField()

    class Meta:
        db_table = "analytics_documents"

    def __str__(self) -> str:
        return f"{self.day}: {self.document_id} in {self.answers} answers"


class AnalyticsState(models.Model):
    """How far the sums reach: what was asked before `through` is in them, what came later is added up when asked for.

    They are by the days of `time_zone`; what has changed since `changes_seen` is looked at again. There is one row.
    """

    name = models.CharField(max_length=20, primary_key=True)
    time_zone = models.CharField(max_length=60)
    through = models.DateTimeField()
    changes_seen = models.DateTimeField()

    class Meta:
        db_table = "analytics_state"

    def __str__(self) -> str:
        return f"through {self.through} in {self.time_zone}"
