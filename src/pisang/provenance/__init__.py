"""What is done to a finished picture of ours before anyone sees it."""
