"""Clients are shared, bounded, and never closed under somebody's feet; SDKs are loaded by those who need them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from providers.adapters import _clients
from providers.adapters._clients import ClientPool
from providers.types import ProviderConfig

ROOT = Path(__file__).parents[2]


class Client:
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def config(key: str = "k", **changes: str) -> ProviderConfig:
    return ProviderConfig(kind="x", api_key=key, **changes)  # type: ignore[arg-type]


async def test_the_same_address_and_key_share_a_client() -> None:
    pool: ClientPool[Client] = ClientPool()
    async with pool.lease(config(), Client) as one, pool.lease(config(), Client) as same:
        assert one is same
    async with pool.lease(config("other"), Client) as other, pool.lease(config(base_url="https://x"), Client) as third:
        assert len({one, other, third}) == 3
    assert one.closed == 0


def test_each_event_loop_has_clients_of_its_own() -> None:
    pool: ClientPool[Client] = ClientPool()

    async def lend() -> Client:
        async with pool.lease(config(), Client) as client:
            return client

    assert asyncio.run(lend()) is not asyncio.run(lend())


async def test_the_pool_is_bounded_and_closes_the_one_that_was_idle_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_clients, "_MAX_CLIENTS_PER_LOOP", 2)
    pool: ClientPool[Client] = ClientPool()
    clients = []
    for key in ("a", "b", "a", "c"):
        async with pool.lease(config(key), Client) as client:
            clients.append(client)
    first, second, again, third = clients
    assert first is again
    assert (first.closed, second.closed, third.closed) == (0, 1, 0)


async def test_a_client_in_use_is_closed_only_when_its_last_user_is_done() -> None:
    pool: ClientPool[Client] = ClientPool()
    async with pool.lease(config(), Client) as client:
        async with pool.lease(config(), Client):
            await pool.close(config())
        assert client.closed == 0
        async with pool.lease(config(), Client) as fresh:
            assert fresh is not client
    assert (client.closed, fresh.closed) == (1, 0)


async def test_closing_what_was_never_used_does_nothing() -> None:
    pool: ClientPool[Client] = ClientPool()
    await pool.close(config())


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after some code."""
    script = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("kind", "wanted", "unwanted"),
    [
        ("openai", "openai", {"anthropic", "onnxruntime"}),
        ("anthropic", "anthropic", {"openai", "onnxruntime"}),
        ("local", "providers", {"openai", "anthropic", "onnxruntime", "numpy"}),
    ],
)
def test_an_adapter_loads_its_own_sdk_only_and_no_django(kind: str, wanted: str, unwanted: set[str]) -> None:
    code = (
        "from providers.registry import build_adapter\nfrom providers.types import ProviderConfig\n"
        f"build_adapter(ProviderConfig(kind={kind!r}, api_key='k'))"
    )
    loaded = loaded_by(code)
    assert wanted in loaded
    assert not (unwanted | {"django"}) & loaded


def test_the_registry_alone_loads_no_sdk() -> None:
    assert not {"openai", "anthropic", "onnxruntime", "numpy", "django"} & loaded_by("import providers.registry")
