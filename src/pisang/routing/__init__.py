"""Where a request goes: the route table, who is well, what a failure means, what to try next."""
