"""Django's ASGI handler on shared threads, and a lean one for the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.utils.module_loading import import_string

from chatcms.core.http.threads import SharedThreads
from chatcms.core.http.wholebody import WholeBody

Scope = dict[str, Any]


class PageHandler(ASGIHandler):
    """The handler of everything that browsers see: all of `MIDDLEWARE`."""

    def __init__(self, threads: SharedThreads) -> None:
        super().__init__()
        self._threads = threads

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request; synchronous steps run in the shared threads."""
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        self._threads.use_here()
        await self.handle(scope, receive, send)

    async def read_body(self, receive: Any) -> Any:
        """Return the body as a file: the very one that the door has filled, not a second copy on the disk."""
        return receive.take() if isinstance(receive, WholeBody) else await super().read_body(receive)


class ApiHandler(PageHandler):
    """The handler of the API: `API_MIDDLEWARE`, which is all asynchronous, so that no request hops to a thread for it.

    The API knows no session, cookie, form or page: of the middleware for those nothing is missed.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain around the view, the last one of `API_MIDDLEWARE` innermost."""
        super().load_middleware(is_async)
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler: Any = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]
        for name in reversed(settings.API_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(name)(handler))
        self._middleware_chain = handler
