"""Who did what: append-only, and hash-chained so that nobody can change it unseen."""
