"""The platform's own providers, in the public schema; an app of its own, for no app has both kinds."""
