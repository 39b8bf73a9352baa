import bots.models.bot
import django.core.validators
from django.db import migrations, models

# What was published before was given eight, and is given eight again when it is restored.
KEPT_VERSIONS = """UPDATE bot_versions SET settings = settings || '{"passages": 8}' WHERE NOT settings ? 'passages'"""


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0007_runs_on'),
        ('datasets', '0005_questions_and_answers'),
        ('providers', '0002_lent_has_no_config'),
    ]

    operations = [
        migrations.AddField(
            model_name='bot',
            name='passages',
            field=models.PositiveSmallIntegerField(db_default=8, default=8, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)]),
        ),
        migrations.AlterField(
            model_name='bot',
            name='temperature',
            field=models.FloatField(db_default=0.2, default=0.2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2), bots.models.bot.validate_finite]),
        ),
        migrations.RunSQL(KEPT_VERSIONS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='bot',
            constraint=models.CheckConstraint(condition=models.Q(('passages__gte', 1), ('passages__lte', 20)), name='bots_passages_1_to_20'),
        ),
    ]
