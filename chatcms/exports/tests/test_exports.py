"""An export holds all that a tenant has, nothing of another tenant, and no secret."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from chatcms.exports import contents, making, services
from chatcms.exports.enums import ExportState
from chatcms.exports.exceptions import ExportUnderWayError
from chatcms.exports.models import TenantExport
from chatcms.jobs import runner
from chatcms.tests.world import things_of
from chatcms.webhooks.models import Webhook
from datasets.models import Document
from datasets.tests.knowledge import ingest, make_dataset
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, Invitation, Membership, Tenant, TenantSettings
from tenants.services import logos
from tenants.tests import factories
from tenants.tests.pictures import png
from tenants.types import SYSTEM

CANARY = "canary-that-must-not-leave"
ADDRESS = "/t/acme/settings/exports/"
# Made anew from what is exported, or of no use to anybody else.
NOT_EXPORTED = {
    "ChunkVector", "Posting", "IdempotentTurn", "Spending", "AnalyticsState", "TenantExport",
}  # fmt: skip
# Rows about a tenant in the public schema that are not its own, each for a reason.
NOT_THE_TENANTS = {
    "IdempotentRequest": "encrypted answers, kept for a day",
    "Job": "the queue",
    "Membership": "exported by hand, as members, with the people's names",
    "MemberRequest": "what the platform asked about people who are no members yet; its end is in the audit log",
    "RefreshToken": "credentials",
    "RestingDomain": "outlives the tenant, for the platform",
    "SchemaVersion": "the state of migrations, for the platform",
    "TenantLogo": "exported as a file",
    "UsageDay": "summed up from usage, for the platform",
}
SUSPICIOUS = ("secret", "hash", "encrypted", "password")
HARMLESS = {"secret_last_four", "sha256"}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


def made(tenant: Tenant) -> zipfile.ZipFile:
    """The file of an export of the tenant, made by its job."""
    with tenant_scope(tenant):
        export = services.ask_for_export(by=SYSTEM)
    runner.run_due()
    with tenant_scope(tenant):
        assert TenantExport.objects.get(pk=export.pk).state == ExportState.READY
        return zipfile.ZipFile(io.BytesIO(making.path_of(export.pk).read_bytes()))


def lines(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def test_every_table_of_a_tenant_is_exported_or_left_out_on_purpose() -> None:
    labels = {apps.get_containing_app_config(f"{name}.models").label for name in django_settings.TENANT_APPS}  # type: ignore[union-attr]
    models = {model.__name__ for model in apps.get_models() if model._meta.app_label in labels}

    assert models == {table.model.__name__ for table in contents.TABLES} | NOT_EXPORTED


def test_every_row_about_a_tenant_in_the_public_schema_is_exported_or_left_out_on_purpose() -> None:
    labels = {apps.get_containing_app_config(f"{name}.models").label for name in django_settings.TENANT_APPS}  # type: ignore[union-attr]
    public = [model for model in apps.get_models() if model._meta.app_label not in labels]
    named = {
        model.__name__ for model in public if any(field.attname == "tenant_id" for field in model._meta.concrete_fields)
    }

    assert named == {table.model.__name__ for table in contents.SHARED} | set(NOT_THE_TENANTS)


@pytest.mark.parametrize("table", [*contents.TABLES, *contents.SHARED], ids=lambda table: table.name)
def test_no_column_that_may_hold_a_secret_is_exported(table: contents.Table) -> None:
    found = {name for name in contents.columns(table) if any(word in name for word in SUSPICIOUS)}

    assert found <= HARMLESS


def test_an_export_holds_the_rows_and_files_and_no_secret(acme: Tenant, globex: Tenant) -> None:
    things_of(globex)
    things = things_of(acme)
    with tenant_scope(acme):
        document = ingest(make_dataset(), "rules.md", "# Rules\n\nForty days.")
        TenantAIProvider.objects.update(encrypted_key=CANARY)
        Webhook.objects.update(secret=CANARY)
    ApiKey.objects.update(key_hash=CANARY)
    Invitation.objects.filter(tenant=acme).update(token_hash=CANARY)
    TenantSettings.objects.get_or_create(tenant=acme)
    TenantSettings.objects.update(identity_secret=CANARY)

    logo = logos.put_logo(by=SYSTEM, tenant=acme, content=png()).logo_name

    archive = made(acme)

    assert archive.read(f"logo/{logo}") == png()
    assert things["conversation_id"] in [line["id"] for line in lines(archive, "conversations")]
    assert [line["name"] for line in lines(archive, "bots")] == ["Bot of acme"]
    assert archive.read(f"files/{document.pk}/rules.md") == b"# Rules\n\nForty days."
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert CANARY.encode() not in everything
    assert b"globex" not in everything


def test_the_page_asks_for_one_at_a_time_and_hands_it_out(client: Client, acme: Tenant) -> None:
    client.post(f"{ADDRESS}new/")
    assert b"hx-trigger" in client.get(ADDRESS).content
    with tenant_scope(acme), pytest.raises(ExportUnderWayError):
        services.ask_for_export(by=SYSTEM)
    assert client.post(f"{ADDRESS}new/").status_code == 409
    with tenant_scope(acme):
        export = TenantExport.objects.get()
    assert client.get(f"{ADDRESS}{export.pk}/").status_code == 404

    with tenant_scope(acme):
        making.make(export.pk)

    answer = client.get(f"{ADDRESS}{export.pk}/")
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer)))
    actions = set(AuditEvent.objects.filter(tenant_id=acme.pk).values_list("action", flat=True))
    assert {"export.create", "export.download"} <= actions


def test_after_a_week_it_is_gone_with_its_file(in_acme: Tenant) -> None:
    export = services.ask_for_export(by=SYSTEM)
    making.make(export.pk)
    path = making.path_of(export.pk)
    assert path.is_file()

    assert services.remove_old() == 0
    TenantExport.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert services.remove_old() == 1
    assert not path.exists()


def test_who_may_not_change_settings_gets_none(acme: Tenant) -> None:
    editor = Client(headers={"Accept": "text/html"})
    editor.force_login(factories.make_member(acme, "ed@acme.example", role=Role.EDITOR).user)

    assert editor.get(ADDRESS).status_code == 403
    assert editor.post(f"{ADDRESS}new/").status_code == 403
    with tenant_scope(acme):
        assert Document.objects.count() == TenantExport.objects.count() == 0
