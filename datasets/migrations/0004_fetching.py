"""Names the state of a document that is being fetched; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0003_sources_and_edits")]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("fetching", "Fetching"),
                    ("reading", "Reading"),
                    ("splitting", "Splitting"),
                    ("embedding", "Embedding"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                ],
                db_default="queued",
                default="queued",
                max_length=10,
            ),
        ),
    ]
