"""How long what is served may be kept by who has it."""

from __future__ import annotations

# For addresses that hold a hash of their content: another content has another address.
FOR_GOOD = "public, max-age=31536000, immutable"
