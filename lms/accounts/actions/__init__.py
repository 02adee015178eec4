"""What changes an account. One module for each kind of thing that is changed."""
