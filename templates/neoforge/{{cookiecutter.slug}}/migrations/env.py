"""Runs migrations on the database of the settings."""

from alembic import context

from app.core.database import Base, get_engine
from app.identity import models
from app.registry.resources import RESOURCES

# Importing them is what registers their tables.
REGISTERED = (models.User, *(resource.model for resource in RESOURCES))


def migrate() -> None:
    """Applies the wanted migrations in one transaction.

    SQLite changes a table by making it anew; references must not react to that.
    """
    engine = get_engine()
    with engine.connect() as connection:
        batch = engine.dialect.name == "sqlite"
        if batch:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
        context.configure(connection, target_metadata=Base.metadata, render_as_batch=batch)
        with context.begin_transaction():
            context.run_migrations()


migrate()
