"""Describes what is sent piece by piece: the events of a stream, each an object with its name and its typed data.

OpenAPI 3.1 has no words for a stream. So the schema of a `text/event-stream` is that of one of its events, as a reader
of server-sent events hands it over, with the JSON of `data` read: `event` tells which of the alternatives it is.
"""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers as lax

from chatcms.core.api import serializers

ABOUT_EVENT = "The name of the event, by which it is told from others."
ABOUT_DATA = "What it says; on the wire it is JSON."
Fields = lax.BaseSerializer[Any] | lax.Field[Any, Any, Any, Any]


def event(
    component: str, name: str, data: type[Fields], *, about: str, about_id: str = ""
) -> type[serializers.Serializer[Any]]:
    """Return the serializer of one kind of event of a stream; `about` is what it tells. It may have no id."""
    named = {"id": serializers.CharField(required=False, help_text=about_id)} if about_id else {}
    fields = {
        "event": serializers.Constant(name, help_text=ABOUT_EVENT),
        **named,
        "data": data(help_text=ABOUT_DATA),
        "__doc__": about,
        "__module__": __name__,
    }
    return type(f"{component}Serializer", (serializers.Serializer,), fields)


def events(component: str, kinds: list[type[serializers.Serializer[Any]]]) -> PolymorphicProxySerializer:
    """Return what describes any event of a stream."""
    named: dict[str, Any] = {cast(serializers.Constant, kind._declared_fields["event"]).text: kind for kind in kinds}
    return PolymorphicProxySerializer(component_name=component, serializers=named, resource_type_field_name="event")
