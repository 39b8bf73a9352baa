"""The admin's sign-in, slowed down for guessers like every other one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from chatcms.core.exceptions import AppError
from tenants.exceptions import CredentialError
from tenants.services import sign_in


class StaffSignInForm(AdminAuthenticationForm):
    """E-mail address and password of a member of staff."""

    def clean(self) -> dict[str, Any]:
        """Check them as the portal and the API do."""
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            try:
                user = sign_in.authenticate(email=email, password=password, request=self.request)
            except CredentialError as error:
                raise self.get_invalid_login_error() from error
            except AppError as error:
                raise ValidationError(error.detail, code=error.code) from error
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data


admin.site.login_form = StaffSignInForm
admin.site.site_header = admin.site.site_title = "Chat AI CMS platform"
admin.site.index_title = "Platform"
