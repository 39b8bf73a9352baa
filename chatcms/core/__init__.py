"""The floor: what every app may use and that knows no app."""
