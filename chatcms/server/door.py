"""The door: every request passes it before any other code sees the request.

Up to `OPEN_BYTES` of body are received from anybody. For more the route must exist, take that much, and admit the
caller's credential, before another byte is kept; then the body takes its place among those of its tenant. What comes
in is handed on whole, with its length, however it was sent: Django and DRF take a body without a Content-Length for an
empty one. What is refused goes on without its body, so that the answer has what every answer has: the request's id,
the CORS headers, the language.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any

from django.urls import Resolver404, ResolverMatch, resolve

from chatcms.core.exceptions import AppError
from chatcms.core.http.wholebody import NoBody, Receive, WholeBody
from chatcms.server.bodies import DisconnectedError, received
from chatcms.server.exceptions import BodyTooLargeError
from chatcms.server.limits import OPEN_BYTES
from chatcms.server.mediatypes import Headers, boundary_of, check_headers, values
from chatcms.server.places import Place, places
from chatcms.server.sizes import largest_body

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]
# What a request is refused for, in the scope that goes on.
REFUSED = "chatcms.refused"


class NotAdmittedError(Exception):
    """The caller has no credential that the route accepts; its view says so best, without the body."""


@dataclass(frozen=True)
class Admission:
    """Whether a caller may send a large body: `is_open` routes ask for no credential, so that nobody may."""

    is_open: bool
    is_given: bool
    # Whose room the body takes: the tenant's, or that of a person who is in none.
    owner: str = ""


Admit = Callable[[Scope, ResolverMatch], Awaitable[Admission]]


def with_door(application: ASGIApp, *, admit: Admit) -> ASGIApp:
    """Return an application whose requests are bounded; `admit` looks at the credential of a large one."""

    async def at_the_door(scope: Scope, receive: Receive, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        with ExitStack() as held:
            try:
                check_headers(scope["headers"])
                file = await _body(scope, receive, admit, held)
            except DisconnectedError:
                return
            except AppError as error:
                held.close()
                await application({**_without_body(scope), REFUSED: error}, NoBody(), _closing(scope, send))
            except NotAdmittedError:
                await application(_without_body(scope), NoBody(), _closing(scope, send))
            else:
                await _go_on(application, scope, file, receive, send)

    return at_the_door


async def _go_on(application: ASGIApp, scope: Scope, file: IO[bytes] | None, receive: Receive, send: Any) -> None:
    if file is None:
        await application(scope, receive, send)
        return
    with file:
        await application(_with_length(scope, file), WholeBody(file, receive), send)


async def _body(scope: Scope, receive: Receive, admit: Admit, held: ExitStack) -> IO[bytes] | None:
    """Return the body; None when there is none. `held` gives back the room that it takes."""
    length = b"".join(values(scope["headers"], b"content-length"))
    if length in {b"", b"0"} and not values(scope["headers"], b"transfer-encoding"):
        return None
    boundary = boundary_of(scope["headers"])
    measure = _Measure(scope, admit, is_multipart=boundary is not None, announced=int(length or 0))
    held.callback(measure.give_back)
    await measure(measure.announced)
    file = await received(receive, measure=measure, boundary=boundary)
    measure.is_complete(file.seek(0, 2))
    file.seek(0)
    return file


class _Measure:
    """Knows how much of this body may come; the credential is looked at once, and only for a large body."""

    def __init__(self, scope: Scope, admit: Admit, *, is_multipart: bool, announced: int) -> None:
        self.announced = announced
        self._place: Place | None = None
        self._scope = scope
        self._admit = admit
        self._is_multipart = is_multipart
        self._allowed = OPEN_BYTES
        self._is_final = False

    async def __call__(self, size: int) -> None:
        """Raise `BodyTooLargeError` or `NotAdmittedError` if so many bytes are too many.

        The first time that they are many, this waits until there is room, and raises what `Places.take` raises.
        """
        if size <= self._allowed:
            return
        if self._is_final:
            raise BodyTooLargeError(self._allowed)
        self._is_final = True
        admission, self._allowed = await self._admitted()
        if size > self._allowed:
            raise BodyTooLargeError(self._allowed)
        self._place = await places().take(admission.owner, self.announced or self._allowed)

    def is_complete(self, size: int) -> None:
        """Give back the room that a body whose length was not known does not need."""
        if self._place is not None:
            places().shrink(self._place, size)

    def give_back(self) -> None:
        """Give back what room was taken."""
        if self._place is not None:
            places().give_back(self._place)

    async def _admitted(self) -> tuple[Admission, int]:
        try:
            match = resolve(self._scope["path"])
        except Resolver404:
            raise BodyTooLargeError(OPEN_BYTES, is_open=True) from None
        admission = await self._admit(self._scope, match)
        if admission.is_open:
            raise BodyTooLargeError(OPEN_BYTES, is_open=True)
        if not admission.is_given:
            raise NotAdmittedError
        return admission, largest_body(match.route, is_multipart=self._is_multipart)


def _with_length(scope: Scope, file: IO[bytes]) -> Scope:
    size = file.seek(0, 2)
    file.seek(0)
    return {**scope, "headers": [*_undescribed(scope["headers"]), (b"content-length", str(size).encode())]}


def _without_body(scope: Scope) -> Scope:
    kept = [(name, value) for name, value in _undescribed(scope["headers"]) if name != b"content-type"]
    return {**scope, "headers": [*kept, (b"content-length", b"0")]}


def _undescribed(headers: Headers) -> Headers:
    described = {b"content-length", b"transfer-encoding", b"expect", b"content-encoding"}
    return [(name, value) for name, value in headers if name not in described]


def _closing(scope: Scope, send: Any) -> Any:
    """Return a `send` that ends the connection of a sender who waits for a "100 Continue" that never comes."""
    if not any(value.lower() == b"100-continue" for value in values(scope["headers"], b"expect")):
        return send

    async def closing(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
        await send(message)

    return closing
