"""The published description of the API is what the code does, and whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from chatcms.tests.described import COMMITTED, Operation, operations, schema

OPERATIONS = list(operations())


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


def test_no_two_operations_share_a_name() -> None:
    names = [operation.id for operation in OPERATIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", ["/v1/docs", "/v1/redoc"])
def test_the_pages_of_the_schema_load_nothing_from_elsewhere(address: str) -> None:
    page = Client().get(address, headers={"Accept": "text/html"}).content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
