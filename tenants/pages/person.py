"""A person's visit to their own account, which is in no tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from chatcms.core.exceptions import AppError
from tenants.models import User
from tenants.pages.navigation import ACCOUNT, Link, links
from tenants.pages.refusing import explain, send_to_sign_in
from tenants.permissions import Capability
from tenants.types import Actor

P = ParamSpec("P")
DjangoView = Callable[..., HttpResponseBase]


class Person:
    """Who looks after their own account; made by `account_page`, handed to the view and to its template."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request = request
        self.user = user
        self.actor = Actor(type="user", id=user.pk, label=user.email)

    def may(self, capability: Capability) -> bool:
        """Everybody may do everything with their own account."""
        return capability == Capability.SELF

    def url(self, name: str) -> str:
        """Return the address of a page of the account."""
        return reverse(name)

    def render(self, template: str, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page of the account; `person` is in every template."""
        return render(self.request, template, {"person": self, **(values or {})}, status=status)

    def redirect(self, name: str, *args: Any) -> HttpResponse:
        """Lead to a page that belongs to no tenant."""
        return redirect(name, *args)

    def saved(self, text: str) -> None:
        """Say on the next page, as a toast, that something was done."""
        messages.success(self.request, text)

    @cached_property
    def navigation(self) -> list[Link]:
        """The pages of the account."""
        return links(self, ACCOUNT)


def account_page(view: Callable[Concatenate[Person, P], HttpResponseBase]) -> DjangoView:
    """Make `view(person, ...)` a page of the account of whoever is signed in."""

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return send_to_sign_in(request)
        person = Person(request, request.user)
        try:
            return view(person, *args, **kwargs)
        except AppError as error:
            return explain(request, error, person)

    return page
