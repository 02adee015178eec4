"""Pages of the dictionary and of the standards."""
