import chatcms.core.db.ids
import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_browser_sessions")]

    operations = [
        migrations.CreateModel(
            name="AccessGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=chatcms.core.db.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("viewer", "Viewer"), ("editor", "Editor")], default="viewer", max_length=10
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, db_default="", default="", max_length=254)),
            ],
            options={
                "db_table": "access_grants",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="grant_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="tenantsettings",
            name="approve_staff_access",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="access_grants", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="tenant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="access_grants", to="tenants.tenant"
            ),
        ),
        migrations.AddIndex(
            model_name="accessgrant",
            index=models.Index(fields=["tenant", "staff"], name="access_grants_by_tenant"),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at__isnull", True), ("starts_at__isnull", True)),
                    models.Q(
                        ("ends_at__gt", models.F("starts_at")),
                        ("ends_at__isnull", False),
                        (
                            "ends_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("starts_at"), "+", models.Value(datetime.timedelta(seconds=28800))
                            ),
                        ),
                        ("starts_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="access_grants_bounded",
            ),
        ),
    ]
