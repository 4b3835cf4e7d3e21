"""The dialect of Google's Interactions API: steps instead of contents, snake_case both ways."""
