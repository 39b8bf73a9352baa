"""Where a page leads after it has done its work: only to an address of our own."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def safe_target(request: HttpRequest, *, otherwise: str = "portal:home") -> str:
    """Return the address in the field `next`, or the page `otherwise` when that leads away from here."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse(otherwise)
