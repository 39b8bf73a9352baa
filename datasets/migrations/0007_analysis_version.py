"""Notes with each document by which version its words were analysed; those that are there are of the first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0006_reading_notices")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="analysis_version",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, editable=False),
        ),
    ]
