"""The SQL that makes a new tenant's schema whole at once: built from the migrations, checked in, replayed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.db import connection, transaction

from tenants.context import schema_scope
from tenants.services.schema_changes import SchemaChanges, apply

PATH = Path(__file__).parent.parent / "provisioning" / "template.sql"
SCRATCH = "template_being_built"
_HEAD = """\
-- What a new tenant's schema holds. Built by `manage.py build_tenant_template`; do not edit.
-- Names no schema: it is run with the new one first on the search path.
"""


@cache
def sql() -> str:
    """Return the checked-in template."""
    return PATH.read_text(encoding="utf-8")


def build() -> str:
    """Return the template that the migrations make now; leaves nothing in the database.

    Every migration is run in a scratch schema inside a transaction that is rolled back.
    """
    parts = [_HEAD]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {SCRATCH}")
        with schema_scope(SCRATCH):
            changes = SchemaChanges()
            state = changes.state_after(frozenset())
            for migration in changes.all:
                state, change = apply(migration, state)
                parts.append(f"\n-- {change}\n{change.sql}\n")
        transaction.set_rollback(True)
    return "".join(parts)
