"""The description of the API, as it is served and what is said in it."""
