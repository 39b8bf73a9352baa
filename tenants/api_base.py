"""What every API view shares: the caller, the tenant, the capability table, and the rules on every route.

Every request is counted against the caller's limits; a POST with an `Idempotency-Key` is carried out once; a change
with `If-Match` is made to what the caller has seen, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import declared, preconditions
from chatcms.core.exceptions import PermissionDeniedError, RateLimitedError
from chatcms.core.http import ratelimit
from chatcms.core.http.addresses import client_address
from tenants import downloads
from tenants.authentication import Principal
from tenants.models import Tenant
from tenants.permissions import Capability
from tenants.services import idempotency, limits, staff
from tenants.types import Actor

_KEPT_HEADERS = ("Content-Type", "Cache-Control", "ETag", "Location")
_METHODS = ("get", "post", "put", "patch", "delete")


class RuledAPIView(GenericAPIView[Any]):
    """A view whose requests are counted: by caller, or by address when nobody is known."""

    # Whether members and parameters that the route does not declare are refused; clients of OpenAI's protocol send more
    # than a bot takes, and mean no harm by it.
    strict: ClassVar[bool] = True
    # Whether everybody may ask, without a credential.
    is_open: ClassVar[bool] = False
    _limit_headers: dict[str, str] | None = None

    @property
    def address(self) -> str:
        """Where the request came from."""
        return client_address(self.request.META)

    def perform_authentication(self, request: Request) -> None:
        """Find out who is calling and count the request; a wrong credential counts for the address.

        Raises `RateLimitedError` when a limit is passed.
        """
        principal: Any = None
        try:
            super().perform_authentication(request)
            principal = request.user
        finally:
            # A guesser of credentials who is too fast learns no more than that.
            self._count(principal)

    def check_permissions(self, request: Request) -> None:
        """Refuse a method that the route does not have with 405, before what the caller may do is looked at.

        Who is not known at all learns on a shut route no more than that: 401.
        """
        method, is_known = str(request.method), self.is_open or request.user is not None
        if is_known and method not in {*self.allowed_methods, "HEAD" if hasattr(self, "get") else ""}:
            raise MethodNotAllowed(method)
        if not (is_known and method == "OPTIONS"):
            super().check_permissions(request)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]  # as DRF has it
        """Tell by `Allow` which methods there are, whatever the caller may do with them."""
        return Response(status=204)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller, and that nothing is sent which the route does not know."""
        super().initial(request, *args, **kwargs)
        if self.strict:
            declared.refuse_unknown(self, request)

    def _count(self, principal: Principal | None) -> None:
        if principal is None:
            buckets = limits.buckets_of_address(self.address)
        else:
            buckets = limits.buckets_of(principal.actor, principal.tenant, address=self.address)
        verdict = ratelimit.take(buckets)
        self._limit_headers = verdict.headers
        if not verdict.allowed:
            raise RateLimitedError(retry_after=verdict.retry_after)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add to every answer how much of the limits is left."""
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self._limit_headers or {}).items():
            final.headers[name] = value
        return final


class PublicAPIView(RuledAPIView):
    """A view for callers without a credential."""

    is_open = True
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)


class CallerAPIView(RuledAPIView):
    """A view for callers with a credential; subclasses name the capability of each method."""

    capabilities: ClassVar[dict[str, Capability]] = {}
    # Whether a POST with an `Idempotency-Key` is carried out in one transaction together with the note of its
    # answer. Not for views that wait for others meanwhile.
    idempotent: ClassVar[bool] = True

    @property
    def principal(self) -> Principal:
        """Who is calling, and for which tenant."""
        return self.request.user  # type: ignore[return-value]  # what BearerAuthentication returns

    @property
    def actor(self) -> Actor:
        """Who is calling."""
        return self.principal.actor

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Put a file that is handed out on record."""
        final = super().finalize_response(request, response, *args, **kwargs)
        # Not `user`, which would look at a credential that was refused once more.
        principal: Any = getattr(request, "_user", None)
        if isinstance(principal, Principal):
            downloads.note(request._request, final, by=principal.actor)
        return final

    # --- changes to what has been seen -------------------------------------------------------------------

    def tagged(self, row: Model, data: Any, status: int = 200) -> Response:
        """Answer with `data`, which shows `row`, and its `ETag`; with 304 when a GET's `If-None-Match` knows it."""
        etag = preconditions.etag_of(row, data)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        is_read = self.request.method in {"GET", "HEAD"}
        if is_read and preconditions.is_known(etag, self.request.headers.get("If-None-Match")):
            return Response(status=304, headers=headers)
        return Response(data, status=status, headers=headers)

    @contextmanager
    def unchanged(self, row: Model, *, after: QuerySet[Any] | None = None) -> Iterator[None]:
        """Carry the block out in a transaction on the locked row if `If-Match` fits it; just so without the header.

        The rows of `after` are locked before `row`, where the use-case in the block does so: an order that all keep
        makes no deadlock. Raises `PreconditionFailedError` when the row has changed since, and `NotFoundError` when
        it is gone.
        """
        if_match = self.request.headers.get("If-Match")
        if if_match is None:
            yield
            return
        with transaction.atomic():
            now = preconditions.locked_unchanged(row, if_match, after=after)
            if preconditions.version_of(now) != preconditions.version_of(row):
                row.refresh_from_db()
            yield

    # --- creating once -----------------------------------------------------------------------------------

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller; have a POST with a key carried out once."""
        super().initial(request, *args, **kwargs)
        handler: Any = getattr(self, "post", None)
        if request.method == "POST" and self.idempotent and handler and "Idempotency-Key" in request.headers:
            # On the instance, where DRF looks for the handler next.
            vars(self)["post"] = partial(self._once, handler)

    def _once(
        self, handler: Callable[..., HttpResponseBase], request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        asked = self.keyed(request)
        if asked is None:
            return handler(request, *args, **kwargs)
        with transaction.atomic():
            if (earlier := idempotency.earlier_reply(asked)) is not None:
                replayed = {**earlier.headers, "Idempotency-Replayed": "true"}
                return HttpResponse(earlier.body, status=earlier.status, headers=replayed)
            response = self.finalize_response(request, handler(request, *args, **kwargs))
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif isinstance(response, Response):
                response.render()
                headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
                idempotency.keep(asked, idempotency.Reply(response.status_code, headers, response.content))
        return response  # type: ignore[no-any-return]

    def keyed(self, request: Request) -> idempotency.Asked | None:
        """Describe a request that came with an `Idempotency-Key`; None without one.

        Raises `InvalidIdempotencyKeyError`.
        """
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return None
        data = request.data
        match = request.resolver_match
        return idempotency.asked(
            by=self.actor,
            tenant_id=self.principal.tenant.id if self.principal.tenant else None,
            key=key,
            route=f"POST {match.route if match else request.path}",
            address=(request.path, request.META.get("QUERY_STRING", "")),
            data=dict(data.lists()) if isinstance(data, QueryDict) else data,
        )


class TenantAPIView(CallerAPIView):
    """A view of one tenant's things."""

    @property
    def tenant(self) -> Tenant:
        """The tenant that the credential named; `PermissionDeniedError` for the platform's staff, who have none."""
        tenant = self.principal.tenant
        if tenant is None:
            raise PermissionDeniedError
        return tenant


class PlatformAPIView(CallerAPIView):
    """A view of the platform's things, for its staff; every method needs `Capability.PLATFORM`.

    All staff may look. Who changes something needs the right for it that Django's admin asks for too: `rights`
    names it for each method that is not GET.
    """

    rights: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.capabilities = {name.upper(): Capability.PLATFORM for name in _METHODS if hasattr(cls, name)}

    def check_permissions(self, request: Request) -> None:
        """Ask for the capability, and for the right to change things; a method without a named right stays shut."""
        super().check_permissions(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            staff.require(by=self.actor, right=self.rights.get(str(request.method)))
