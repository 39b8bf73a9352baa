"""Texts of the pages are found wherever they are, translated, and compiled without gettext."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management import call_command
from django.db.models import IntegerChoices, TextChoices
from django.utils.functional import Promise

from chatcms.config.environment import BASE_DIR
from chatcms.portal.management import catalogues
from chatcms.tests.source import PACKAGES

TEMPLATE = """
  <h1>{% translate "A title" %}</h1>
      {% blocktranslate with name=thing.name trimmed %}
        Delete {{ name }}?
      {% endblocktranslate %}
{% blocktranslate count counter=files|length %}{{ counter }} file{% plural %}{{ counter }} files{% endblocktranslate %}
{% include "x.html" with label=_("In a filter") %} it's "quoted
{% translate "May" context "month" %}
"""
PYTHON = """
from django.utils.translation import gettext as _, ngettext
print(_("In Python"), ngettext("one", "%d many", 3))
class Refused(Error):
    default_detail: ClassVar[str] = "It was refused."
"""


@pytest.fixture
def source(tmp_path: Path) -> Catalog:
    for folder in ("templates/portal", "chatcms", "chatcms/tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates/portal/page.html").write_text(TEMPLATE)
    (tmp_path / "chatcms/views.py").write_text(PYTHON)
    (tmp_path / "chatcms/tests/test_it.py").write_text('print(_("In a test"))')
    return catalogues.extracted(tmp_path)


def test_texts_are_found_in_templates_in_python_and_in_what_errors_say(source: Catalog) -> None:
    found = {(message.id, message.context) for message in source if message.id}

    assert found == {
        ("A title", None),
        ("Delete %(name)s?", None),
        (("%(counter)s file", "%(counter)s files"), None),
        ("In a filter", None),
        ("May", "month"),
        ("In Python", None),
        (("one", "%d many"), None),
        ("It was refused.", None),
    }


def test_every_template_of_the_product_can_be_read() -> None:
    found = {message.id for message in catalogues.extracted(BASE_DIR)}

    assert {"Skip to content", "Sign in", "Your role does not include this"} <= found
    assert "There is no such tenant, or it is not available now." in found


def test_what_is_missing_or_unsure_is_told(source: Catalog) -> None:
    known = Catalog(locale="de")
    known.update(source)
    known.get("A title").string = "Ein Titel"  # type: ignore[union-attr]
    known.get("In Python").string = "In Python"  # type: ignore[union-attr]
    known.get("In Python").flags.add("fuzzy")  # type: ignore[union-attr]

    missing = catalogues.untranslated(known, source)

    assert "A title" not in missing
    assert {"In Python", "%(counter)s file", "It was refused."} <= set(missing)


def test_a_catalogue_is_the_same_however_often_it_is_written(source: Catalog) -> None:
    assert catalogues.text_of(source) == catalogues.text_of(source)
    assert b"Date" not in catalogues.text_of(source)


def test_the_catalogues_in_the_repository_are_compiled_as_they_are() -> None:
    for code, _ in settings.LANGUAGES:
        path = BASE_DIR / "locale" / code / "LC_MESSAGES/django.po"
        if path.exists():
            assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogues.read(path))


# Staff alone, logs and the API have these words; no page of the portal has.
NOT_ON_PAGES = {
    *("TenantStatus", "DomainProof", "Availability", "JobKind", "JobState", "Queue", "DocumentState", "Arrival"),
    "MailState",
    *("MessageRole", "MessageStatus", "RequestReason", "Rating", "Detail", "Span"),
}
# Names are the same in every language.
NAMES = {"OpenAI", "Anthropic"}


def test_the_words_of_every_choice_on_a_page_can_be_translated() -> None:
    choices = {
        each
        for package in PACKAGES
        for each in (*TextChoices.__subclasses__(), *IntegerChoices.__subclasses__())
        if each.__module__.startswith(f"{package}.")
    }
    fixed = [
        f"{each.__name__}.{one.name}"
        for each in choices
        if each.__name__ not in NOT_ON_PAGES
        for one in each
        if not isinstance(one._label_, Promise) and one.label not in NAMES
    ]
    assert not fixed, "write _() around their labels"


def test_no_text_lacks_a_translation() -> None:
    call_command("messages", "check")
