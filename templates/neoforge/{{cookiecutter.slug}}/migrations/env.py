"""Runs migrations on the database of the settings."""

from alembic import context

from app.core.database import Base, get_engine
from app.identity import models
from app.registry.resources import RESOURCES

# Importing them is what registers their tables.
REGISTERED = (models.User, *(resource.model for resource in RESOURCES))


def migrate() -> None:
    """Applies the wanted migrations in one transaction."""
    engine = get_engine()
    with engine.connect() as connection:
        batch = engine.dialect.name == "sqlite"
        context.configure(connection, target_metadata=Base.metadata, render_as_batch=batch)
        with context.begin_transaction():
            context.run_migrations()


migrate()
