"""Refusals of services on pages: the one place that says them in the reader's language and puts them into forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from django import forms
from django.utils.translation import gettext

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError


def said(text: str) -> str:
    """Return what a program or an error says, in the reader's language; English where no catalogue has it."""
    if isinstance(text, ErrorText):
        return text.said(gettext)
    return gettext(text) if text else ""


def refusal(error: AppError) -> str:
    """Return why a service refused, in the reader's language."""
    return said(error.detail)


def reasons(error: AppError) -> list[str]:
    """Return every fault that a service found, in the reader's language; at least why it refused."""
    return [said(each["detail"]) for each in error.extra.get("errors", [])] or [refusal(error)]


def add_refusal(
    form: forms.BaseForm, error: AppError, names: Mapping[str, str] | None = None, *, at: str | None = None
) -> None:
    """Show in `form` why a service refused: at the fields its `errors` point to, else at the field `at` or above all.

    `names` leads from the service's words to the form's fields where they differ.
    """
    placed = False
    for each in error.extra.get("errors", []):
        word = str(each.get("pointer", "")).strip("/").partition("/")[0]
        field = (names or {}).get(word, word)
        if field in form.fields:
            form.add_error(field, said(each["detail"]))
            placed = True
    if not placed:
        form.add_error(at if at in form.fields else None, refusal(error))


class Refusals:
    """A block that calls a service for a page; a refusal ends the block, and `show` puts it where people see it.

    `with refusals_in(form): services.do(...); return visit.redirect(...)`. After a refusal the view goes on behind the
    block and shows the form again. `kinds` are the errors that the page shows itself; every other one passes.
    """

    def __init__(self, show: Callable[[Any], None], *, kinds: tuple[type[AppError], ...] = (AppError,)) -> None:
        self._show, self._kinds = show, kinds

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Show a refusal and swallow it."""
        if not isinstance(error, self._kinds):
            return False
        self._show(error)
        return True


def refusals_in(
    form: forms.BaseForm,
    names: Mapping[str, str] | None = None,
    *,
    at: str | None = None,
    kinds: tuple[type[AppError], ...] = (AppError,),
) -> Refusals:
    """Return the block whose refusals show in `form`; see `add_refusal` for where."""
    return Refusals(lambda error: add_refusal(form, error, names, at=at), kinds=kinds)
