"""The least that a Python server can do for one turn: the limit that the product is compared with.

    python benchmarks/floor.py --port 9300 --dsn postgresql://… --upstream http://127.0.0.1:9100/v1/chat/completions

No framework, no tenants, no checks: look a key up, read the last messages, search 10,000 vectors by HNSW, save the
question, pass the upstream's events through byte for byte while collecting the text, save the answer.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from typing import Any

import aiohttp
import uvicorn
from psycopg_pool import AsyncConnectionPool

DIMENSIONS = 384
CHUNKS = 10_000
KEY = "the one key"
_SCHEMA = f"""
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS floor;
CREATE TABLE IF NOT EXISTS floor.api_key (hash text PRIMARY KEY, bot int NOT NULL);
CREATE TABLE IF NOT EXISTS floor.message (
    id bigserial PRIMARY KEY, conversation int NOT NULL, role text NOT NULL, content text NOT NULL
);
CREATE TABLE IF NOT EXISTS floor.chunk (id bigserial PRIMARY KEY, content text, embedding vector({DIMENSIONS}));
CREATE INDEX IF NOT EXISTS chunk_embedding ON floor.chunk USING hnsw (embedding vector_cosine_ops);
INSERT INTO floor.api_key VALUES ('{KEY}', 1) ON CONFLICT DO NOTHING;
"""
_FILL = f"""
INSERT INTO floor.chunk (content, embedding)
SELECT 'passage ' || n || repeat(' of some forty words', 40),
       (SELECT array_agg(random() - 0.5 + n * 0) FROM generate_series(1, {DIMENSIONS}))::vector
FROM generate_series(1, %s) n
"""
_NEAREST = "SELECT content FROM floor.chunk ORDER BY embedding <=> %s::vector LIMIT 5"
_SAVE = "INSERT INTO floor.message (conversation, role, content) VALUES (1, %s, %s)"


@dataclass
class Floor:
    """The ASGI application with its pool and its client."""

    dsn: str
    upstream: str
    pool: AsyncConnectionPool[Any] | None = None
    client: aiohttp.ClientSession | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._turn(receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self.pool = AsyncConnectionPool(self.dsn, min_size=4, max_size=20, open=False, kwargs={"autocommit": True})
        await self.pool.open()
        self.client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async with self.pool.connection() as connection:
            await connection.execute(_SCHEMA)
            row = await (await connection.execute("SELECT count(*) FROM floor.chunk")).fetchone()
            if row[0] < CHUNKS:
                await connection.execute(_FILL, [CHUNKS - row[0]])
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.client.close()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _turn(self, receive: Any, send: Any) -> None:
        assert self.pool is not None
        assert self.client is not None
        question = json.loads(await _body(receive))["messages"][-1]["content"]
        passages = await self._before(question)
        messages = [{"role": "system", "content": " ".join(passages)}, {"role": "user", "content": question}]
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = {"model": "fake", "stream": True, "messages": messages}
        text: list[str] = []
        async with self.client.post(self.upstream, json=body, headers={"authorization": "Bearer x"}) as answer:
            async for line in answer.content:
                if line == b"\n":
                    continue
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    text.append((choices[0]["delta"].get("content") or "") if choices else "")
                await send({"type": "http.response.body", "body": line + b"\n", "more_body": True})
        async with self.pool.connection() as connection:
            await connection.execute(_SAVE, ["assistant", "".join(text)])
        await send({"type": "http.response.body", "body": b""})

    async def _before(self, question: str) -> list[str]:
        assert self.pool is not None
        vector = str([round(random.gauss(0, 0.05), 5) for _ in range(DIMENSIONS)])
        async with self.pool.connection() as connection:
            await connection.execute("SELECT bot FROM floor.api_key WHERE hash = %s", [KEY])
            await connection.execute(
                "SELECT role, content FROM floor.message WHERE conversation = 1 ORDER BY id DESC LIMIT 10"
            )
            rows = await (await connection.execute(_NEAREST, [vector])).fetchall()
            await connection.execute(_SAVE, ["user", question])
        return [row[0] for row in rows]


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9300)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--upstream", default="http://127.0.0.1:9100/v1/chat/completions")
    chosen = parser.parse_args()
    uvicorn.run(
        Floor(chosen.dsn, chosen.upstream), host="127.0.0.1", port=chosen.port, log_level="error", access_log=False
    )


if __name__ == "__main__":
    main()
