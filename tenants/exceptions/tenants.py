"""Errors about tenants, their plans, domains, logos and settings."""

from __future__ import annotations

from chatcms.core.exceptions import AppError, ConflictError, InvalidInputError, NotFoundError


class NoSuchTenantError(NotFoundError):
    """No tenant of that name, or it may not be entered now."""

    code = "no_such_tenant"
    default_detail = "There is no such tenant, or it is not available now."


class TenantNotReadyError(AppError):
    """The tenant is being made, or its schema is behind the code; told to its members and keys alone."""

    code = "tenant_not_ready"
    kind = "unavailable"
    default_detail = (
        "This tenant is being brought up to date and cannot be entered now. Try again later, or ask the platform's "
        "staff."
    )


class TenantSuspendedError(AppError):
    """The platform has suspended the tenant; told to its members and keys alone."""

    code = "tenant_suspended"
    kind = "forbidden"
    default_detail = (
        "This tenant is suspended: nobody can work in it and its bots do not answer. Nothing is lost. Ask the "
        "platform's staff to reinstate it."
    )


class TenantDeletingError(AppError):
    """The tenant is on its way out; told to its members and keys alone."""

    code = "tenant_deleting"
    kind = "forbidden"
    default_detail = "This tenant is being deleted and can be entered no more. Ask the platform's staff to keep it."


class SlugTakenError(ConflictError):
    """Another tenant has that slug."""

    code = "slug_taken"
    default_detail = "Another tenant has this slug. Choose another."


class SchemaOccupiedError(ConflictError):
    """A schema of that name exists and is not this tenant's: it is never touched."""

    code = "schema_occupied"
    default_detail = "A database schema of that name exists already and was left alone. Choose another slug."


class InvalidSlugError(InvalidInputError):
    """The slug has characters that a host or path cannot carry."""

    code = "invalid_slug"
    default_detail = "Use 1 to 40 lower-case letters, digits and hyphens for the slug."


class ProvisioningFailedError(AppError):
    """Making a tenant stopped halfway; `provisioning.resume` goes on from there."""

    code = "provisioning_failed"
    kind = "unavailable"
    default_detail = "The tenant could not be made ready. It can be resumed."


class WrongStateError(ConflictError):
    """The tenant is in a state in which this cannot be done."""

    code = "wrong_state"
    default_detail = "The tenant is in a state in which this cannot be done."


class LogoTooLargeError(AppError):
    """The picture has more bytes than a logo may."""

    code = "logo_too_large"
    kind = "too_large"
    default_detail = "This picture is larger than 256 KB. Make it smaller; 256 pixels on each side are plenty."


class NotAPictureError(AppError):
    """What was uploaded as a logo is no picture of a kind that is taken."""

    code = "unsupported_logo"
    kind = "unsupported"
    default_detail = "This is not a picture that can be shown. Save the logo as PNG, JPEG or WebP."


class SvgLogoError(NotAPictureError):
    """What was uploaded as a logo is an SVG drawing."""

    default_detail = "An SVG can hold scripts, so it is not taken as a logo. Save it as PNG, JPEG or WebP."


class NoLogoError(NotFoundError):
    """The tenant has uploaded no logo, or none of that name."""

    code = "no_logo"
    default_detail = "There is no such logo. It may have been replaced or removed."


class NoIdentitySecretError(NotFoundError):
    """The tenant has no secret for visitors' identity."""

    code = "no_identity_secret"
    default_detail = "This tenant has no identity secret. Make one first."


class NoSuchPlanError(NotFoundError):
    """No plan of that id."""

    code = "no_such_plan"
    default_detail = "There is no such plan. Check the id."


class NoSuchDomainError(NotFoundError):
    """No domain of that id belongs to the tenant."""

    code = "no_such_domain"
    default_detail = "This tenant has no such domain. Check the id."


class PlanCodeTakenError(ConflictError):
    """Another plan has that code."""

    code = "plan_code_taken"
    default_detail = "Another plan has this code. Choose another."


class PlanInUseError(ConflictError):
    """Tenants have the plan."""

    code = "plan_in_use"
    default_detail = "Tenants have this plan. Give them another one first."


class DomainNotHereError(AppError):
    """A domain does not lead to this installation."""

    code = "domain_not_here"
    kind = "unprocessable"
    default_detail = "This domain does not lead here. Point it here in its DNS, then check again."


class TooManyDomainsError(ConflictError):
    """The tenant has as many domains as it may have."""

    code = "too_many_domains"
    default_detail = "A tenant has at most five domains. Remove one first."


class DomainTakenError(ConflictError):
    """Another tenant has proved that the domain is theirs, or this one has it already."""

    code = "domain_taken"
    default_detail = "A tenant has this domain already, and has proved that it is theirs."


class DomainRestingError(ConflictError):
    """Another tenant gave the domain up a short while ago."""

    code = "domain_resting"
    default_detail = "Another tenant used this domain until a short while ago. Try again in some days."


class InvalidDomainError(InvalidInputError):
    """The text is no host name."""

    code = "invalid_domain"
    default_detail = "Send a host name such as chat.example.com, without scheme, port or path."


class ConfirmationMismatchError(InvalidInputError):
    """What was typed to confirm is not the tenant's slug."""

    code = "confirmation_mismatch"
    default_detail = "Send the tenant's slug as `confirm` to delete it with all its data."


class PeriodError(InvalidInputError):
    """The first day is after the last, or there are too many between."""

    code = "period"
    default_detail = "Send a first day that is not after the last one, and at most 366 days."
