"""Tests that a replayed template makes the schema that the migrations make."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants.context import schema_scope
from tenants.models import Tenant
from tenants.services import template
from tenants.services.schema_changes import SchemaChanges
from tenants.tests import schemas


def test_the_checked_in_template_is_what_the_migrations_make(db: None) -> None:
    call_command("build_tenant_template", check=True)


def test_an_old_template_is_noticed(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "PATH", tmp_path / "template.sql")
    call_command("build_tenant_template", verbosity=0)
    call_command("build_tenant_template", check=True)
    template.PATH.write_text(template.PATH.read_text() + "-- more\n")
    with pytest.raises(CommandError, match="out of date"):
        call_command("build_tenant_template", check=True)


def test_the_template_names_no_schema(db: None) -> None:
    text = template.PATH.read_text(encoding="utf-8")
    assert template.SCRATCH not in text
    assert "public." not in text


def test_building_the_template_leaves_nothing_behind(db: None) -> None:
    template.build()
    assert not schemas.schema_exists(template.SCRATCH)


@pytest.mark.django_db(transaction=True)
def test_a_replayed_schema_dumps_like_a_migrated_one(acme: Tenant) -> None:
    schemas.replay("t_replayed")
    schemas.migrate("t_migrated")
    replayed = schemas.dump("t_replayed")
    assert "CREATE TABLE <schema>.documents" in replayed
    assert replayed == schemas.dump("t_migrated")


@pytest.mark.django_db(transaction=True)
def test_a_replayed_schema_knows_all_its_migrations(acme: Tenant) -> None:
    schemas.replay("t_replayed")
    with schema_scope("t_replayed"), connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        recorded = cursor.fetchall()
    assert recorded == [(migration.app_label, migration.name) for migration in SchemaChanges().all]
