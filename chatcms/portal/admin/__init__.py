"""The platform staff's site: Django's admin with our sign-in, our grouping, and pages that put apps together."""
