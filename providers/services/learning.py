"""Keeps what is learned of a provider's models: from its vendor's list, and from prompts that it refused."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from providers.abstract import ProviderRow
from providers.catalog.models import GlobalAIProvider
from providers.connect import ProviderRef
from providers.learned import VendorList, from_listing, with_limit
from providers.models import TenantAIProvider


def learn_listing(ref: ProviderRef | None, listing: VendorList) -> None:
    """Keep what the vendor's list tells, in the row of the tenant or of the platform that has the key."""
    with transaction.atomic():
        if (row := _row(ref)) is not None:
            row.learn(partial(from_listing, found=listing))


def learn_limit(ref: ProviderRef | None, *, model: str, tokens: int, is_named: bool) -> None:
    """Keep that a model reads no more than `tokens`, since its vendor refused more.

    A limit that the vendor did not name is a guess from one question: the platform's providers, which all tenants
    share, are not bound by it.
    """
    if ref is None or (ref.is_lent and not is_named):
        return
    with transaction.atomic():
        if (row := _row(ref)) is not None:
            row.learn(partial(with_limit, model=model, tokens=tokens))


def _row(ref: ProviderRef | None) -> ProviderRow | None:
    if ref is None:
        return None
    kind: type[ProviderRow] = GlobalAIProvider if ref.is_lent else TenantAIProvider
    return kind._base_manager.filter(pk=ref.id).first()
