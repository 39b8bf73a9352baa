"""Pages about the tenant's conversations: the inbox, one conversation, people in it, feedback, and fixing answers."""
