"""Tries a provider and remembers how it went."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Literal

from django.db import transaction

from providers.connect import failed_check
from providers.exceptions import ProviderCannotList, ProviderError
from providers.models import TenantAIProvider
from providers.selectors import access_to, is_unlisted
from providers.services.learning import learn_listing
from providers.types import CheckResult, ModelInfo
from tenants import audit
from tenants.context import release_connection
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class Offer:
    """The models of a provider, and who says so."""

    listed_by: Literal["us", "vendor", "both"]
    models: list[ModelInfo]


def test_connection(*, by: Actor, provider: TenantAIProvider, model: str = "") -> CheckResult:
    """Make a real, tiny call to a provider of the tenant in force and store how it went.

    One that answers is also asked for its models, and what it says of them is kept.

    Never raises a `ProviderError`: what is wrong is told in the result. Not to be called in a transaction: no
    database connection is held while the vendor is waited for.
    """
    try:
        access = access_to(provider)
    except ProviderError as error:
        result, listing = failed_check(error, model), None
    else:
        release_connection()
        result = access.check(model)
        listing = access.listing() if result.ok else None
    with transaction.atomic():
        if listing is not None:
            learn_listing(access.ref, listing)
            result = _with_doubt(result, provider.pk)
        provider.remember_check(result)
        audit.record("provider.test", by=by, target=provider, ok=result.ok, code=result.code)
    return result


def _with_doubt(result: CheckResult, provider_id: uuid.UUID) -> CheckResult:
    """Say so if the model that answered is in no list: some servers answer with another than they were asked for."""
    row = TenantAIProvider.objects.filter(pk=provider_id).first()
    if row is None or not is_unlisted(row, result.model):
        return result
    return replace(result, detail=f"{result.detail} Its provider does not list it, though: check the name.")


def offered_models(provider: TenantAIProvider, *, live: bool = False) -> Offer:
    """Return the models known of a provider; where none are, or with `live`, ask its vendor (too).

    Not to be called in a transaction: no database connection is held while the vendor is waited for. Raises
    the `ProviderError` that says why the vendor could not be asked.
    """
    access = access_to(provider)
    known = access.known_models()
    if known and not live:
        return Offer("us", known)
    release_connection()
    try:
        listing = access.vendor_list()
    except ProviderCannotList:
        if not known:
            raise
        return Offer("us", known)
    learn_listing(access.ref, listing)
    ids = {info.id for info in known}
    found = [info for info in access.known_from(listing) if info.id not in ids]
    return Offer("both" if known else "vendor", known + found)
