"""Errors about tenants, people and credentials."""

from __future__ import annotations

from chatcms.core.exceptions import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
)


class CredentialError(AppError):
    """The credential is missing, wrong, expired, revoked, or not for this tenant (never said which)."""

    code = "authentication_failed"
    kind = "unauthenticated"
    default_detail = "The credential is not valid. Sign in again or use another key."


class SignedOutError(CredentialError):
    """The person's sign-in to the portal has run out."""

    code = "signed_out"
    default_detail = "You have been signed out. Sign in again, then repeat this."


class TooManyAttemptsError(AppError):
    """Too many sign-in attempts; `retry_after` in extra says in how many seconds the next one counts."""

    code = "too_many_attempts"
    kind = "rate_limited"
    default_detail = "There were too many attempts. Wait a while before the next one."


class TenantChoiceNeededError(AppError):
    """The user belongs to several tenants and named none."""

    code = "tenant_required"
    kind = "invalid"
    default_detail = "You belong to several tenants. Send `tenant` with the slug of one of them."


class NoSuchTenantError(NotFoundError):
    """No tenant of that name, or it may not be entered now."""

    code = "no_such_tenant"
    default_detail = "There is no such tenant, or it is not available now."


class TenantNotReadyError(AppError):
    """The tenant exists but may not be entered now."""

    code = "tenant_not_ready"
    kind = "unavailable"
    default_detail = "This tenant is not available now. Ask the platform's staff."


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


class EmailTakenError(ConflictError):
    """Somebody has an account with that e-mail address."""

    code = "email_taken"
    default_detail = "Somebody has an account with this e-mail address already."


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


class VisitorTokenError(AppError):
    """A visitor's token is forged or damaged, or its tenant or bot is not there for visitors any more."""

    code = "visitor_token_invalid"
    kind = "unauthenticated"
    default_detail = "The visitor token is not valid. Get a new one for this page."


class VisitorTokenExpiredError(AppError):
    """A visitor's token is too old."""

    code = "visitor_token_expired"
    kind = "unauthenticated"
    default_detail = "The visitor token has expired. Get a new one, with this one as `token` to go on as before."


class OriginNotAllowedError(AppError):
    """The page is not of an origin that may show the bot, or of another than the token was issued to."""

    code = "origin_not_allowed"
    kind = "forbidden"
    default_detail = "Pages of this origin may not show the bot. Let the tenant add it to the bot's allowed origins."


class OwnersOnlyError(PermissionDeniedError):
    """A setting that only owners change."""

    code = "owners_only"
    default_detail = "Only owners change who comes in, and how. Ask one of them."


class NoIdentitySecretError(NotFoundError):
    """The tenant has no secret for visitors' identity."""

    code = "no_identity_secret"
    default_detail = "This tenant has no identity secret. Make one first."


class NoSuchMemberError(NotFoundError):
    """No member of that id belongs to the tenant."""

    code = "no_such_member"
    default_detail = "There is no such member. Check the id."


class LastOwnerError(ConflictError):
    """A tenant must keep one owner."""

    code = "last_owner"
    default_detail = "This is the last owner. Make somebody else an owner first."


class AlreadyMemberError(ConflictError):
    """The person belongs to the tenant already."""

    code = "already_member"
    default_detail = "This person is a member already."


class AlreadyInvitedError(ConflictError):
    """An invitation for that address is open."""

    code = "already_invited"
    default_detail = "This address has an open invitation. Send that one again, or revoke it first."


class InvitationUsedError(ConflictError):
    """The invitation was accepted: it can neither be sent again nor revoked."""

    code = "invitation_used"
    default_detail = "This invitation was accepted already. Look among the members."


class NoSuchInvitationError(NotFoundError):
    """No invitation has that token, or it was used, revoked or has expired, or its tenant is shut."""

    code = "no_such_invitation"
    default_detail = "There is no such invitation, or it is no longer good. Ask for a new one."


class InvitedSomebodyElseError(PermissionDeniedError):
    """The one who is signed in is not the one who was invited."""

    code = "invited_somebody_else"
    default_detail = "This invitation is for another e-mail address. Sign in with that one."


class RoleNotYoursToGiveError(PermissionDeniedError):
    """The role, or the member who has it, is above what the caller may give or change."""

    code = "role_not_yours_to_give"
    default_detail = "Only owners may make owners or change them."


class MemberQuotaError(QuotaExceededError):
    """The plan's number of members is reached, open invitations counted."""

    code = "member_quota_exceeded"
    default_detail = "The plan's number of members is reached. Remove a member or an invitation first."


class WeakPasswordError(InvalidInputError):
    """The new password is too easy to guess; `errors` say why."""

    code = "weak_password"
    default_detail = "This password is too easy to guess. Choose another."


class WrongPasswordError(InvalidInputError):
    """The present password, asked once more, is wrong."""

    code = "wrong_password"
    default_detail = "The present password is wrong."


class BadResetTokenError(InvalidInputError):
    """The token for a new password is wrong, expired or used."""

    code = "bad_reset_token"
    default_detail = "This link is no longer good. Ask for a new one."


class NoSuchKeyError(NotFoundError):
    """No API key of that id belongs to the tenant."""

    code = "no_such_key"
    default_detail = "There is no such API key. Check the id."


class KeyAboveYoursError(PermissionDeniedError):
    """A key would make or change one that may do more than itself."""

    code = "key_above_yours"
    default_detail = "A key can make and change only keys that may do no more than itself."


class KeyRevokedError(ConflictError):
    """A revoked key can be changed no more."""

    code = "key_revoked"
    default_detail = "This key is revoked and cannot be changed. Make a new one."


class NoSuchPlanError(NotFoundError):
    """No plan of that id."""

    code = "no_such_plan"
    default_detail = "There is no such plan. Check the id."


class NoSuchDomainError(NotFoundError):
    """No domain of that id belongs to the tenant."""

    code = "no_such_domain"
    default_detail = "This tenant has no such domain. Check the id."


class NoSuchUserError(NotFoundError):
    """No person of that id."""

    code = "no_such_user"
    default_detail = "There is no such person. Check the id."


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
    """A tenant has that domain."""

    code = "domain_taken"
    default_detail = "A tenant has this domain already."


class InvalidDomainError(InvalidInputError):
    """The text is no host name."""

    code = "invalid_domain"
    default_detail = "Send a host name such as chat.example.com, without scheme, port or path."


class ConfirmationMismatchError(InvalidInputError):
    """What was typed to confirm is not the tenant's slug."""

    code = "confirmation_mismatch"
    default_detail = "Send the tenant's slug as `confirm` to delete it with all its data."


class OwnAccountError(ConflictError):
    """Staff would shut themselves out."""

    code = "own_account"
    default_detail = "You cannot take your own access away. Ask another member of staff."


class PeriodError(InvalidInputError):
    """The first day is after the last, or there are too many between."""

    code = "period"
    default_detail = "Send a first day that is not after the last one, and at most 366 days."


class SecondFactorRequiredError(AppError):
    """The password is right, and the person has a second factor; `methods` in extra says which kinds."""

    code = "second_factor_required"
    kind = "unauthenticated"
    default_detail = "Send `otp` too: a code of your authenticator app, or one of your recovery codes."


class WrongSecondFactorError(AppError):
    """The code is wrong, too old or used, never said which."""

    code = "second_factor_wrong"
    kind = "unauthenticated"
    default_detail = "This code is not right, or was used already. Type the next one that your app shows."


class SecondFactorDemandedError(PermissionDeniedError):
    """The tenant, or the platform, asks for a second factor and the person has none."""

    code = "second_factor_demanded"
    default_detail = "A second factor is asked for here. Add one to your account, then sign in again."


class NoSuchSecondFactorError(NotFoundError):
    """The person has no such second factor."""

    code = "no_such_second_factor"
    default_detail = "You have no such second factor. It may be removed already."


class WrongCodeError(InvalidInputError):
    """The first code of an app that is being added is wrong."""

    code = "wrong_code"
    default_detail = "This code is not right. Type the next one that your app shows."


class LastSecondFactorError(ConflictError):
    """Somebody asks the person for a second factor, and this is the only one."""

    code = "last_second_factor"
    default_detail = "A second factor is asked of you. Add another one first."


class TooManySecondFactorsError(ConflictError):
    """The person has as many second factors as anybody may."""

    code = "too_many_second_factors"
    default_detail = "You have ten second factors. Remove one first."


class NoSuchSignInError(NotFoundError):
    """The person has no such sign-in, or it is over."""

    code = "no_such_sign_in"
    default_detail = "You are not signed in there any more."


class PasskeyRefusedError(InvalidInputError):
    """What the browser sent does not prove possession of the passkey."""

    code = "passkey_refused"
    default_detail = "The passkey could not be checked. Try again, or use another way."


class PasskeyTakenError(ConflictError):
    """The passkey belongs to an account already."""

    code = "passkey_taken"
    default_detail = "This passkey is in use already."


class PasskeysUnavailableError(ConflictError):
    """Passkeys belong to one host name, and the page is not at it."""

    code = "passkeys_unavailable"
    default_detail = "Passkeys work only at this installation's own address."


class NoSuchGrantError(NotFoundError):
    """The tenant has no such grant of access."""

    code = "no_such_access_grant"
    default_detail = "There is no such grant of access here. Check the id."


class GrantNeededError(PermissionDeniedError):
    """Staff would let themselves into a tenant without its seeing."""

    code = "access_grant_needed"
    default_detail = "You cannot make yourself a member of a tenant that is in use. Ask for a grant of access instead."


class GrantOpenError(ConflictError):
    """The member of staff has a grant in that tenant, or has asked for one."""

    code = "access_grant_open"
    default_detail = "You have a grant for this tenant already, or one is waiting for an owner."


class GrantClosedError(ConflictError):
    """The grant is over, or the request was answered or has lapsed."""

    code = "access_grant_closed"
    default_detail = "This is over already. Load the page again."


# What a sign-in with password and second factor may be refused with.
SIGN_IN_ERRORS = (
    CredentialError,
    SecondFactorRequiredError,
    WrongSecondFactorError,
    SecondFactorDemandedError,
    TooManyAttemptsError,
)
