"""What is outside: providers, private hosts, the DNS and mail."""

from __future__ import annotations

from pathlib import Path

from chatcms.config.environment import VAR_DIR, dns_resolvers, env, mail_server, private_hosts, public_url

# --- providers: platform keys are copied to the global providers' rows by `seed_providers`, read nowhere else ----
PLATFORM_PROVIDER_KEYS = {"openai": env.str("OPENAI_API_KEY", ""), "anthropic": env.str("ANTHROPIC_API_KEY", "")}
# --- ways out: private hosts that calls may reach, a list for each purpose, so that none opens what another is for ---
EGRESS_PRIVATE_HOSTS = private_hosts("EGRESS_PRIVATE_HOSTS")
FETCH_PRIVATE_HOSTS = private_hosts("FETCH_PRIVATE_HOSTS")
WEBHOOK_PRIVATE_HOSTS = private_hosts("WEBHOOK_PRIVATE_HOSTS")
DOMAIN_PRIVATE_HOSTS = private_hosts("DOMAIN_PRIVATE_HOSTS")
# The DNS servers that are asked for the records of tenants' domains; none: those of the system.
DNS_RESOLVERS = dns_resolvers("DNS_RESOLVERS")
# So long after a tenant gave a verified domain up no other tenant may verify it.
DOMAIN_REST_DAYS = env.int("DOMAIN_REST_DAYS", 7)
# So long after its TXT record was found missing a verified domain is taken from its tenant; 0: never.
DOMAIN_LAPSE_DAYS = env.int("DOMAIN_LAPSE_DAYS", 14)
# Seconds to wait for a model's first word, for each next piece, and for the whole answer, before its provider counts as
# failed; a provider's own settings go before them.
PROVIDER_FIRST_TOKEN_SECONDS = env.int("PROVIDER_FIRST_TOKEN_SECONDS", 30)
PROVIDER_SILENCE_SECONDS = env.int("PROVIDER_SILENCE_SECONDS", 20)
PROVIDER_TOTAL_SECONDS = env.int("PROVIDER_TOTAL_SECONDS", 180)
# The built-in embedding models: one for English, one for every other language, which lies beside it.
LOCAL_MODEL_DIR = Path(env.str("LOCAL_MODEL_DIR", str(VAR_DIR / "models" / "all-MiniLM-L6-v2")))
MULTILINGUAL_MODEL_DIR = Path(
    env.str("MULTILINGUAL_MODEL_DIR", str(LOCAL_MODEL_DIR.with_name("multilingual-e5-small")))
)
# Whether web and worker load the built-in models before they are ready.
LOAD_MODEL_AT_START = env.bool("LOAD_MODEL_AT_START", True)

# --- mail: with EMAIL_URL, links of invitations go by mail only; without, they are shown to whoever invites -----------
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", ""))
PUBLIC_URL = public_url()
_MAIL = mail_server(env.str("EMAIL_URL", ""))
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST = _MAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "Chat AI CMS <noreply@localhost>")
