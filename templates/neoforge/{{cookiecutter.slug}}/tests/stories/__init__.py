"""One module per story."""
