"""Records of what was said: stored conversations, and the signatures of pictures drawn in them."""
