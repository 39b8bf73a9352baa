"""Pages about providers: translate, call one use-case, translate back."""
