"""Users and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from tenants.admin.base import ModelAdmin, staff
from tenants.enums import Role
from tenants.exceptions import ApprovalNeededError
from tenants.models import MemberRequest, Membership, User
from tenants.services import mailboxes, members, people, requests
from tenants.types import Actor

if TYPE_CHECKING:
    UserCreationForm = BaseUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
else:  # neither can be subscripted when the program runs
    UserCreationForm = BaseUserCreationForm
    ChangeForm = UserChangeForm


ASKED = "Nothing is changed yet: this tenant has owners. They got a mail, and one of them approves or declines."


class NewUserForm(UserCreationForm):
    """A new account: the e-mail address in lower case, and a password."""

    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        """Addresses are known in lower case."""
        return str(self.cleaned_data["email"]).lower()


class UserForm(ChangeForm):
    """An account."""

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        """Addresses are known in lower case."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]  # cannot be subscripted when the program runs
    """People, known by their e-mail address; staff rights open this admin and no tenant."""

    form = UserForm
    add_form = NewUserForm
    list_display = ["email", "name", "is_active", "is_staff", "last_login", "created_at"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    actions = ["vouch"]
    readonly_fields = ["email_proven_at", "last_login", "created_at"]
    fieldsets = [
        (None, {"fields": ["email", "email_proven_at", "name", "password"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "created_at"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]

    def save_model(self, request: HttpRequest, obj: User, form: forms.Form, change: bool) -> None:
        """Store through the service."""
        people.save_user(by=staff(request), user=obj, changed=form.changed_data)

    @admin.action(description="Vouch that these mailboxes are theirs", permissions=["change"])
    def vouch(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Note that staff know whose these accounts are, for who cannot be sent a mail."""
        for user in queryset:
            mailboxes.vouch(by=staff(request), user=user)
        self.message_user(request, f"{len(queryset)} accounts are known to be their own.", messages.SUCCESS)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set a password, and end the sign-ins that the old one opened."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            people.password_was_set(by=staff(request), user=User.objects.get(pk=id))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a person here: what they did stays theirs. Take `active` away instead."""
        return False


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Who belongs to which tenant."""

    list_display = ["user", "tenant", "role", "is_active", "created_at"]
    list_filter = ["role", "is_active"]
    list_select_related = ["user", "tenant"]
    search_fields = ["user__email", "tenant__name", "tenant__slug"]
    autocomplete_fields = ["user", "tenant"]
    fields = ["user", "tenant", "role", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A membership never moves to other people or tenants."""
        return ["is_active"] if obj is None else ["user", "tenant", "is_active"]

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.Form, change: bool) -> None:
        """Store through the service; saving a deactivated member takes them in again."""
        by, role = staff(request), Role(obj.role)
        if change:
            self._change(request, by, Membership.objects.get(pk=obj.pk), role)
        else:
            made = requests.add_or_ask(by=by, tenant=obj.tenant, email=obj.user.email, role=role)
            obj.pk = made.pk
            if isinstance(made, MemberRequest):
                self.message_user(request, ASKED, messages.WARNING)

    def _change(self, request: HttpRequest, by: Actor, membership: Membership, role: Role) -> None:
        try:
            members.change_role(by=by, membership=membership, role=role)
        except ApprovalNeededError:
            requests.add_or_ask(by=by, tenant=membership.tenant, email=membership.user.email, role=role)
            self.message_user(request, ASKED, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Take the person off the list through the service."""
        members.remove_member(by=staff(request), membership=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Shut each of them out."""
        for membership in queryset:
            self.delete_model(request, membership)
