"""Addresses of the providers API, below /v1/."""

urlpatterns = []
