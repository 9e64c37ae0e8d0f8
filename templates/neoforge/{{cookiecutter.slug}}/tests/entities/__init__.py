"""One module per entity."""
