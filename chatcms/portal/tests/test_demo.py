"""What an installation is given once is never made again by itself, and `bootstrap` names tenants it leaves behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from bots.models import Bot
from chatcms.portal import content
from chatcms.portal.demo import credentials, services
from chatcms.portal.demo.sample import remove_sample
from datasets.models import Dataset
from providers.catalog.models import GlobalAIProvider
from tenants.context import tenant_scope
from tenants.models import Membership, Seed, Tenant, User
from tenants.services import lifecycle
from tenants.types import SYSTEM

MIGRATION = import_module("tenants.migrations.0010_seeds_and_tenants_behind")


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    """Where the sign-ins are written to."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "credentials.txt"


@pytest.fixture
def start(db: None, file: Path) -> Callable[[], str]:
    """Do what each start does, on an installation that begins empty; return what it says."""
    for tenant in Tenant.objects.all():
        tenant.delete()
    User.objects.all().delete()
    GlobalAIProvider.objects.all().delete()
    return lambda: _bootstrap(file)


def _bootstrap(file: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("bootstrap", "--credentials", str(file), *options, stdout=said, stderr=said)
    return said.getvalue()


def _demo(file: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("demo", "--credentials", str(file), *options, stdout=said)
    return said.getvalue()


def _sample() -> Tenant:
    return Tenant.objects.get(slug=content.TENANT_SLUG)


def _rename_admin() -> None:
    User.objects.filter(email=content.ADMIN_EMAIL).update(email="ada@acme.example")


def _remove_admin() -> None:
    User.objects.filter(email=content.ADMIN_EMAIL).delete()


def _remove_owner() -> None:
    User.objects.filter(email=content.OWNER_EMAIL).delete()


def _remove_membership() -> None:
    Membership.objects.filter(user__email=content.OWNER_EMAIL).delete()


def _rename_tenant() -> None:
    Tenant.objects.filter(slug=content.TENANT_SLUG).update(slug="fjord")


def _drop_tenant() -> None:
    tenant = _sample()
    lifecycle.request_deletion(by=SYSTEM, tenant=tenant)
    Tenant.objects.filter(pk=tenant.pk).delete()


def _remove_content() -> None:
    with tenant_scope(_sample()):
        remove_sample(by=SYSTEM)


def _rename_bot() -> None:
    with tenant_scope(_sample()):
        Bot.objects.update(name="Our own")
        Dataset.objects.update(name="Our own")


def _remove_document() -> None:
    with tenant_scope(_sample()):
        Dataset.objects.get().documents.all().delete()


def _remove_provider() -> None:
    GlobalAIProvider.objects.filter(provider_type="anthropic").delete()


def _change_type() -> None:
    GlobalAIProvider.objects.filter(provider_type="openai").update(provider_type="openai_compatible")


def _remove_every_provider() -> None:
    GlobalAIProvider.objects.all().delete()


CHANGES = [
    _rename_admin, _remove_admin, _remove_owner, _remove_membership, _rename_tenant, _drop_tenant, _remove_content,
    _rename_bot, _remove_document, _remove_provider, _change_type, _remove_every_provider,
]  # fmt: skip


def _everything() -> dict[str, list[Any]]:
    """What is there of all that could be made again."""
    found: dict[str, list[Any]] = {
        "people": list(User.objects.order_by("email").values_list("email", "is_superuser")),
        "members": list(Membership.objects.order_by("user__email").values_list("user__email", "tenant__slug")),
        "tenants": list(Tenant.objects.order_by("slug").values_list("slug", flat=True)),
        "providers": list(GlobalAIProvider.objects.order_by("name").values_list("name", flat=True)),
    }
    for tenant in Tenant.objects.all():
        with tenant_scope(tenant):
            found["bots"] = list(Bot.objects.values_list("name", flat=True))
            found["datasets"] = [(one.name, one.documents.count()) for one in Dataset.objects.all()]
    return found


def test_a_first_start_makes_the_demonstration_and_writes_its_sign_ins(
    start: Callable[[], str], file: Path, client: Client
) -> None:
    start()

    assert [account.email for account in credentials.read(file)] == [content.ADMIN_EMAIL, content.OWNER_EMAIL]
    assert file.stat().st_mode & 0o777 == 0o600
    for account in credentials.read(file):
        assert User.objects.get(email=account.email).check_password(account.password)
    found = _everything()
    assert found["tenants"] == [content.TENANT_SLUG]
    assert found["bots"] == [content.BOT_NAME]
    assert found["datasets"] == [(content.DATASET_NAME, len(list(content.DOCUMENTS.iterdir())))]
    assert len(found["providers"]) == 3


def test_a_second_start_changes_nothing(start: Callable[[], str], file: Path) -> None:
    start()
    before, written = _everything(), file.read_text()
    start()
    assert (_everything(), file.read_text()) == (before, written)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_people_rename_or_remove_is_not_made_again(
    start: Callable[[], str], file: Path, change: Callable[[], None]
) -> None:
    start()
    change()
    before = _everything()

    start()
    _demo(file)
    _demo(file, "--reset-passwords")
    call_command("seed_providers", stdout=io.StringIO())
    start()

    assert _everything() == before


def test_the_file_of_sign_ins_follows_what_becomes_of_them(start: Callable[[], str], file: Path) -> None:
    start()
    _rename_admin()
    start()
    assert [account.email for account in credentials.read(file)] == [content.OWNER_EMAIL]

    owner = User.objects.get(email=content.OWNER_EMAIL)
    owner.set_password("one of the person's own")
    owner.save()
    start()
    assert not file.exists()


def test_new_passwords_go_to_who_is_still_here_and_into_the_file(start: Callable[[], str], file: Path) -> None:
    start()
    _remove_owner()

    said = _demo(file, "--reset-passwords")

    (account,) = credentials.read(file)
    assert account.email == content.ADMIN_EMAIL
    assert account.password in said
    assert User.objects.get(email=content.ADMIN_EMAIL).check_password(account.password)
    assert content.OWNER_EMAIL not in said


def test_new_passwords_for_nobody_say_so(start: Callable[[], str], file: Path) -> None:
    start()
    _remove_owner()
    _rename_admin()
    assert "--again" in _demo(file, "--reset-passwords")


def test_only_a_person_who_asks_gets_it_again(start: Callable[[], str], file: Path) -> None:
    start()
    before = _everything()
    _remove_admin()
    _drop_tenant()
    _remove_owner()

    _demo(file, "--again")

    assert _everything() == before


def test_a_start_that_broke_off_goes_on(start: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(services, "add_sample", broken)
        with pytest.raises(OSError, match="disk"):
            start()
    start()
    assert _everything()["bots"] == [content.BOT_NAME]


def test_an_installation_that_has_people_of_its_own_gets_no_demonstration(start: Callable[[], str], file: Path) -> None:
    User.objects.create_superuser("ada@acme.example")
    start()
    assert list(User.objects.values_list("email", flat=True)) == ["ada@acme.example"]
    assert not Tenant.objects.exists()
    assert not file.exists()


def test_an_installation_in_use_counts_as_given_everything(acme: Tenant, file: Path) -> None:
    GlobalAIProvider.objects.all().delete()
    MIGRATION.remember_what_was_given(apps, None)
    before = _everything()
    _bootstrap(file)
    _demo(file)
    assert _everything() == before
    assert set(MIGRATION.GIVEN) >= {*services.SEEDS}


def test_an_empty_installation_remembers_nothing(start: Callable[[], str]) -> None:
    MIGRATION.remember_what_was_given(apps, None)
    assert not Seed.objects.exists()


@pytest.fixture
def broken(globex: Tenant) -> Tenant:
    """A tenant whose schema cannot be migrated."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{globex.schema_name}" CASCADE')
    return globex


def test_bootstrap_fails_and_names_the_tenants_left_behind(acme: Tenant, broken: Tenant, file: Path) -> None:
    with pytest.raises(CommandError) as caught:
        _bootstrap(file)
    said = str(caught.value)
    assert "1 of 2 tenants could not be migrated: globex." in said
    assert "--despite-failed-tenants" in said
    assert caught.value.returncode == 1


@pytest.mark.parametrize("way", ["option", "setting"])
def test_told_so_it_leaves_them_behind_and_shuts_them(
    acme: Tenant, broken: Tenant, file: Path, settings: Any, way: str
) -> None:
    settings.START_WITH_FAILED_TENANTS = way == "setting"

    said = _bootstrap(file, *(["--despite-failed-tenants"] if way == "option" else []))

    assert said.splitlines()[-1].startswith("Attention: 1 of 2 tenants could not be migrated: globex.")
    assert list(Tenant.objects.enterable()) == [acme]
