"""The providers API, for programs and the portal's own forms."""
