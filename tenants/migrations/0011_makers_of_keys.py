"""Says of keys that keys made who answers for them: whoever made the first one, as the audit log knows."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import migrations


def find_makers(apps: Any, schema_editor: Any) -> None:
    """Follow each key back to the one that made it; the oldest come first, so that chains resolve."""
    keys, lines = apps.get_model("tenants", "ApiKey"), apps.get_model("tenants", "AuditEvent")
    for key in keys.objects.filter(created_by__isnull=True).order_by("created_at"):
        made = lines.objects.filter(action="api_key.create", actor_type="api_key", target_id=str(key.pk)).first()
        if made is not None:
            maker: uuid.UUID | None = (
                keys.objects.filter(pk=made.actor_id).values_list("created_by_id", flat=True).first()
            )
            keys.objects.filter(pk=key.pk).update(created_by_id=maker)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("tenants", "0010_seeds_and_tenants_behind")]

    operations = [migrations.RunPython(find_makers, migrations.RunPython.noop)]
