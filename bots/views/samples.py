"""Code that talks to one bot, ready to be copied and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PLACEHOLDER = "cms_live_…"

_CURL = """\
curl {base_url}/chat/completions \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{{"model": "{slug}", "messages": [{{"role": "user", "content": "What can you help me with?"}}]}}'
"""
_PYTHON = """\
# pip install openai
from openai import OpenAI

client = OpenAI(base_url="{base_url}", api_key="{key}")
answer = client.chat.completions.create(
    model="{slug}",
    messages=[{{"role": "user", "content": "What can you help me with?"}}],
)
message = answer.choices[0].message
print(message.content)
for source in message.annotations or []:
    print(source.url_citation.title, source.url_citation.url)
"""
_JAVASCRIPT = """\
// npm install openai
import OpenAI from "openai";

const client = new OpenAI({{ baseURL: "{base_url}", apiKey: "{key}" }});
const stream = await client.chat.completions.create({{
  model: "{slug}",
  messages: [{{ role: "user", content: "What can you help me with?" }}],
  stream: true,
}});
for await (const part of stream) process.stdout.write(part.choices[0]?.delta?.content ?? "");
"""
_OWN = """\
curl -N {base_url}/chat/bots/{slug}/messages \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{{"message": "What can you help me with?", "stream": true}}'
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece of code: a word for it, what it is called, and the code."""

    name: str
    label: Any
    text: str


def samples(*, base_url: str, slug: str, key: str = "") -> list[Sample]:
    """Return the code for a bot; with the key in it when one has just been made."""
    values = {"base_url": base_url, "slug": slug, "key": key or PLACEHOLDER}
    return [
        Sample("curl", "curl", _CURL.format(**values)),
        Sample("python", "Python", _PYTHON.format(**values)),
        Sample("javascript", "JavaScript", _JAVASCRIPT.format(**values)),
        Sample("events", "curl, events", _OWN.format(**values)),
    ]
