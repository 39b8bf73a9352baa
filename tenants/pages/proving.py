"""Asks once more who somebody is before they change how they sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from tenants.pages import door
from tenants.pages.person import DjangoView, Person, account_page

P = ParamSpec("P")


def fresh_account_page(view: Callable[Concatenate[Person, P], HttpResponseBase]) -> DjangoView:
    """Make `view(person, ...)` a page of the account for who has signed in, or proved who they are, just now.

    Others are asked for their password first and come back to the page; a form that was sent is not carried along,
    and they come back to the list of their second factors.
    """

    @wraps(view)
    def page(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not door.is_fresh(person.request):
            return _ask(person)
        return view(person, *args, **kwargs)

    return account_page(page)


def _ask(person: Person) -> HttpResponse:
    is_reading = person.request.method in {"GET", "HEAD"}
    target = person.request.get_full_path() if is_reading else reverse("account:factors")
    return redirect(f"{reverse('account:prove')}?{urlencode({'next': target})}")
