"""How a project enters a tenant; the views are the same for both."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from chatcms.tests.leakproject.models import Marker


@dataclass(frozen=True, slots=True)
class Named:
    """A tenant of which the schema is known."""

    schema_name: str

    @property
    def id(self) -> uuid.UUID:
        """An id of the same tenant each time."""
        return uuid.uuid5(uuid.NAMESPACE_DNS, self.schema_name)


class Ways(Protocol):
    """What differs between the two projects."""

    def enter(self, tenant: Named) -> None:
        """Put the tenant in force for the request."""

    def read_inside(self, tenant: Named) -> str:
        """Read the marker from a thread, entering the tenant there first."""

    async def visit(self, tenant: Named, work: Callable[[], Any]) -> Any:
        """Do synchronous work for the tenant from asynchronous code."""


def read() -> str:
    """Whose row is it?"""
    return Marker.objects.get().owner
