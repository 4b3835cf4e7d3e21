"""The two ways an answer comes through: as events, or as the very bytes that an engine sent."""
