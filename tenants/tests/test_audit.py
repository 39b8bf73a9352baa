"""Tests that the audit log can only grow."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tenants import audit
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant
from tenants.types import SYSTEM


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
def test_the_database_refuses_to_change_or_remove_a_line(acme: Tenant, statement: str) -> None:
    audit.record("thing.do", by=SYSTEM)
    before = AuditEvent.objects.count()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.count() == before


def test_a_line_names_the_tenant_in_force(acme: Tenant) -> None:
    with tenant_scope(acme):
        audit.record("thing.do", by=SYSTEM, target=acme, colour="red")
    line = AuditEvent.objects.get(action="thing.do")
    assert (line.tenant_id, line.target_type, line.target_id) == (acme.id, "tenant", str(acme.id))
    assert line.detail == {"colour": "red"}


def test_a_line_falls_with_its_act(acme: Tenant) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("thing.do", by=SYSTEM)
        raise ZeroDivisionError
    assert not AuditEvent.objects.filter(action="thing.do").exists()
