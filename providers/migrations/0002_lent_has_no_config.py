from django.db import migrations, models


class Migration(migrations.Migration):
    """Only the platform says which models a lent provider has and what they cost: what tenants stored there goes."""

    dependencies = [
        ('providers', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE tenant_ai_providers SET config = '{}' WHERE global_provider_id IS NOT NULL AND config <> '{}'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='tenantaiprovider',
            constraint=models.CheckConstraint(condition=models.Q(('global_provider_id', None), ('config', {}), _connector='OR'), name='tenant_ai_providers_lent_has_no_config'),
        ),
    ]
