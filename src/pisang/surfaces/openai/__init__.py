"""OpenAI's surface, under OpenAI's own addresses and under Google's compatible ones."""
