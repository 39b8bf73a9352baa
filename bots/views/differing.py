"""Puts the differences of two states of a bot into words: names instead of ids, labels instead of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bots import history
from bots.differences import Line, lines_between
from bots.enums import NoEvidence
from bots.forms import BotForm, LookForm
from bots.models import Bot
from datasets.models import Dataset
from providers.models import TenantAIProvider

_FORM_NAMES = {"tenant_ai_provider_id": "provider", "dataset_ids": "datasets"}


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A setting that differs, with its label; either `lines`, or `before` and `after`."""

    label: Any
    before: str
    after: str
    lines: tuple[Line, ...]


def shown_differences(bot: Bot, *, before: str, after: str) -> list[ShownDifference]:
    """Return how two states differ, for people; raise `NoSuchVersionError`."""
    found = history.difference(bot, before=before, after=after)
    names = _names() if any(one.field in {*_FORM_NAMES, "fallbacks"} for one in found) else {}
    shown = []
    for one in found:
        lines = one.lines
        if one.field in {"dataset_ids", "fallbacks"}:
            lines = lines_between(_items(one.before, names), _items(one.after, names))
        shown.append(
            ShownDifference(
                _label(one.field), _value(one.field, one.before, names), _value(one.field, one.after, names), lines
            )
        )
    return shown


def _names() -> dict[str, str]:
    """What datasets and providers are called, by id."""
    rows = [*Dataset.objects.values_list("pk", "name"), *TenantAIProvider.objects.values_list("pk", "name")]
    return {str(pk): name for pk, name in rows}


def _label(field: str) -> Any:
    part, _dot, name = field.partition(".")
    if part == "look":
        return LookForm.base_fields[name].label if name in LookForm.base_fields else name
    if field == "fallbacks":
        return _("Models to fall back to")
    name = _FORM_NAMES.get(field, field)
    return BotForm.base_fields[name].label if name in BotForm.base_fields else name


def _items(values: Any, names: Mapping[str, str]) -> list[str]:
    items = []
    for value in values or ():
        if isinstance(value, dict):
            provider = _named(value["provider_id"], names) if value["provider_id"] else ""
            items.append(" · ".join(filter(None, (value["model"], provider))))
        else:
            items.append(_named(value, names))
    return sorted(items) if values and not isinstance(values[0], dict) else items


def _named(key: str, names: Mapping[str, str]) -> str:
    return names.get(key, _("one that is gone"))


def _value(field: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "tenant_ai_provider_id":
        return _named(value, names) if value else _("the tenant's default")
    if value is None or value == "":
        return _("nothing")
    if field == "no_evidence":
        return str(dict(NoEvidence.choices).get(value, value))
    form_field = LookForm.base_fields.get(field.partition(".")[2])
    if isinstance(form_field, forms.ChoiceField):
        return str(dict(form_field.choices).get(value, value))  # type: ignore[arg-type]  # pairs, as declared
    return str(value)
