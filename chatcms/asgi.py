"""The ASGI entry: health and outages first, then the door that bounds every request, static files, and Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("CHATCMS_PROCESS", "web")

from chatcms.config.environment import settings_or_exit

settings_or_exit()

import django

django.setup(set_prefix=False)

from typing import Any

from chat.turns.engine.speech import phrasebook
from chat.turns.services import unsaved
from chatcms.core.api.routes import API_PREFIX
from chatcms.core.http.freshcontext import with_fresh_context
from chatcms.core.http.handler import ApiHandler, PageHandler, Scope
from chatcms.core.http.proxies import with_proxies
from chatcms.core.http.threads import shared_threads
from chatcms.health.door import with_faults, with_health
from chatcms.server.admission import admission_in
from chatcms.server.door import with_door
from chatcms.statics.server import with_static_files
from providers.services.warming import load_built_in_models
from tenants.owndomains import with_own_domains

# Before the server listens: who is told that it is ready waits for nothing.
load_built_in_models()
phrasebook.languages()

_threads = shared_threads()
_api = ApiHandler(_threads)
_pages = PageHandler(_threads)


async def django_application(scope: Scope, receive: Any, send: Any) -> None:
    """Answer a request that is not for a static file."""
    is_api = scope["type"] == "http" and scope["path"].startswith(API_PREFIX)
    await (_api if is_api else _pages)(scope, receive, send)


_django = with_static_files(with_proxies(with_own_domains(django_application)))
_served = with_health(with_fresh_context(with_faults(with_door(_django, admit=admission_in(_threads)))))


async def application(scope: Scope, receive: Any, send: Any) -> None:
    """Answer a request; before the first one, go on with what an earlier process could not save."""
    if scope["type"] == "lifespan":
        unsaved.take_up()
    await _served(scope, receive, send)
