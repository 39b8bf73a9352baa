"""Addresses of the bots API, below /v1/."""

urlpatterns = []
