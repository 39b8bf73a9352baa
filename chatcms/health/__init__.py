"""How the service stands: what it watches, what everybody may ask, what staff see."""
