"""Where no view answers, programs get a problem document and people a page that says what to do."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from chatcms.urls import *  # noqa: F403 - the handlers, and the addresses that error pages link to
from chatcms.urls import urlpatterns as product_patterns


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [*product_patterns, path("v1/broken", broken), path("broken/", broken)]


@pytest.mark.parametrize("address", ["/v1/no-such-thing", "/v1/tenant/documents/not-an-id"])
def test_an_unknown_address_of_the_api_is_a_problem_document(address: str) -> None:
    answer = Client().get(address, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_an_unknown_page_says_so_in_words() -> None:
    answer = Client().get("/no-such-page/", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert b"There is no such page" in answer.content


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("address", ["/v1/broken", "/broken/"])
def test_a_broken_view_tells_the_request_id_and_nothing_of_its_insides(address: str) -> None:
    answer = Client(raise_request_exception=False).get(address, headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"].encode() in answer.content
    assert b"secret detail" not in answer.content


def test_a_host_that_is_not_ours_is_refused() -> None:
    answer = Client().get("/v1/schema", headers={"Host": "evil.example"})

    assert answer.status_code == 400
