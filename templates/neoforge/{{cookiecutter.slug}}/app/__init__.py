"""The product: `main` puts it together, `core` serves any record, `entities` and `stories` say which."""
