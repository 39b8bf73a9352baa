"""What errors say is found by the catalogues, and reaches a page through `chatcms.core.pages.refusals` alone."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import orjson
import pytest
from django.utils import translation

from chatcms.config.environment import BASE_DIR
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError, InvalidInputError
from chatcms.core.pages.refusals import refusal, said
from chatcms.portal.management import catalogues, errortexts

ERRORS = frozenset({"AppError", "InvalidInputError"})
PAGE_FOLDERS = {"views", "forms", "pages"}
# The one helper.
HELPER = Path("chatcms/core/pages/refusals.py")


def test_every_sentence_of_an_error_can_be_found_by_the_catalogues() -> None:
    trees = catalogues.modules(BASE_DIR)
    errors = errortexts.errors_in(trees)

    offenders = [
        f"{place}:{line}"
        for place, tree in trees.items()
        if place != Path("chatcms/core/errortext.py")
        for line in errortexts.unfindable(tree, errors)
    ]

    assert not [each for each in offenders if not _is_for_programs(each)], (
        'write a literal, or ErrorText("… %(name)s …", name=…), where the error is raised'
    )


@pytest.mark.parametrize(
    "source",
    [
        'raise AppError(f"There is no {thing}.")',
        'raise InvalidInputError("There is no %s." % thing)',
        'raise InvalidInputError("There is no {}.".format(thing))',
        'complaint = "There is nothing."\nraise AppError(complaint)',
        'complaint = f"There is no {thing}."\nraise AppError(complaint)',
        'raise AppError(f"There is no {thing}." if thing else None)',
        "raise AppError(ErrorText(thing))",
    ],
)
def test_the_guard_refuses_a_text_that_no_catalogue_can_have(source: str) -> None:
    assert errortexts.unfindable(ast.parse(source), ERRORS)


@pytest.mark.parametrize(
    "source",
    [
        "raise AppError",
        'raise AppError("There is nothing.")',
        'raise AppError(ErrorText("There is no %(thing)s.", thing=thing))',
        'complaint = ErrorText("There is nothing.")\nraise AppError(complaint)',
        "raise AppError(error.detail)",
    ],
)
def test_the_guard_lets_pass_what_the_catalogues_find(source: str) -> None:
    assert not errortexts.unfindable(ast.parse(source), ERRORS)


def test_no_page_says_by_itself_why_a_service_refused() -> None:
    """`error.detail` is English: `refusal`, `add_refusal`, `refusals_in` and `Visit.refused` say it in the reader's."""
    offenders = [
        f"{place}:{node.lineno}"
        for place, tree in catalogues.modules(BASE_DIR).items()
        if PAGE_FOLDERS & set(place.parts) and place != HELPER
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "detail"
        and isinstance(node.value, ast.Name)
        and node.value.id in {"error", "refused", "problem", "failure"}
    ]
    assert not offenders


def test_a_sentence_is_english_to_programs_and_the_readers_language_on_a_page() -> None:
    error = InvalidInputError(ErrorText("Use up to %(limit)s characters.", limit=80))

    with translation.override("de"):
        assert str(error) == error.detail == "Use up to 80 characters."
        assert orjson.dumps(error.detail) == b'"Use up to 80 characters."'
        assert refusal(error) != error.detail
        assert "80" in refusal(error)


def test_a_copy_of_a_sentence_can_be_translated_too() -> None:
    sentence = ErrorText("Row %(row)s: %(fault)s", row=3, fault=ErrorText("There is no such bot here."))

    copied = copy.deepcopy(sentence)

    assert copied == "Row 3: There is no such bot here."
    with translation.override("de"):
        assert said(copied) == said(sentence) != copied


def test_a_percent_sign_of_a_value_is_left_alone() -> None:
    assert said(AppError(ErrorText("“%(name)s” has this conversation.", name="100%s")).detail).count("100%s") == 1
    assert said(ErrorText.spoken("100 % of it")) == "100 % of it"


def _is_for_programs(offender: str) -> bool:
    place = offender.partition(":")[0]
    return "api" in Path(place).parts or place in errortexts.FOR_PROGRAMS
