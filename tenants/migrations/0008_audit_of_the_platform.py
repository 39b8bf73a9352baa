from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_access_grants")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("tenant_id__isnull", True)), fields=["action", "-id"], name="audit_of_platform"
            ),
        ),
    ]
