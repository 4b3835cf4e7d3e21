"""OpenAI's dialect: images, chat completions and responses, as its clients send them."""
