"""Addresses of the providers API, below /v1/."""

from django.urls import path

from providers.api import platform, views

urlpatterns = [
    path("tenant/providers", views.ProviderListView.as_view(), name="providers"),
    path("tenant/providers/available", views.AvailableProvidersView.as_view(), name="providers-available"),
    path("tenant/providers/<uuid:provider_id>", views.ProviderDetailView.as_view(), name="provider"),
    path("tenant/providers/<uuid:provider_id>/test", views.ProviderTestView.as_view(), name="provider-test"),
    path(
        "tenant/providers/<uuid:provider_id>/models",
        views.ProviderModelsView.as_view(),
        name="provider-models",
    ),
    path("admin/providers", platform.PlatformProvidersView.as_view(), name="platform-providers"),
    path("admin/providers/<uuid:provider_id>", platform.PlatformProviderView.as_view(), name="platform-provider"),
    path(
        "admin/providers/<uuid:provider_id>/test",
        platform.PlatformProviderTestView.as_view(),
        name="platform-provider-test",
    ),
]
