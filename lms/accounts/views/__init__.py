"""Pages of signing in and of the own account. One blueprint, one module for each part."""
