"""Records: stored interactions and responses, and what continues them."""
