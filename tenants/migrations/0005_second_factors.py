import chatcms.core.db.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_settings_usage_and_idempotency")]

    operations = [
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.UUIDField(default=chatcms.core.db.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("code_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "recovery_codes",
            },
        ),
        migrations.CreateModel(
            name="SecondFactor",
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
                    "kind",
                    models.CharField(choices=[("totp", "Authenticator app"), ("passkey", "Passkey")], max_length=10),
                ),
                ("name", models.CharField(max_length=100)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("secret", models.TextField(blank=True, db_default="", default="")),
                ("last_counter", models.BigIntegerField(db_default=0, default=0)),
                ("credential_id", models.BinaryField(max_length=1023, null=True, unique=True)),
                ("public_key", models.BinaryField(null=True)),
                ("sign_count", models.BigIntegerField(db_default=0, default=0)),
                (
                    "transports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "db_table": "second_factors",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="tenantsettings",
            name="require_second_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="recoverycode",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="recovery_codes", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="secondfactor",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="second_factors", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("user", "code_hash"), name="recovery_codes_once"),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("credential_id__isnull", True), ("kind", "totp"), models.Q(("secret", ""), _negated=True)
                    ),
                    models.Q(
                        ("credential_id__isnull", False),
                        ("kind", "passkey"),
                        ("public_key__isnull", False),
                        ("secret", ""),
                    ),
                    _connector="OR",
                ),
                name="second_factors_whole",
            ),
        ),
    ]
