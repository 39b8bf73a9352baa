"""The tenant's figures: what was asked and answered, what it cost, what was found and what was not."""
