"""What every template is given, besides what Django gives."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chatcms.core.pages.preferences import SCHEMES, scheme_of


def page_context(request: HttpRequest) -> dict[str, Any]:
    """The colour scheme of this browser, and the nonce that the policy of this response allows."""
    return {"scheme": scheme_of(request), "schemes": SCHEMES, "csp_nonce": getattr(request, "csp_nonce", "")}
