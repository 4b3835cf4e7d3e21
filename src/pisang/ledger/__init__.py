"""Money and limits: what is held before an engine works, and what is posted after."""
