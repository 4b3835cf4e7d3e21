"""Where a request goes: the route table, whoever is well, what a failure means, what to try next."""
