"""Says of accounts whether their mailbox has answered, and of invitations whether only the mailbox knows the link."""

from django.db import migrations, models
from django.db.models.functions import Now


def trust_what_is_there(apps, schema_editor):
    """Accounts from before go on as they were: they came by mailed links, or from the platform's staff."""
    apps.get_model("tenants", "User").objects.update(email_proven_at=Now())


class Migration(migrations.Migration):
    dependencies = [("tenants", "0013_own_domains")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_proven_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="by_mail_only",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(trust_what_is_there, migrations.RunPython.noop),
    ]
