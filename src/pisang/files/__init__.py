"""What the Files API keeps for 48 hours: finished files, and uploads on their way."""
