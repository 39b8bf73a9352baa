"""The published description of the API is what the code does, and whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from chatcms.tests.described import COMMITTED, Operation, operations, schema, undescribed

OPERATIONS = list(operations())


def _read(document: bytes) -> Any:
    return yaml.load(document, yaml.CSafeLoader)


def test_the_committed_schema_is_what_the_code_gives_now(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh))

    assert fresh.read_text() == COMMITTED.read_text(), (
        "Run: manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_it_is_openapi_3_1() -> None:
    assert schema()["openapi"] == "3.1.0"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_operation_is_named_explained_and_tells_its_refusals(operation: Operation) -> None:
    described = operation.described
    assert described["operationId"]
    assert described["summary"]
    assert described["tags"]
    if described.get("security"):
        assert "401" in described["responses"]
    failures = {status for status in described["responses"] if status >= "400"}
    for status in failures:
        assert described["responses"][status]["content"], f"{status} has no body"


@pytest.mark.parametrize(("accept", "kind"), [("*/*", "yaml"), ("application/json", "json")])
def test_the_schema_is_given_in_both_forms_and_kept_by_who_has_it(accept: str, kind: str) -> None:
    given = Client().get("/v1/schema", headers={"Accept": accept})
    again = Client().get("/v1/schema", headers={"Accept": accept, "If-None-Match": given["ETag"]})

    described = json.loads(given.content) if kind == "json" else _read(given.content)
    assert described == schema()
    assert "public" in given["Cache-Control"]
    assert "Accept" in given["Vary"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("asked", "reads"), [("json", json.loads), ("yaml", _read)])
def test_the_form_of_the_schema_is_chosen_in_its_address_too(asked: str, reads: Callable[[bytes], Any]) -> None:
    given = Client().get(f"/v1/schema?format={asked}")

    assert given["Content-Type"] == f"application/{asked}"
    assert reads(given.content)["openapi"] == "3.1.0"


def test_a_form_that_there_is_not_is_told() -> None:
    refused = Client().get("/v1/schema?format=xml")

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/format")


def test_everything_in_the_document_is_described() -> None:
    assert list(undescribed()) == [], "Write `help_text`, `Meta.help_texts`, or words in chatcms/apidocs/enumwords.py"


def test_no_component_has_an_object_or_list_of_its_own_name() -> None:
    """Classes that `openapi-python-client` makes would mistake one for the other."""
    for name, component in schema()["components"]["schemas"].items():
        own = component.get("properties", {}).get(re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), {})
        assert not {"$ref", "allOf", "oneOf", "items"} & own.keys(), name


def test_no_two_operations_share_a_name() -> None:
    names = [operation.id for operation in OPERATIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", ["/v1/docs", "/v1/redoc"])
def test_the_pages_of_the_schema_load_nothing_from_elsewhere(address: str) -> None:
    page = Client().get(address, headers={"Accept": "text/html"}).content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
