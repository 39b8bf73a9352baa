"""A tenant's webhooks: the list, a new one, its settings and secret, a test, what was sent, sending it again."""

from __future__ import annotations

import uuid
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import Refusals, refusal
from chatcms.webhooks import selectors, services
from chatcms.webhooks.enums import DeliveryState
from chatcms.webhooks.exceptions import WebhookAddressError
from chatcms.webhooks.forms import WebhookForm, WebhookSettingsForm
from chatcms.webhooks.models import Webhook
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_GET
@tenant_page(Capability.WEBHOOKS_READ)
def webhooks(visit: Visit) -> HttpResponse:
    """List the tenant's webhooks."""
    listing = visit.listing(Webhook.objects.all())
    return visit.render("portal/webhooks/webhook_list.html", {"listing": listing, "failed": selectors.switched_off()})


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_page(Capability.WEBHOOKS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Make a webhook and show its secret, this once."""
    form = WebhookForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with Refusals(partial(_explain, form)):
            webhook, secret = services.create_webhook(by=visit.actor, **form.cleaned_data)
            return _secret(visit, webhook, secret)
    status = 422 if form.errors else 200
    return visit.render("portal/webhooks/webhook_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.WEBHOOKS_READ)
def edit(visit: Visit, webhook_id: uuid.UUID) -> HttpResponse:
    """Show and change a webhook, with what was sent to it."""
    webhook = selectors.webhook_by_id(webhook_id)
    initial = {name: getattr(webhook, name) for name in ("url", "description", "events", "is_active")}
    form = WebhookSettingsForm(visit.request.POST or None, initial=initial)
    if visit.request.method == "POST":
        visit.need(Capability.WEBHOOKS_WRITE)
        if form.is_valid():
            with Refusals(partial(_explain, form)):
                services.update_webhook(by=visit.actor, webhook=webhook, **form.cleaned_data)
                visit.saved(_("The webhook is saved."))
                return visit.redirect("webhooks:edit", webhook.pk)
    state = visit.request.GET.get("state", "")
    state = state if state in DeliveryState.values else ""
    deliveries = visit.listing(selectors.deliveries_of(webhook, state=state))
    values = {
        "webhook": webhook,
        "was_switched_off": not webhook.is_active and webhook in selectors.switched_off(),
        "form": form,
        "listing": deliveries,
        "state": state,
        "states": DeliveryState.choices,
    }
    return visit.render("portal/webhooks/webhook_edit.html", values, status=422 if form.errors else 200)


@never_cache
@require_POST
@tenant_page(Capability.WEBHOOKS_WRITE)
def rotate(visit: Visit, webhook_id: uuid.UUID) -> HttpResponse:
    """Give a webhook a new secret and show it, this once."""
    webhook = selectors.webhook_by_id(webhook_id)
    return _secret(visit, webhook, services.rotate_secret(by=visit.actor, webhook=webhook))


@require_POST
@tenant_page(Capability.WEBHOOKS_WRITE)
def ping(visit: Visit, webhook_id: uuid.UUID) -> HttpResponse:
    """Send a test event."""
    delivery = services.send_ping(by=visit.actor, webhook=selectors.webhook_by_id(webhook_id))
    visit.saved(_("A test is on its way. Its outcome appears here."))
    return visit.redirect("webhooks:delivery", delivery.pk)


@require_POST
@tenant_page(Capability.WEBHOOKS_WRITE)
def delete(visit: Visit, webhook_id: uuid.UUID) -> HttpResponse:
    """Delete a webhook with the log of its deliveries."""
    webhook = selectors.webhook_by_id(webhook_id)
    services.delete_webhook(by=visit.actor, webhook=webhook)
    visit.saved(_("The webhook is deleted. Nothing more is sent to it."))
    return visit.redirect("webhooks:list")


@require_GET
@tenant_page(Capability.WEBHOOKS_READ)
def delivery(visit: Visit, delivery_id: uuid.UUID) -> HttpResponse:
    """Show what was sent, and what came back of each attempt."""
    row = selectors.delivery_by_id(delivery_id)
    template = "_attempts.html" if visit.is_htmx else "delivery_detail.html"
    return visit.render(f"portal/webhooks/{template}", {"delivery": row, "webhook": row.webhook})


@require_POST
@tenant_page(Capability.WEBHOOKS_WRITE)
def replay(visit: Visit, delivery_id: uuid.UUID) -> HttpResponse:
    """Send the event of a delivery once more."""
    again = services.replay(by=visit.actor, delivery=selectors.delivery_by_id(delivery_id))
    visit.saved(_("It is sent again."))
    return visit.redirect("webhooks:delivery", again.pk)


def _secret(visit: Visit, webhook: Webhook, secret: str) -> HttpResponse:
    return visit.render("portal/webhooks/webhook_secret.html", {"webhook": webhook, "secret": secret})


def _explain(form: WebhookForm, error: AppError) -> None:
    form.add_error("url" if isinstance(error, WebhookAddressError) else None, refusal(error))
