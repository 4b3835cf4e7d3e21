"""Web hooks: what others want to be told, signed, tried again, and logged."""
