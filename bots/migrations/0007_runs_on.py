from django.db import migrations

# What the tenant's default provider is today, and its chat models: what the config lists (the platform's, where it is
# lent), else the usual ones of the vendor.
RUNS_ON = """
WITH target AS (
    SELECT one.id, one.provider_type AS kind,
        CASE WHEN one.global_provider_id IS NULL THEN one.config ELSE coalesce(lent.config, '{}') END -> 'models' AS models
    FROM tenant_ai_providers one LEFT JOIN global_ai_providers lent ON lent.id = one.global_provider_id
    WHERE one.is_active AND (one.is_default OR one.provider_type = 'local')
    ORDER BY one.is_default DESC, one.id LIMIT 1
), entries AS (
    SELECT place, one ->> 'kind' AS kind, CASE WHEN jsonb_typeof(one) = 'string' THEN one #>> '{}' ELSE one ->> 'id' END AS name
    FROM target, jsonb_array_elements(CASE WHEN jsonb_typeof(models) = 'array' THEN models ELSE '[]' END)
        WITH ORDINALITY AS entry(one, place)
), listed AS (
    SELECT array_agg(name ORDER BY place) FILTER (
        WHERE coalesce(kind, CASE WHEN strpos(lower(name), 'embed') > 0 THEN 'embedding' ELSE 'chat' END) = 'chat'
    ) AS chat, count(*) AS entries FROM entries
), runs_on AS (
    SELECT target.id, target.kind, CASE
        WHEN listed.entries > 0 THEN coalesce(listed.chat, '{}')
        WHEN target.kind = 'openai' THEN ARRAY['gpt-4o-mini', 'gpt-3.5-turbo']
        WHEN target.kind = 'anthropic' THEN ARRAY['claude-haiku-4-5']
        WHEN target.kind = 'local' THEN ARRAY['local']
        ELSE '{}' END AS chat,
        (SELECT id FROM tenant_ai_providers WHERE provider_type = 'local' AND is_active ORDER BY id LIMIT 1) AS builtin
    FROM target, listed
)
"""


def fitted(model: str) -> str:
    """Return SQL for the model that a bot which names no provider is asked by today."""
    return f"""CASE
        WHEN {model} NOT IN ('gpt-3.5-turbo', 'local') OR {model} = ANY(chat) OR cardinality(chat) = 0 THEN {model}
        ELSE chat[1] END"""


def provider(model: str) -> str:
    """Return SQL for the provider: the default one, but never a vendor that would be asked for `local`."""
    return f"CASE WHEN ({fitted(model)}) = 'local' AND kind <> 'local' AND NOT 'local' = ANY(chat) THEN builtin ELSE runs_on.id END"


def named(fallbacks: str) -> str:
    """Return SQL for fallbacks that name the provider which they run on today."""
    return f"""(
        SELECT coalesce(jsonb_agg(CASE WHEN one ->> 'provider_id' IS NULL AND one ->> 'model' <> 'local'
            THEN one || jsonb_build_object('provider_id', runs_on.id) ELSE one END ORDER BY place), '[]')
        FROM jsonb_array_elements({fallbacks}) WITH ORDINALITY AS entry(one, place))"""


UNNAMED = """@> '[{"provider_id": null}]'"""
STATEMENTS = [
    # Drafts first, while their bots still show that they name none
    RUNS_ON + f"""UPDATE bot_drafts SET changes = changes || jsonb_build_object(
        'tenant_ai_provider_id', {provider("coalesce(changes ->> 'model', bots.model)")},
        'model', {fitted("coalesce(changes ->> 'model', bots.model)")})
    FROM runs_on, bots WHERE bots.id = bot_id AND changes ? 'tenant_ai_provider_id'
        AND changes ->> 'tenant_ai_provider_id' IS NULL""",
    RUNS_ON + f"""UPDATE bot_drafts SET changes = changes || jsonb_build_object('model', {fitted("changes ->> 'model'")})
    FROM runs_on, bots WHERE bots.id = bot_id AND bots.tenant_ai_provider_id IS NULL AND changes ? 'model'
        AND NOT changes ? 'tenant_ai_provider_id'""",
    RUNS_ON + f"""UPDATE bot_drafts SET changes = jsonb_set(changes, '{{fallbacks}}', {named("changes -> 'fallbacks'")})
    FROM runs_on WHERE changes -> 'fallbacks' {UNNAMED}""",
    RUNS_ON + f"""UPDATE bot_versions SET settings = settings || jsonb_build_object(
        'tenant_ai_provider_id', {provider("settings ->> 'model'")}, 'model', {fitted("settings ->> 'model'")})
    FROM runs_on WHERE settings ? 'model' AND settings ->> 'tenant_ai_provider_id' IS NULL""",
    RUNS_ON + f"""UPDATE bot_versions SET settings = jsonb_set(settings, '{{fallbacks}}', {named("settings -> 'fallbacks'")})
    FROM runs_on WHERE settings -> 'fallbacks' {UNNAMED}""",
    RUNS_ON + f"""UPDATE bots SET tenant_ai_provider_id = {provider("model")}, model = {fitted("model")}
    FROM runs_on WHERE tenant_ai_provider_id IS NULL""",
    RUNS_ON + f"""UPDATE bots SET fallbacks = {named("fallbacks")} FROM runs_on WHERE fallbacks {UNNAMED}""",
    # So that a later migration of the same transaction may alter these tables
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET CONSTRAINTS ALL DEFERRED",
]
# A schema without bots is one that is being made: there may be no table of the platform's providers to read.
WHOLE = "DO $$ BEGIN IF EXISTS (SELECT FROM bots) THEN\n" + ";\n".join(STATEMENTS) + ";\nEND IF; END $$"


class Migration(migrations.Migration):
    """Store with each bot, version and draft that names no provider what it runs on today, so that nothing moves it."""

    dependencies = [
        ('bots', '0006_handing_over'),
        ('providers', '0002_lent_has_no_config'),
    ]

    operations = [migrations.RunSQL([WHOLE], migrations.RunSQL.noop)]
