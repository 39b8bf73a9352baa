"""A tenant's members: who is here and in which role, who is invited."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.pages.refusals import refusals_in
from tenants.enums import InvitationState, LeftKeys, Role
from tenants.forms.tenant import InvitationForm, LeftKeysForm, RoleForm
from tenants.models import Invitation, Membership
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.selectors import within
from tenants.services import invitations as invitation_services
from tenants.services import leaving
from tenants.services import members as services

_ORDERS = {"email": "email", "role": "role", "since": "id"}


@require_GET
@tenant_page(Capability.MEMBERS_READ)
def members(visit: Visit) -> HttpResponse:
    """List the members, and the invitations that are open."""
    return _members(visit, InvitationForm())


@require_POST
@tenant_page(Capability.MEMBERS_WRITE)
def invite(visit: Visit) -> HttpResponse:
    """Invite a person by mail; where no mail server is set up, show the link to pass on."""
    form = InvitationForm(visit.request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        with refusals_in(form, at="email"):
            invitation, token = invitation_services.create_invitation(
                by=visit.actor, tenant=visit.tenant, email=email, role=role
            )
            return _invited(visit, invitation, token)
    return _members(visit, form, status=422)


@require_POST
@tenant_page(Capability.MEMBERS_WRITE)
def resend(visit: Visit, invitation_id: uuid.UUID) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = within.invitation_by_id(visit.tenant, invitation_id)
    token = invitation_services.resend_invitation(by=visit.actor, invitation=invitation)
    return _invited(visit, invitation, token)


@require_POST
@tenant_page(Capability.MEMBERS_WRITE)
def revoke(visit: Visit, invitation_id: uuid.UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = within.invitation_by_id(visit.tenant, invitation_id)
    invitation_services.revoke_invitation(by=visit.actor, invitation=invitation)
    visit.saved(_("The invitation of %(email)s is taken back.") % {"email": invitation.email})
    return visit.redirect("tenants:members")


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.MEMBERS_WRITE)
def member(visit: Visit, member_id: uuid.UUID) -> HttpResponse:
    """Show a member and give them another role."""
    row = within.member_by_id(visit.tenant, member_id)
    form = RoleForm(visit.request.POST or None, initial={"role": row.role})
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, at="role"):
            services.change_role(
                by=visit.actor, membership=row, role=Role(form.cleaned_data["role"]), keys=_keys(visit)
            )
            visit.saved(_("The role counts from the next request on."))
            return visit.redirect("tenants:members")
    doors = leaving.doors_of(row.user_id, visit.tenant.id)
    values = {"member": row, "form": form, "is_self": _is_self(visit, row), "doors": doors, "left": LeftKeysForm()}
    values["removal"] = LeftKeysForm(auto_id="removal_%s")
    return visit.render("portal/tenants/member_edit.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.MEMBERS_WRITE)
def remove(visit: Visit, member_id: uuid.UUID) -> HttpResponse:
    """Take a person off the list of members."""
    row = within.member_by_id(visit.tenant, member_id)
    services.remove_member(by=visit.actor, membership=row, keys=_keys(visit))
    visit.saved(_("%(email)s is no member any more.") % {"email": row.user.email})
    return visit.redirect("portal:home") if _is_self(visit, row) else visit.redirect("tenants:members")


def _members(visit: Visit, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    search = visit.request.GET.get("search", "").strip()[:200]
    listing = visit.listing(within.members_of(visit.tenant, search=search), orders=_ORDERS, default="email")
    may_write = visit.may(Capability.MEMBERS_WRITE)
    waiting = within.invitations_of(visit.tenant, state=InvitationState.OPEN)[:100] if may_write else []
    values = {"listing": listing, "search": search, "invitations": waiting, "form": form}
    return visit.render("portal/tenants/member_list.html", values, status=status)


def _invited(visit: Visit, invitation: Invitation, token: str) -> HttpResponse:
    values = {"email": invitation.email, "link": invitation_services.link_to_show(invitation, token)}
    return visit.render("portal/tenants/invitation_sent.html", values)


def _keys(visit: Visit) -> LeftKeys:
    form = LeftKeysForm(visit.request.POST)
    return form.cleaned_data["keys"] if form.is_valid() else LeftKeys.REVOKE


def _is_self(visit: Visit, row: Membership) -> bool:
    return visit.actor.type == "user" and row.user_id == visit.actor.id
