"""Pages about bots: translate, call one use-case, translate back."""
