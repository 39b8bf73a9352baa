"""Makes pgvector's types known to every tenant: they live in public, which is on every search path."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public", reverse_sql=migrations.RunSQL.noop
        )
    ]
