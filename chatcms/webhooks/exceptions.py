"""Errors of webhooks."""

from __future__ import annotations

from chatcms.core.exceptions import AppError, ConflictError, InvalidInputError, NotFoundError, QuotaExceededError


class NoSuchWebhookError(NotFoundError):
    """No webhook of that id in this tenant."""

    code = "no_such_webhook"
    default_detail = "There is no such webhook here. Check the id."


class NoSuchDeliveryError(NotFoundError):
    """No delivery of that id in this tenant."""

    code = "no_such_delivery"
    default_detail = "There is no such delivery here. Deliveries are kept for 30 days."


class TooManyWebhooksError(QuotaExceededError):
    """The tenant has as many webhooks as one may have."""

    code = "too_many_webhooks"
    default_detail = "There are as many webhooks as a tenant may have. Delete one first."


class WebhookAddressError(InvalidInputError):
    """The address is one that events are not sent to; `errors` in extra points to it."""

    code = "webhook_address"
    default_detail = "Events are not sent to this address."

    def __init__(self, detail: str | None = None) -> None:
        detail = detail or self.default_detail
        super().__init__(detail, errors=[{"pointer": "/url", "detail": detail, "code": self.code}])


class WebhookIsOffError(ConflictError):
    """The webhook is switched off."""

    code = "webhook_is_off"
    default_detail = "This webhook is switched off. Switch it on first."


class DeliveryPendingError(ConflictError):
    """The event is on its way to the webhook already."""

    code = "delivery_pending"
    default_detail = "This event is still being sent. Wait until it was delivered or has failed."


class NotDeliveredError(AppError):
    """The receiver did not take the event this time."""

    code = "not_delivered"
    kind = "unavailable"
    default_detail = "The receiver did not take the event."
