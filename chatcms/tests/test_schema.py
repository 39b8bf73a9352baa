"""The published description of the API is what the code does, and whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from chatcms.environment import BASE_DIR

COMMITTED = BASE_DIR / "docs/openapi.yaml"
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def described() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMMITTED.read_text())
    return loaded


def operations() -> Iterator[Any]:
    for path, item in described()["paths"].items():
        for method in sorted(METHODS & set(item)):
            yield pytest.param(item[method], id=f"{method} {path}")


def test_the_committed_schema_is_what_the_code_gives_now(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh))

    assert fresh.read_text() == COMMITTED.read_text(), (
        "Run: manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_it_is_openapi_3_1() -> None:
    assert described()["openapi"] == "3.1.0"


@pytest.mark.parametrize("operation", list(operations()))
def test_every_operation_is_named_explained_and_tells_its_refusals(operation: dict[str, Any]) -> None:
    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"]
    if operation.get("security"):
        assert "401" in operation["responses"]
    failures = {status for status in operation["responses"] if status >= "400"}
    for status in failures:
        assert operation["responses"][status]["content"], f"{status} has no body"


def test_no_two_operations_share_a_name() -> None:
    names = [case.values[0]["operationId"] for case in operations()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", ["/v1/docs", "/v1/redoc"])
def test_the_pages_of_the_schema_load_nothing_from_elsewhere(address: str) -> None:
    page = Client().get(address, headers={"Accept": "text/html"}).content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
