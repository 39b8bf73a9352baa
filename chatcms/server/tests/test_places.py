"""Large bodies take their places: so much of one tenant at once, so much of all, and nobody waits without end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from chatcms.server.exceptions import AllPlacesTakenError, TenantsPlacesTakenError
from chatcms.server.limits import MAX_WAITING, MAX_WAITING_OF_ONE
from chatcms.server.places import Place, Places
from chatcms.tests.waiting import until


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_what_one_tenant_has_here_does_not_grow_with_the_number_of_its_uploads() -> None:
    async def story() -> None:
        places, most = Places(of_one=10, in_all=100, seconds=30), 0

        async def upload() -> None:
            nonlocal most
            place = await places.take("acme", 6)
            most = max(most, places.held_bytes)
            await asyncio.sleep(0)
            places.give_back(place)

        await asyncio.gather(*(upload() for _ in range(MAX_WAITING_OF_ONE)))
        assert (most, places.held_bytes) == (6, 0)

    run(story())


def test_the_room_of_all_is_bounded_and_a_large_body_has_its_turn() -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=20, seconds=30)
        first = [await places.take(str(number), 9) for number in range(2)]
        large = asyncio.create_task(places.take("large", 10))
        await asyncio.sleep(0)
        small = asyncio.create_task(places.take("small", 1))
        await asyncio.sleep(0)
        assert not large.done() and not small.done()
        places.give_back(first[0])
        await until(lambda: large.done() and small.done())
        assert places.held_bytes == 9 + 10 + 1

    run(story())


def test_one_tenant_that_waits_keeps_no_other_from_its_place() -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=100, seconds=30)
        await places.take("acme", 10)
        waiting = asyncio.create_task(places.take("acme", 10))
        await asyncio.sleep(0)
        assert (await places.take("beta", 10)).size == 10
        waiting.cancel()

    run(story())


def test_who_waits_too_long_is_told_whose_fault_it_is() -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=15, seconds=0.01)
        held = await places.take("acme", 10)
        with pytest.raises(TenantsPlacesTakenError) as own:
            await places.take("acme", 1)
        with pytest.raises(AllPlacesTakenError) as others:
            await places.take("beta", 6)
        assert own.value.extra["retry_after"] and others.value.extra["retry_after"]
        places.give_back(held)
        assert (await places.take("beta", 6)).size == 6

    run(story())


@pytest.mark.parametrize(
    ("owner", "line", "error"),
    [("{n}", MAX_WAITING, AllPlacesTakenError), ("acme", MAX_WAITING_OF_ONE, TenantsPlacesTakenError)],
)
def test_the_line_is_bounded(owner: str, line: int, error: type[Exception]) -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=10, seconds=30)
        await places.take("first", 10)
        waiting = [asyncio.create_task(places.take(owner.format(n=number), 10)) for number in range(line)]
        await asyncio.sleep(0)
        with pytest.raises(error):
            await places.take("acme", 10)
        for one in waiting:
            one.cancel()

    run(story())


def test_who_leaves_the_line_or_comes_too_late_holds_nothing() -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=10, seconds=30)
        held = await places.take("acme", 10)
        waiting: asyncio.Task[Place] = asyncio.create_task(places.take("acme", 10))
        await asyncio.sleep(0)
        places.give_back(held)
        # It has been let in, and is gone before it knows.
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert places.held_bytes == 0

    run(story())


def test_a_body_gives_back_what_it_did_not_need() -> None:
    async def story() -> None:
        places = Places(of_one=10, in_all=10, seconds=30)
        place = await places.take("acme", 10)
        places.shrink(place, 2)
        assert (await places.take("acme", 8)).size == 8
        places.give_back(place)
        places.give_back(place)
        assert places.held_bytes == 8

    run(story())
