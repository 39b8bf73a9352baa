"""Tests of the templates for new bots."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from bots import services
from bots.catalogue import TEMPLATES, BotTemplate, template_of
from tenants.models import Tenant
from tenants.types import SYSTEM


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_template_makes_a_bot(in_acme: Tenant, template: BotTemplate) -> None:
    settings: dict[str, Any] = template.settings
    with override("en"):
        bot = services.create_bot(by=SYSTEM, name=str(template.name), **settings)
    assert {name: getattr(bot, name) for name in settings} == settings


def test_a_template_is_found_by_its_key() -> None:
    assert len({one.key for one in TEMPLATES}) == len(TEMPLATES)
    assert template_of("support") is TEMPLATES[0]
    assert template_of("nothing") is None
