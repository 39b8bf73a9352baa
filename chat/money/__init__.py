"""Money: prices, spending, budgets and what is left of the plan."""
