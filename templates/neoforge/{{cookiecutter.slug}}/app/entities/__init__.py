"""One folder per entity: its table, its description and its routes."""
