"""Pages about exports: translate, call one use-case, translate back."""
