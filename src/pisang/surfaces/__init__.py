"""HTTP in and out: thin rooms that know paths, headers and bytes, and nothing of pictures."""
