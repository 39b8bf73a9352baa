"""The API's face of identity: signing in, and a tenant's keys."""
