"""The script that pages of tenants load to show a bot."""
