"""Lists of everything that was built; each slice adds its own lines between the markers."""
