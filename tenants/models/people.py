"""Users, and what each may do in which tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from chatcms.core.db.models import TimestampedModel
from tenants.enums import InvitationState, Role, TenantStatus
from tenants.models.tenant import Tenant


class UserManager(BaseUserManager["User"]):
    """Makes users, known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save and return a user; without a password nobody can sign in as it."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save and return a member of the platform's staff with every permission."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by e-mail address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin, TimestampedModel):
    """A person who signs in; `is_staff` opens the platform's admin and nothing of any tenant."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Every sign-in is of one epoch, and good in that one only. A trigger moves it on when the person is switched off,
    # loses rights or gets another address: what was signed in before stays out for good.
    sign_in_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # When the mailbox answered, or staff vouched for it; null while anybody may have made the account in this name.
    email_proven_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="users_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # What Django compares on each request of a browser, and at the second step.
        of_password: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # Django's own
        return f"{of_password}.{self.sign_in_epoch}" if self.sign_in_epoch else of_password


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Selections of memberships."""

    def live(self) -> MembershipQuerySet:
        """Those that let their user in now: membership, user and tenant are all active."""
        return self.in_force().filter(
            tenant__is_active=True, tenant__status=TenantStatus.READY, tenant__is_behind=False
        )

    def in_force(self) -> MembershipQuerySet:
        """Those whose membership and user are active, whether or not their tenant may be entered now."""
        return self.filter(is_active=True, user__is_active=True)


class Membership(TimestampedModel):
    """What one user may do in one tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "memberships"
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="memberships_once_per_tenant")]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.tenant_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Selections of invitations."""

    def open(self) -> InvitationQuerySet:
        """Those that can be accepted now."""
        return self.filter(accepted_at__isnull=True, expires_at__gt=timezone.now())


class Invitation(TimestampedModel):
    """An offer to join a tenant, good once and for a time; only a hash of its token is kept."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    # Whether nobody but the mailbox has been told the link, so that whoever has it reads the mailbox.
    by_mail_only = models.BooleanField(default=False, db_default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "invitations"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def state(self) -> InvitationState:
        """Whether it can be accepted."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        return InvitationState.OPEN if self.expires_at > timezone.now() else InvitationState.EXPIRED
