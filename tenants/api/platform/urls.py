"""Addresses of the platform's API, below /v1/admin/."""

from django.urls import path

from tenants.api.platform import domains, plans, reports, sign_in, tenants, users

urlpatterns = [
    path("token", sign_in.StaffTokenView.as_view(), name="platform-token"),
    path("tenants", tenants.TenantsView.as_view(), name="platform-tenants"),
    path("tenants/<uuid:tenant_id>", tenants.PlatformTenantView.as_view(), name="platform-tenant"),
    path("tenants/<uuid:tenant_id>/suspend", tenants.SuspendView.as_view(), name="platform-tenant-suspend"),
    path("tenants/<uuid:tenant_id>/resume", tenants.ResumeView.as_view(), name="platform-tenant-resume"),
    path("tenants/<uuid:tenant_id>/keep", tenants.KeepView.as_view(), name="platform-tenant-keep"),
    path("tenants/<uuid:tenant_id>/owners", tenants.OwnersView.as_view(), name="platform-tenant-owners"),
    path("tenants/<uuid:tenant_id>/usage", tenants.TenantUsageView.as_view(), name="platform-tenant-usage"),
    path("tenants/<uuid:tenant_id>/domains", domains.DomainsView.as_view(), name="platform-domains"),
    path("tenants/<uuid:tenant_id>/domains/<uuid:domain_id>", domains.DomainView.as_view(), name="platform-domain"),
    path(
        "tenants/<uuid:tenant_id>/domains/<uuid:domain_id>/verify",
        domains.DomainVerifyView.as_view(),
        name="platform-domain-verify",
    ),
    path("plans", plans.PlansView.as_view(), name="platform-plans"),
    path("plans/<uuid:plan_id>", plans.PlanView.as_view(), name="platform-plan"),
    path("users", users.UsersView.as_view(), name="platform-users"),
    path("users/<uuid:user_id>", users.UserView.as_view(), name="platform-user"),
    path("users/<uuid:user_id>/password-reset", users.UserPasswordResetView.as_view(), name="platform-user-password"),
    path("usage", reports.UsageView.as_view(), name="platform-usage"),
    path("usage.csv", reports.UsageCsvView.as_view(), name="platform-usage-csv"),
    path("audit", reports.PlatformAuditView.as_view(), name="platform-audit"),
]
