"""What is done to courses: writing drafts, rendering, publishing."""
