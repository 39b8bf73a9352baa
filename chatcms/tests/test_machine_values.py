"""What machines read is written in one way in every language: values of inputs, decimal numbers, files of CSV."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.utils import translation

from chatcms.config.environment import BASE_DIR
from chatcms.core.pages.forms import DateInput, DecimalInput
from chatcms.core.text import csvout
from chatcms.core.text.decimals import jsonable, plain
from chatcms.tests.source import product

LANGUAGES = [code for code, _ in settings.LANGUAGES]
NUMBER = r"-?[0-9]+(\.[0-9]+)?"
# What an input of each type takes for its value, by the HTML standard, and values that tempt a formatter.
MACHINE: dict[str, tuple[str, list[Any]]] = {
    "date": (r"\d{4}-\d\d-\d\d", [date(2026, 3, 9), datetime(2026, 3, 9, 14, 5, tzinfo=UTC)]),
    "time": (r"\d\d:\d\d(:\d\d)?", [time(14, 5)]),
    "datetime-local": (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", [datetime(2026, 3, 9, 14, 5, tzinfo=UTC)]),
    "month": (r"\d{4}-\d\d", [date(2026, 3, 9)]),
    "week": (r"\d{4}-W\d\d", [date(2026, 3, 9)]),
    "number": (NUMBER, [1234567, 0]),
    "range": (NUMBER, [1234567, 0]),
    "color": (r"#[0-9a-f]{6}", ["#12abef"]),
}
FRACTIONS = [0.3, 1e-7, 1234.5, Decimal("0E-8"), Decimal("1E+2"), Decimal("0.00000010"), Decimal("1234567.5"), -0.5]


def _forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of the product, those of the admin's models apart."""
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.split(".")[0] in {"chatcms", "tenants", "providers", "datasets", "bots", "chat"}:
            yield form


def _fields() -> list[Any]:
    import_module(settings.ROOT_URLCONF)  # brings every view with its forms
    found = {
        f"{form.__module__}.{form.__qualname__}.{name}": field
        for form in _forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if ".tests" not in form.__module__
    }
    return [pytest.param(field, id=name) for name, field in sorted(found.items()) if _type_of(field.widget) in MACHINE]


def _type_of(widget: forms.Widget) -> str:
    return str(widget.attrs.get("type") or getattr(widget, "input_type", ""))


def _value_in(html: str) -> str:
    found = re.search(r'value="([^"]*)"', html)
    assert found, html
    return found[1]


def _tempting(field: forms.Field) -> list[Any]:
    values = MACHINE[_type_of(field.widget)][1]
    return [*values, *FRACTIONS] if isinstance(field, forms.FloatField | forms.DecimalField) else values


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", _fields())
def test_an_input_has_the_value_that_the_browser_understands(field: forms.Field, language: str) -> None:
    pattern = MACHINE[_type_of(field.widget)][0]
    with translation.override(language):
        for value in _tempting(field):
            shown = _value_in(field.widget.render("x", field.prepare_value(value)))
            assert re.fullmatch(pattern, shown), f"{value!r} is shown as {shown!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_input_shows_is_taken_back(language: str) -> None:
    class Form(forms.Form):
        day = forms.DateField(widget=DateInput())
        amount = forms.DecimalField(widget=DecimalInput())

    with translation.override(language):
        shown = Form(initial={"day": date(2026, 3, 9), "amount": Decimal("1234.50")})
        values = {name: _value_in(str(shown[name])) for name in ("day", "amount")}
        again = Form(values)
        assert again.is_valid()
        assert again.cleaned_data == {"day": date(2026, 3, 9), "amount": Decimal("1234.5")}


def test_what_was_typed_wrong_stays_as_it_was_typed() -> None:
    assert _value_in(DecimalInput().render("x", "12,x")) == "12,x"


# An input that a template writes itself may show what the address had; anything else must say how it is written.
BARE = re.compile(
    r"<input\b[^>]*type=\"(?:date|time|datetime-local|month|week|number|range|color)\"[^>]*"
    r"\b(?:value|min|max|step)=\"\{\{\s*([^}]*?)\s*\}\}\"",
    re.IGNORECASE,
)
AS_TYPED = {"asked.since", "asked.until"}


def test_no_template_writes_a_localised_value_into_such_an_input() -> None:
    wrong = [
        f"{path.relative_to(BASE_DIR)}: {expression}"
        for path in sorted((BASE_DIR / "templates").rglob("*.html"))
        for expression in BARE.findall(path.read_text())
        if expression not in AS_TYPED and not re.search(r"\|\s*(unlocalize|date:\"[cYU]|stringformat)", expression)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0E-8", "0.00000000"),
        ("1E+2", "100"),
        ("1E-7", "0.0000001"),
        ("-0E-8", "-0.00000000"),
        ("12.50", "12.50"),
        ("0", "0"),
    ],
)
def test_a_decimal_number_has_no_exponent_anywhere(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown
    assert jsonable(Decimal(value)) == shown
    assert csvout.encoded([[Decimal(value)]]).decode().strip() == shown


def test_no_encoder_writes_what_it_does_not_know_by_str_alone() -> None:
    wrong = [
        source.place(call)
        for source in product()
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in {"dumps", "dump"}
        for keyword in call.keywords
        if keyword.arg == "default" and isinstance(keyword.value, ast.Name) and keyword.value.id == "str"
    ]
    assert not wrong, "use chatcms.core.text.decimals.jsonable"


def test_every_file_of_csv_begins_with_the_mark_that_excel_needs() -> None:
    """Rows without it are further rows: the module that writes them writes a beginning, too."""
    wrong = [
        source.module
        for source in product()
        if "csvout.encoded(" in source.text and "csvout.document(" not in source.text
    ]
    assert not wrong
    assert csvout.document([["Größe"]]) == b"\xef\xbb\xbf" + "Größe\r\n".encode()
