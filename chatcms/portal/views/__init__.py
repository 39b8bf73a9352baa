"""Pages and fragments of the portal: translate, call one use-case, translate back."""
