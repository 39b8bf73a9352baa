"""What is learned of models: from their vendor's list, from prompts that it refused, and what it gives way to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from providers import learned, services
from providers.catalog.models import GlobalAIProvider
from providers.catalog.selectors import platform_access
from providers.catalog.services import save_provider
from providers.catalog.services import test_connection as try_platform_provider
from providers.connect import Access, ProviderRef
from providers.learned import Listed
from providers.models import TenantAIProvider
from providers.profiles import ModelProfile
from providers.selectors import access_to, provider_by_id
from providers.services import learn_limit
from providers.tests.fake_provider import FakeProvider
from providers.types import ModelInfo
from tenants.models import Tenant
from tenants.types import SYSTEM

KEY = "sk-proj-4f1b2c3d4e5f6g7h"


def listed(**contexts: int | None) -> dict[str, Any]:
    found = [Listed(ModelInfo(name, context_tokens=tokens), ModelInfo(name)) for name, tokens in contexts.items()]
    return learned.from_listing({}, found)


def context(model: str, known: learned.Learned, **facts: Any) -> int | None:
    access = Access.build("openai_compatible", {"base_url": "https://llm.example", **facts}, api_key="k", learned=known)
    return access.model_info(model).context_tokens


# --- what goes before what -----------------------------------------------------------------------------------


def test_the_vendors_list_says_how_much_a_model_reads() -> None:
    assert context("a", listed(a=32_000, b=None)) == 32_000
    assert context("b", listed(a=32_000, b=None)) is None
    assert context("c", listed(a=32_000)) is None


def test_the_list_says_which_models_are_small_unless_the_config_does() -> None:
    small = ModelInfo("a", profile=ModelProfile(small=True))
    known = learned.from_listing({}, [Listed(small, ModelInfo("a")), Listed(ModelInfo("b"), ModelInfo("b"))])
    config = {"base_url": "https://llm.example", "models": [{"id": "a", "small": False}]}

    def is_small(model: str, **more: Any) -> bool:
        access = Access.build("openai_compatible", config | more, api_key="k", learned=known)
        return access.model_info(model).profile.small

    assert (is_small("a", models=[]), is_small("b", models=[]), is_small("a")) == (True, False, False)


@pytest.mark.parametrize(
    ("model", "small"),
    [
        *((name, True) for name in ("llama-3.2-1b", "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf", "gemma3:270m", "LFM2-2.6B")),
        *((name, False) for name in ("llama-3.1-8b", "mixtral-8x7b", "qwen3-30b-a3b", "phi-4", "gpt-4o", "13b")),
    ],
)
def test_the_name_of_a_model_tells_its_size(model: str, small: bool) -> None:
    access = Access.build("openai_compatible", {"base_url": "https://llm.example"}, api_key="k")
    assert access.model_info(model).profile.small is small


def test_the_config_goes_before_the_list_and_the_list_before_what_the_adapter_knows() -> None:
    said = {"models": [{"id": "a", "context_tokens": 9000}]}
    assert context("a", listed(a=32_000), **said) == 9000
    gpt = Access.build("openai", {}, api_key="k", learned=listed(**{"gpt-4": 6000}))
    assert gpt.model_info("gpt-4").context_tokens == 6000


@pytest.mark.parametrize("limit", [4096, 256])
def test_a_limit_that_was_met_holds_against_all_of_them(limit: int) -> None:
    known = learned.with_limit(listed(a=32_000), "a", limit)
    assert context("a", known) == limit
    assert context("a", known, models=[{"id": "a", "context_tokens": 9000}]) == limit
    assert context("a", known, models=[{"id": "a", "context_tokens": 200}]) == 200
    assert context("b", learned.with_limit({}, "b", limit)) == limit


def test_of_two_limits_the_lower_one_is_kept_and_what_no_model_has_is_none() -> None:
    known = learned.with_limit(learned.with_limit({}, "a", 4096), "a", 8192)
    assert context("a", known) == 4096
    assert learned.with_limit({}, "a", 12) == {}


def test_a_list_that_says_something_new_of_a_model_takes_its_limit_away() -> None:
    before = learned.with_limit(learned.with_limit(listed(a=32_000, b=32_000), "a", 4096), "b", 4096)
    again = [
        Listed(ModelInfo(name, context_tokens=size), ModelInfo(name)) for name, size in (("a", 32_000), ("b", 800))
    ]
    known = learned.from_listing(before, again)
    assert (context("a", known), context("b", known)) == (4096, 800)


def test_a_kind_that_the_vendor_tells_is_kept() -> None:
    known = learned.from_listing({}, [Listed(ModelInfo("e5", kind="embedding"), ModelInfo("e5"))])
    assert learned.as_listed(ModelInfo("e5"), known).kind == "embedding"


def test_what_we_knew_all_along_is_not_kept() -> None:
    info = ModelInfo("a", context_tokens=9000)
    assert learned.from_listing({}, [Listed(info, info)])["models"] == [{"id": "a"}]


@pytest.mark.parametrize(("count", "whole"), [(0, False), (1, True), (500, True), (501, False), (3000, False)])
def test_a_very_long_list_is_cut_and_says_so(count: int, whole: bool) -> None:
    known = listed(**{f"m{number}": None for number in range(count)})
    assert len(learned.listed_by_vendor(known)) == min(count, 500)
    assert learned.is_whole(known) is whole


@pytest.mark.parametrize(
    "junk",
    [
        {"models": {"a": {"context_tokens": 9000}}, "limits": 7},
        {"models": ["a", None, {}, {"context_tokens": 9000}], "limits": ["a"]},
        {"models": [{"id": "a", "context_tokens": "many", "kind": 3}], "limits": {"a": "few"}},
        {"models": [{"id": "a", "context_tokens": True}], "limits": {"a": -1}},
        {"models": [{"id": "a", "context_tokens": 10**12}], "limits": {"a": None}},
    ],
)
def test_junk_that_plain_sql_wrote_says_nothing(junk: dict[str, Any]) -> None:
    assert context("a", junk) is None
    assert learned.as_listed(ModelInfo("a"), junk) == ModelInfo("a")


# --- when it is learned --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running_fake() -> Iterator[FakeProvider]:
    with FakeProvider.start(tokens=3) as fake:
        yield fake


@pytest.fixture
def fake(running_fake: FakeProvider, settings: Settings) -> FakeProvider:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({running_fake.host})
    running_fake.reset()
    return running_fake


def make(fake: FakeProvider, kind: str = "openai_compatible", **config: Any) -> TenantAIProvider:
    url = fake.anthropic_url if kind == "anthropic" else fake.openai_url
    config = {"base_url": url, **config}
    return services.create_provider(by=SYSTEM, name="Fake", provider_type=kind, api_key=KEY, config=config)


def reads(provider: TenantAIProvider, model: str) -> int | None:
    return access_to(provider_by_id(provider.pk)).model_info(model).context_tokens


@pytest.mark.parametrize(
    ("kind", "model", "size"), [("openai_compatible", "reads-6000", 6000), ("anthropic", "echo", 200_000)]
)
def test_a_test_that_goes_well_learns_from_the_vendors_list(
    in_acme: Tenant, fake: FakeProvider, kind: str, model: str, size: int
) -> None:
    provider = make(fake, kind)
    assert reads(provider, model) is None
    assert services.test_connection(by=SYSTEM, provider=provider, model="fake").ok
    assert reads(provider, model) == size


def test_a_model_that_answers_and_that_nobody_lists_is_doubted(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake, models=["tokens-3"])
    for model, doubted in (("fake", False), ("tokens-3", False), ("tokens-2", True)):
        result = services.test_connection(by=SYSTEM, provider=provider, model=model)
        assert result.ok
        assert ("does not list it" in result.detail) is doubted
        assert provider_by_id(provider.pk).last_check_detail == result.detail


def test_a_test_that_fails_learns_nothing_and_forgets_nothing(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake)
    services.test_connection(by=SYSTEM, provider=provider, model="fake")
    assert not services.test_connection(by=SYSTEM, provider=provider_by_id(provider.pk), model="fail-500").ok
    assert reads(provider, "reads-6000") == 6000


def test_asking_for_the_list_learns_too(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake)
    found = services.offered_models(provider, live=True)
    assert next(info for info in found.models if info.id == "reads-6000").context_tokens == 6000
    assert reads(provider, "reads-6000") == 6000


def test_a_new_bot_runs_on_a_model_that_the_vendor_lists(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake)
    assert access_to(provider).fitting_model("gpt-9") == "gpt-9"
    services.test_connection(by=SYSTEM, provider=provider, model="fake")
    assert access_to(provider_by_id(provider.pk)).fitting_model("gpt-9") == "gpt-4o-mini"


@pytest.mark.parametrize(
    ("change", "list_stays", "limit_stays"),
    [
        ({"name": "Renamed"}, True, True),
        ({"config": {"models": ["fake"]}}, True, False),
        ({"config": {"timeouts": {"total": 60}}}, True, False),
        ({"api_key": "sk-another"}, False, False),
        ({"config": {"base_url": "https://elsewhere.example/v1"}, "api_key": "sk-another"}, False, False),
    ],
)
def test_what_was_learned_is_forgotten_with_what_it_was_learned_of(
    in_acme: Tenant, fake: FakeProvider, change: dict[str, Any], list_stays: bool, limit_stays: bool
) -> None:
    provider = make(fake)
    services.test_connection(by=SYSTEM, provider=provider, model="fake")
    learn_limit(ProviderRef(provider.pk, is_lent=False), model="cite", tokens=4096, is_named=False)
    if "config" in change:
        change = {**change, "config": {"base_url": fake.openai_url, **change["config"]}}

    services.update_provider(by=SYSTEM, provider=provider, **change)
    assert reads(provider, "reads-6000") == (6000 if list_stays else None)
    assert reads(provider, "cite") == (4096 if limit_stays else None)


def lend(fake: FakeProvider) -> tuple[GlobalAIProvider, TenantAIProvider]:
    row = GlobalAIProvider(name="Lent", provider_type="openai_compatible", config={"base_url": fake.openai_url})
    lent = save_provider(by=SYSTEM, provider=row, api_key=KEY)
    return lent, services.use_global(by=SYSTEM, global_id=lent.pk)


def test_of_a_lent_provider_the_platforms_row_learns_whoever_tests_it(in_acme: Tenant, fake: FakeProvider) -> None:
    lent, provider = lend(fake)
    services.test_connection(by=SYSTEM, provider=provider, model="fake")
    assert reads(provider, "reads-6000") == 6000
    assert provider_by_id(provider.pk).learned == {}

    lent.refresh_from_db()
    save_provider(by=SYSTEM, provider=lent, api_key="sk-another")
    assert reads(provider, "reads-6000") is None
    assert try_platform_provider(by=SYSTEM, provider=lent, model="fake").ok
    assert reads(provider, "reads-6000") == 6000


@pytest.mark.parametrize(("is_named", "size"), [(True, 4096), (False, None)])
def test_a_guess_from_one_tenants_question_binds_no_other_tenant(
    in_acme: Tenant, fake: FakeProvider, is_named: bool, size: int | None
) -> None:
    lent, provider = lend(fake)
    learn_limit(access_to(provider).ref, model="cite", tokens=4096, is_named=is_named)
    lent.refresh_from_db()
    assert platform_access(lent).model_info("cite").context_tokens == size


def test_a_change_of_a_platform_provider_forgets_limits_and_its_name_does_not(
    in_acme: Tenant, fake: FakeProvider
) -> None:
    lent, provider = lend(fake)
    learn_limit(ProviderRef(lent.pk, is_lent=True), model="cite", tokens=4096, is_named=True)
    for config, size in ((lent.config, 4096), ({**lent.config, "models": ["cite"]}, None)):
        lent.name, lent.config = "Renamed", config
        lent = save_provider(by=SYSTEM, provider=lent)
        assert reads(provider, "cite") == size


def test_two_who_learn_at_once_lose_nothing(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake)
    stale = provider_by_id(provider.pk)
    learn_limit(ProviderRef(provider.pk, is_lent=False), model="a", tokens=4096, is_named=True)
    with transaction.atomic():
        stale.learn(lambda before: learned.with_limit(before, "b", 2048))
    assert (reads(provider, "a"), reads(provider, "b")) == (4096, 2048)


def test_a_provider_that_is_gone_learns_nothing(in_acme: Tenant, fake: FakeProvider) -> None:
    ref = ProviderRef(make(fake).pk, is_lent=False)
    TenantAIProvider.objects.all().delete()
    for gone in (ref, replace(ref, is_lent=True), None):
        learn_limit(gone, model="a", tokens=4096, is_named=True)
