"""Errors about people, their membership and invitations."""

from __future__ import annotations

from chatcms.core.exceptions import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
)


class EmailTakenError(ConflictError):
    """Somebody has an account with that e-mail address."""

    code = "email_taken"
    default_detail = "Somebody has an account with this e-mail address already."


class OwnersOnlyError(PermissionDeniedError):
    """A setting that only owners change."""

    code = "owners_only"
    default_detail = "Only owners change who comes in, and how. Ask one of them."


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


class KeysToNobodyError(InvalidInputError):
    """Keys are to be kept, and whoever says so cannot answer for them."""

    code = "keys_to_nobody"
    default_detail = (
        "Only another member can take keys over, by removing or changing the one who made them. Revoke them."
    )


class MailboxUnprovenError(ConflictError):
    """An account whose mailbox never answered would come into another tenant."""

    code = "mailbox_unproven"
    default_detail = (
        "Nobody has shown yet that this mailbox is theirs. Ask for a new password by mail and choose one, or ask the "
        "platform's staff to vouch for it."
    )


class ApprovalNeededError(PermissionDeniedError):
    """Staff would give somebody a role in a tenant that has owners, who were not asked."""

    code = "approval_needed"
    default_detail = "This tenant has owners: one of them approves who comes in, and who gets a higher role. Ask them."


class NoSuchRequestError(NotFoundError):
    """The tenant has no such request of staff."""

    code = "no_such_member_request"
    default_detail = "There is no such request here. Check the id."


class RequestAnsweredError(ConflictError):
    """An owner answered the request, or nobody did in time."""

    code = "member_request_answered"
    default_detail = "This is answered already, or has lapsed. Load the page again."


class NoSuchUserError(NotFoundError):
    """No person of that id."""

    code = "no_such_user"
    default_detail = "There is no such person. Check the id."


class OwnAccountError(ConflictError):
    """Staff would shut themselves out."""

    code = "own_account"
    default_detail = "You cannot take your own access away. Ask another member of staff."
