"""Tests of how providers' keys are kept."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from providers import crypto
from providers.exceptions import ProviderMisconfigured

OLD, NEW = "old-" + "o" * 40, "new-" + "n" * 40
SECRET = "sk-proj-4f1b2c3d4e5f6g7h"


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = [OLD]


def test_a_key_comes_back_in_its_own_context() -> None:
    assert crypto.decrypt(crypto.encrypt(SECRET, context="tenant/a"), context="tenant/a") == SECRET


def test_the_ciphertext_holds_nothing_of_the_key_and_is_new_each_time() -> None:
    first, second = (crypto.encrypt(SECRET, context="tenant/a") for _ in range(2))
    assert first != second
    assert SECRET not in first


def test_a_ciphertext_copied_to_another_row_or_tenant_cannot_be_read_there() -> None:
    ciphertext = crypto.encrypt(SECRET, context="tenant/a/provider/1")
    for elsewhere in ("tenant/a/provider/2", "tenant/b/provider/1", "platform/provider/1", ""):
        with pytest.raises(ProviderMisconfigured):
            crypto.decrypt(ciphertext, context=elsewhere)


def test_a_tampered_ciphertext_cannot_be_read() -> None:
    ciphertext = crypto.encrypt(SECRET, context="x")
    with pytest.raises(ProviderMisconfigured):
        crypto.decrypt(ciphertext[:-5] + "AAAA=", context="x")


def test_an_older_encryption_key_still_decrypts_and_the_first_one_encrypts(settings: Settings) -> None:
    before = crypto.encrypt(SECRET, context="x")
    settings.KEY_ENCRYPTION_KEYS = [NEW, OLD]
    after = crypto.encrypt(SECRET, context="x")
    assert crypto.decrypt(before, context="x") == SECRET
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(after, context="x") == SECRET


def test_a_missing_encryption_key_is_explained_with_its_cure(settings: Settings) -> None:
    ciphertext = crypto.encrypt(SECRET, context="x")
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(ProviderMisconfigured, match="Enter the provider's key again") as caught:
        crypto.decrypt(ciphertext, context="x")
    assert ciphertext not in caught.value.detail
    assert "KEY_ENCRYPTION_KEYS" in caught.value.detail


def test_spaces_around_encryption_keys_do_not_matter(settings: Settings) -> None:
    ciphertext = crypto.encrypt(SECRET, context="x")
    settings.KEY_ENCRYPTION_KEYS = [f" {OLD} ", ""]
    assert crypto.decrypt(ciphertext, context="x") == SECRET


def test_no_encryption_key_at_all_is_said_plainly(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = [""]
    with pytest.raises(ProviderMisconfigured, match="set KEY_ENCRYPTION_KEYS"):
        crypto.encrypt(SECRET, context="x")


@pytest.mark.parametrize(("secret", "shown"), [(SECRET, "6g7h"), ("short", ""), ("", "")])
def test_of_a_key_only_the_last_four_are_shown_and_of_a_short_one_nothing(secret: str, shown: str) -> None:
    assert crypto.last_four(secret) == shown
