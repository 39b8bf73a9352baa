"""Every way of reading, each at `/<way>/<schema>`; under /v1/ too, where the product has a handler of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from chatcms.tests.leakproject.models import Marker
from chatcms.tests.leakproject.ways import Named, Ways, read
from chatcms.tests.waiting import delay

ways: Ways = import_module(settings.LEAK_WAYS)  # type: ignore[misc]  # only in the settings of this project
_left_behind: dict[str, str] = {}


def _answer(owner: str) -> JsonResponse:
    return JsonResponse({"owner": owner})


def _or_nothing(work: Callable[[], str]) -> str:
    try:
        return work()
    except (Error, Marker.DoesNotExist):
        return ""
    finally:
        connection.close()


def synchronous(request: HttpRequest, schema: str) -> HttpResponse:
    """A synchronous view."""
    return _answer(read())


async def asynchronous(request: HttpRequest, schema: str) -> HttpResponse:
    """An asynchronous view with the asynchronous ORM."""
    return _answer((await Marker.objects.aget()).owner)


async def visiting(request: HttpRequest, schema: str) -> HttpResponse:
    """An asynchronous view that does synchronous work in one go."""
    return _answer(await ways.visit(Named(schema), read))


def streamed(request: HttpRequest, schema: str) -> StreamingHttpResponse:
    """An answer that reads while it is being sent."""

    async def pieces() -> AsyncIterator[str]:
        for _ in range(3):
            yield (await Marker.objects.aget()).owner + "\n"
            await delay(0.005)

    return StreamingHttpResponse(pieces(), content_type="text/plain")


async def threaded(request: HttpRequest, schema: str) -> HttpResponse:
    """A thread that enters no tenant."""
    return _answer(await asyncio.to_thread(_or_nothing, read))


async def threaded_inside(request: HttpRequest, schema: str) -> HttpResponse:
    """A thread that enters the tenant."""
    return _answer(await asyncio.to_thread(ways.read_inside, Named(schema)))


async def executed(request: HttpRequest, schema: str) -> HttpResponse:
    """A thread that no context follows into."""
    loop = asyncio.get_running_loop()
    return _answer(await loop.run_in_executor(None, _or_nothing, read))


async def cached(request: HttpRequest, schema: str) -> HttpResponse:
    """A value that is cached, by asynchronous code, the first time it is asked for."""
    value = caches["default"].get("leak")
    if value is None:
        caches["default"].set("leak", schema)
        value = schema
    return _answer(value)


async def outliving(request: HttpRequest, schema: str) -> HttpResponse:
    """Work that goes on when the answer has been sent."""

    async def later() -> None:
        await delay(0.05)
        try:
            _left_behind[schema] = (await Marker.objects.aget()).owner
        except Error as error:
            _left_behind[schema] = str(error).splitlines()[0]

    request_task: Any = asyncio.create_task(later())
    _tasks.add(request_task)
    request_task.add_done_callback(_tasks.discard)
    return _answer(schema)


_tasks: set[Any] = set()


async def left_behind(request: HttpRequest, schema: str) -> HttpResponse:
    """What `outliving` has read."""
    return _answer(_left_behind.pop(schema, ""))


_VIEWS: dict[str, Callable[..., Any]] = {
    "sync": synchronous,
    "async": asynchronous,
    "visit": visiting,
    "stream": streamed,
    "thread": threaded,
    "thread-inside": threaded_inside,
    "executor": executed,
    "cache": cached,
    "outlive": outliving,
    "left-behind": left_behind,
}


def well(request: HttpRequest) -> HttpResponse:
    """Say that the server is up."""
    return HttpResponse("up")


urlpatterns = [path("v1/health", well)]
for _name, _view in _VIEWS.items():
    urlpatterns += [path(f"{_name}/<str:schema>", _view), path(f"v1/{_name}/<str:schema>", _view)]
