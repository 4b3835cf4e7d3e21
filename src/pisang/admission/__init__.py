"""May this caller do this now? Every check that is made before money is spent."""
