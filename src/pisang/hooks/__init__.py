"""Web hooks: what happens here is told to addresses that people chose; signed, retried, logged."""
