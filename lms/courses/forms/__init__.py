"""What is typed in the studio. One module for each part of the work."""
