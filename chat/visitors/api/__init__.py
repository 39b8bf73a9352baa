"""The API that the widget begins with."""
