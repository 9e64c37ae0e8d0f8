"""Server-rendered pages: templates, styles and the helpers that fill them."""
