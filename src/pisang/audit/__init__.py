"""Who did what: an append-only log in which each row's hash covers the row before it."""
