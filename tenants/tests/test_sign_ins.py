"""Tests of what is kept of sign-ins, and for how long."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from chatcms.jobs.tasks import forget_ended_sign_ins
from tenants.models import BrowserSession, Membership, RefreshToken
from tenants.services import tokens
from tenants.sessions import stored_key
from tenants.tests import factories


def test_sign_ins_that_have_run_out_are_forgotten(owner: Membership) -> None:
    ended, going_on = Client(), Client()
    for browser in (ended, going_on):
        browser.force_login(owner.user)
    factories.make_token_pair(owner)
    past = timezone.now() - timedelta(seconds=1)
    BrowserSession.objects.filter(session_key=stored_key(ended.session.session_key or "")).update(expire_date=past)
    RefreshToken.objects.update(expires_at=past)

    forget_ended_sign_ins()

    assert [row.session_key for row in BrowserSession.objects.all()] == [stored_key(going_on.session.session_key or "")]
    assert not RefreshToken.objects.exists()


def test_an_expired_link_stays_as_long_as_its_family_lives(owner: Membership) -> None:
    pair = factories.make_token_pair(owner)
    newer = tokens.rotate(pair.refresh)
    first = RefreshToken.objects.filter(consumed_at__isnull=False)
    assert first.update(expires_at=timezone.now() - timedelta(seconds=1)) == 1

    forget_ended_sign_ins()

    assert RefreshToken.objects.count() == 2
    assert tokens.rotate(newer.refresh)
