"""A tiny project that reads one row of its tenant in every way there is: on django-tenants' parts, and on ours."""
