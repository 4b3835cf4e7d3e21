"""What can be asked for, and what it costs: cards of models and their prices, kept as data."""
