"""Lets usage tell how answers went, also once their conversations are deleted, and keeps sums of it by day."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

_BACKFILL = """
UPDATE usage SET
    channel = conversations.channel,
    person = (('x' || left(md5(conversations.actor_type || ':' || coalesce(conversations.actor_id::text, '')), 16))
            ::bit(64)::bigint & ~3)
        | CASE conversations.actor_type WHEN 'visitor' THEN 0 WHEN 'user' THEN 1 WHEN 'api_key' THEN 2 ELSE 3 END,
    asked_at = messages.created_at,
    outcome = CASE WHEN EXISTS (
        SELECT 1 FROM usage AS later WHERE later.message_id = messages.id AND later.id > usage.id
    ) THEN '' ELSE messages.status END,
    opens = NOT EXISTS (
        SELECT 1 FROM messages AS earlier WHERE earlier.conversation_id = messages.conversation_id
            AND earlier.role = 'assistant' AND earlier.seq < messages.seq
    ),
    superseded = messages.superseded,
    answered_by = coalesce(messages.retrieval ->> 'answered_by', 'model'),
    has_evidence = (messages.retrieval ->> 'has_evidence')::boolean,
    cited = ARRAY(
        SELECT DISTINCT (citation ->> 'document_id')::uuid FROM jsonb_array_elements(messages.citations) AS citation
    ),
    rating = (SELECT feedback.rating FROM feedback WHERE feedback.message_id = messages.id),
    first_token_ms = messages.first_token_ms,
    total_ms = messages.total_ms
FROM messages JOIN conversations ON conversations.id = messages.conversation_id
WHERE messages.id = usage.message_id AND messages.status <> 'streaming'
"""
# Their conversations are deleted: when and at what cost is known, how they went is not.
_BACKFILL_DELETED = """
UPDATE usage SET asked_at = day::timestamp AT TIME ZONE 'UTC', outcome = 'complete', answered_by = 'model'
WHERE message_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0004_people_in_conversations'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnalyticsDay',
            fields=[
                ('pk', models.CompositePrimaryKey('detail', 'day', 'bot_id', 'model', 'channel', blank=True, editable=False, primary_key=True, serialize=False)),
                ('detail', models.CharField(choices=[('day', 'By day'), ('bot', 'By day and bot'), ('full', 'By day, bot, model and channel')], max_length=4)),
                ('day', models.DateField()),
                ('bot_id', models.UUIDField()),
                ('model', models.CharField(max_length=200)),
                ('channel', models.CharField(max_length=10)),
                ('conversations', models.PositiveIntegerField()),
                ('questions', models.PositiveIntegerField()),
                ('answers', models.PositiveIntegerField()),
                ('from_documents', models.PositiveIntegerField()),
                ('unanswered', models.PositiveIntegerField()),
                ('curated', models.PositiveIntegerField()),
                ('unsearched', models.PositiveIntegerField()),
                ('failed', models.PositiveIntegerField()),
                ('stopped', models.PositiveIntegerField()),
                ('up', models.PositiveIntegerField()),
                ('down', models.PositiveIntegerField()),
                ('prompt_tokens', models.PositiveBigIntegerField()),
                ('completion_tokens', models.PositiveBigIntegerField()),
                ('cost', models.DecimalField(decimal_places=8, max_digits=18)),
                ('unpriced', models.PositiveIntegerField()),
                ('first_token', models.BinaryField()),
                ('total', models.BinaryField()),
                ('visitors', models.BinaryField()),
                ('others', models.BinaryField()),
            ],
            options={
                'db_table': 'analytics_days',
            },
        ),
        migrations.CreateModel(
            name='AnalyticsDocument',
            fields=[
                ('pk', models.CompositePrimaryKey('span', 'day', 'bot_id', 'document_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('span', models.CharField(choices=[('day', 'A day'), ('month', 'A month')], max_length=5)),
                ('day', models.DateField()),
                ('bot_id', models.UUIDField()),
                ('document_id', models.UUIDField()),
                ('answers', models.PositiveIntegerField()),
                ('last_cited', models.DateField()),
            ],
            options={
                'db_table': 'analytics_documents',
            },
        ),
        migrations.CreateModel(
            name='AnalyticsState',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('time_zone', models.CharField(max_length=60)),
                ('through', models.DateTimeField()),
                ('changes_seen', models.DateTimeField()),
            ],
            options={
                'db_table': 'analytics_state',
            },
        ),
        migrations.AddField(
            model_name='usage',
            name='answered_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='usage',
            name='asked_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='usage',
            name='changed_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='usage',
            name='channel',
            field=models.CharField(blank=True, db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='usage',
            name='cited',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), db_default=models.Value([], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)), default=list, size=None),
        ),
        migrations.AddField(
            model_name='usage',
            name='first_token_ms',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='usage',
            name='has_evidence',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='usage',
            name='opens',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='usage',
            name='outcome',
            field=models.CharField(blank=True, choices=[('streaming', 'Streaming'), ('complete', 'Complete'), ('stopped', 'Stopped by the reader'), ('failed', 'Failed')], db_default=models.Value(''), default='', max_length=10),
        ),
        migrations.AddField(
            model_name='usage',
            name='person',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='usage',
            name='rating',
            field=models.SmallIntegerField(choices=[(1, 'Good'), (-1, 'Bad')], null=True),
        ),
        migrations.AddField(
            model_name='usage',
            name='superseded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='usage',
            name='total_ms',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='usage',
            index=models.Index(fields=['asked_at'], name='usage_by_asked'),
        ),
        migrations.AddIndex(
            model_name='usage',
            index=models.Index(fields=['changed_at'], name='usage_by_changed'),
        ),
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(_BACKFILL_DELETED, migrations.RunSQL.noop),
    ]
