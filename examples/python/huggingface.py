"""Talks to a bot with Hugging Face's client, which speaks OpenAI's protocol in code of its own."""

from __future__ import annotations

import os

from huggingface_hub import InferenceClient

client = InferenceClient(
    base_url=os.environ.get("CHAT", "http://127.0.0.1:8000") + "/v1", api_key=os.environ["CHAT_KEY"]
)
bot = os.environ.get("CHAT_BOT", "fjord-helper")
messages = [{"role": "user", "content": "How long is the battery under warranty?"}]

whole = client.chat.completions.create(model=bot, messages=messages)
print("whole:", whole.choices[0].message.content)
print("finished:", whole.choices[0].finish_reason)

print("streamed:", end=" ")
for chunk in client.chat.completions.create(model=bot, messages=messages, stream=True):
    for choice in chunk.choices:
        print(choice.delta.content or "", end="")
print()
