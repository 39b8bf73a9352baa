"""Asks streaming chat endpoints many questions at once and measures them in alternating rounds."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=120)


@dataclass
class Target:
    """An endpoint, what to send it, and what came of it. Times are in seconds."""

    name: str
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    first_word: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    characters: list[int] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    rates: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Whole answers a second: the median of the rounds."""
        return statistics.median(self.rates)

    @staticmethod
    def milliseconds(seconds: Sequence[float]) -> str:
        """Half and nineteen twentieths of the times are below these."""
        ordered = sorted(seconds) or [float("nan")]
        p50, p95 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 for share in (0.5, 0.95))
        return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms"


async def measure(targets: Sequence[Target], *, requests: int, concurrency: int, rounds: int) -> None:
    """Warm every target, then measure them in turn, so that whatever slows the machine slows all of them."""
    for target in targets:
        await _round(target, concurrency, concurrency)
        target.first_word, target.whole, target.characters, target.rates = [], [], [], []
    for _ in range(rounds):
        for target in targets:
            await _round(target, requests, concurrency)


async def _round(target: Target, requests: int, concurrency: int) -> None:
    waiting = iter(range(requests))
    done = len(target.whole)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE, read_bufsize=1 << 20) as session:

        async def asker() -> None:
            for _ in waiting:
                await _ask(session, target)

        started = time.perf_counter()
        await asyncio.gather(*(asker() for _ in range(concurrency)))
        target.rates.append((len(target.whole) - done) / (time.perf_counter() - started))


async def _ask(session: aiohttp.ClientSession, target: Target) -> None:
    started = time.perf_counter()
    first, characters = None, 0
    try:
        async with session.post(target.url, data=target.body, headers=target.headers) as answer:
            if answer.status != 200:
                target.failures[f"status {answer.status}: {(await answer.text())[:200]}"] += 1
                return
            async for line in answer.content:
                if text := _text_in(line):
                    first = first or time.perf_counter()
                    characters += len(text)
    except (aiohttp.ClientError, TimeoutError) as error:
        target.failures[type(error).__name__] += 1
        return
    if first is None:
        target.failures["no text"] += 1
        return
    target.first_word.append(first - started)
    target.whole.append(time.perf_counter() - started)
    target.characters.append(characters)


def _text_in(line: bytes) -> str:
    """The piece of an answer that a line of an event stream holds: ours, or OpenAI's."""
    if not line.startswith(b"data: {"):
        return ""
    data = json.loads(line[6:])
    if data.get("choices"):
        return (data["choices"][0].get("delta") or {}).get("content") or ""
    text = data.get("text")
    return text if isinstance(text, str) else ""
