"""What every entity shares: fields, storage, permissions, the API and the pages."""
