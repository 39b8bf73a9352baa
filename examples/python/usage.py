"""Uploads a text, makes a bot that answers from it, and asks: with a typed client generated from the schema."""

from __future__ import annotations

import os
import time
from http import HTTPStatus
from typing import TypeVar

from chatcms_client import AuthenticatedClient
from chatcms_client.api.bots import bots_create, bots_delete
from chatcms_client.api.chat import chat_bots_messages_create
from chatcms_client.api.datasets import datasets_create, datasets_delete
from chatcms_client.api.documents import documents_create, documents_read
from chatcms_client.models import (
    Answer,
    Bot,
    BotRequest,
    Dataset,
    NewDatasetRequest,
    NewDocumentRequest,
    Problem,
    QuestionRequest,
    TakenIn,
)

T = TypeVar("T")
RULES = "A helmet may be returned within forty days, if it has not been worn on the road."


def good(answer: T | Problem | None) -> T:
    """Return what was asked for; raise what the server said instead."""
    if answer is None or isinstance(answer, Problem):
        raise RuntimeError(
            f"{answer.code}: {answer.detail}" if answer else "The server said nothing that is documented."
        )
    return answer


def main() -> None:
    """Do it, and clean up."""
    client = AuthenticatedClient(os.environ.get("CHAT", "http://127.0.0.1:8000"), os.environ["CHAT_KEY"])
    dataset: Dataset = good(datasets_create.sync(client=client, body=NewDatasetRequest(name="Returns")))
    text = NewDocumentRequest(name="rules.txt", text=RULES)
    document: TakenIn = good(documents_create.sync(dataset.id, client=client, body=text))
    while (state := good(documents_read.sync(document.id, client=client)).state) not in {"ready", "failed"}:
        time.sleep(0.3)
    print("document:", state)
    bot: Bot = good(
        bots_create.sync(client=client, body=BotRequest(name="Returns desk", model="local", dataset_ids=[dataset.id]))
    )
    question = QuestionRequest(message="How long may I return a helmet?")
    answer = good(
        chat_bots_messages_create.sync(str(bot.id), client=client, body=question, idempotency_key=f"first-{bot.id}")
    )
    if isinstance(answer, Answer):
        print("answer:", answer.answer)
        print("from:", ", ".join(citation.document for citation in answer.citations))
    else:
        print("A person has taken the conversation over, and will answer.")
    assert bots_delete.sync_detailed(bot.id, client=client).status_code == HTTPStatus.NO_CONTENT
    assert datasets_delete.sync_detailed(dataset.id, client=client).status_code == HTTPStatus.NO_CONTENT


if __name__ == "__main__":
    main()
