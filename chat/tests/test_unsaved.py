"""An answer that ends while the database is away is kept, and saved once when that is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import httpx
import pytest

from chat.enums import MessageStatus
from chat.models import Message, Usage
from chat.tests.conftest import MakeBot
from chatcms.tests import live
from chatcms.tests.faulty import Line, line_to_the_database
from chatcms.tests.waiting import wait_until
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS: dict[str, Callable[[Line], None]] = {"refused": Line.cut, "stopped": Line.hang}


@pytest.fixture
def line(running_fake: FakeProvider) -> Iterator[tuple[Line, str]]:
    with line_to_the_database() as (line, url):
        extra = {"DATABASE_URL": url, "EGRESS_PRIVATE_HOSTS": running_fake.host}
        with live.web_server(extra=extra) as address:
            yield line, address


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_ends_while_the_database_is_away_is_saved_once_when_it_is_back(
    fault: str, line: tuple[Line, str], make_bot: MakeBot, acme: Tenant, api_key: str
) -> None:
    database, address = line
    make_bot("slow-200")
    asked = {"message": "Why?", "stream": True}
    headers = {"authorization": f"Bearer {api_key}"}
    heard = ""
    with httpx.stream("POST", f"{address}/v1/chat/bots/guide/messages", json=asked, headers=headers, timeout=60) as got:
        for text in got.iter_text():
            if not heard:
                FAULTS[fault](database)
            heard += text
    assert "answer_not_saved" in heard
    with tenant_scope(acme):
        assert Message.objects.get(role="assistant").status == MessageStatus.STREAMING
    database.mend()

    def saved() -> bool:
        with tenant_scope(acme):
            return Message.objects.get(role="assistant").status == MessageStatus.COMPLETE

    wait_until(saved, "that the answer is saved")
    with tenant_scope(acme):
        answer, usage = Message.objects.get(role="assistant"), Usage.objects.get()
    assert answer.content
    assert usage.completion_tokens == 8
    assert usage.cost is not None
    assert usage.cost > Decimal(0)
