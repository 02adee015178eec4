"""Pages of the studio, in which courses are written. One module for each part of the work."""
