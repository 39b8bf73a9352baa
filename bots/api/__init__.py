"""The bots API, for programs and the portal's own forms."""
