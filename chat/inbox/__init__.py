"""The inbox: a tenant's conversations, for those who look after its bots."""
