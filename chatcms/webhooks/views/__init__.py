"""Pages about webhooks: translate, call one use-case, translate back."""
