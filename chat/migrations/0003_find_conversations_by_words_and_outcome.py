"""Makes the inbox quick: by the last message, by words, by what went wrong; and deleting quick too.

The words are those of whole messages only, so that saving the text so far of an answer under way stays cheap.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0002_feedback_budgets_and_idempotency"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["-last_message_at", "-id"], name="conversations_by_last_message"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)), fields=["reply_to"], name="messages_by_question"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status", "failed")), fields=["conversation"], name="messages_failed"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("retrieval__contains", {"has_evidence": False})),
                fields=["conversation"],
                name="messages_unanswered",
            ),
        ),
        migrations.RunSQL(
            "CREATE INDEX messages_words ON messages USING gin (to_tsvector('simple', content)) "
            "WHERE status <> 'streaming'",
            "DROP INDEX messages_words",
        ),
    ]
