"""Pages about datasets, documents and chunks: translate, call one use-case, translate back."""
