"""The database: engine, sessions and what every table has in common.

Names with two underscores (`owner__id`) belong to the product itself; a field's name never has two in a row.
"""

import datetime
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from sqlalchemy import orm

from app.core.columns import UtcDateTime
from app.core.settings import get_settings


class Base(orm.DeclarativeBase):
    """The registry of all tables; constraint names follow from table and column."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


def now() -> datetime.datetime:
    """The current time in UTC."""
    return datetime.datetime.now(datetime.UTC)


class Record(Base):
    """What every record has: an id and the times of its first and last change."""

    __abstract__ = True

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(UtcDateTime, default=now)
    updated_at: orm.Mapped[datetime.datetime] = orm.mapped_column(
        UtcDateTime, default=now, onupdate=now
    )


class Owned:
    """What a record has that belongs to one member."""

    owner__id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey("user.id", ondelete="RESTRICT"), index=True
    )


def make_engine(url: str) -> sa.Engine:
    """Opens a database; on SQLite references are enforced and writers wait for each other."""
    engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", prepare_sqlite)
    return engine


def prepare_sqlite(connection: Any, _record: object) -> None:
    """Sets what SQLite forgets per connection."""
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")


@lru_cache(maxsize=1)
def get_engine() -> sa.Engine:
    """The engine of this process."""
    return make_engine(get_settings().database_url)


def get_session(request: Request) -> Iterator[orm.Session]:
    """One session per request; whoever writes commits, everything else is rolled back."""
    with request.app.state.sessions() as session:
        yield session
