"""What every page of the portal shares: forms, colours, charts, language, and what errors show."""
