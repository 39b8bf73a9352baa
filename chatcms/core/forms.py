"""Renders every form of the pages with the product's own parts."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class PartsRenderer(TemplatesSetting):
    """A field is `components/field.html`, a whole form `components/form.html`."""

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"
