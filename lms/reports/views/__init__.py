"""Pages over many people."""
