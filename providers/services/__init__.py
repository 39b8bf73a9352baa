"""Use-cases of providers."""

from providers.selectors import access_to, config_for, default_provider, model_info, models_of, resolve
from providers.services.change import ProviderChanges, set_default, update_provider
from providers.services.checks import Offer, offered_models, test_connection
from providers.services.learning import learn_limit
from providers.services.setup import (
    create_builtin,
    create_provider,
    delete_provider,
    prepare_tenant,
    use_global,
)

__all__ = [
    "Offer",
    "ProviderChanges",
    "access_to",
    "config_for",
    "create_builtin",
    "create_provider",
    "default_provider",
    "delete_provider",
    "learn_limit",
    "model_info",
    "models_of",
    "offered_models",
    "prepare_tenant",
    "resolve",
    "set_default",
    "test_connection",
    "update_provider",
    "use_global",
]
