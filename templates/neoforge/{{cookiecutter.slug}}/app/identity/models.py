"""Tables of people: accounts, their sessions and tokens, and the messages to them."""

import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.columns import UtcDateTime
from app.core.database import Base, now


class User(Base):
    """A member: somebody with an account and a role."""

    __tablename__ = "user"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    email: orm.Mapped[str] = orm.mapped_column(sa.String(), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String())
    role: orm.Mapped[str] = orm.mapped_column(sa.String(), index=True)
    password_hash: orm.Mapped[str] = orm.mapped_column(sa.String())
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(UtcDateTime, default=now)


class Token(Base):
    """A session of the pages or a token of the API; only the hash of its secret is kept."""

    __tablename__ = "user__token"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    user_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    use: orm.Mapped[str] = orm.mapped_column(sa.String())
    secret_hash: orm.Mapped[str] = orm.mapped_column(sa.String(), unique=True)
    expires_at: orm.Mapped[datetime.datetime] = orm.mapped_column(UtcDateTime)


class Message(Base):
    """The outbox: what somebody is told, in the product or by mail."""

    __tablename__ = "user__message"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    user_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    address: orm.Mapped[str] = orm.mapped_column(sa.String())
    channel: orm.Mapped[str] = orm.mapped_column(sa.String())
    story: orm.Mapped[str] = orm.mapped_column(sa.String())
    subject: orm.Mapped[str] = orm.mapped_column(sa.Text())
    path: orm.Mapped[str] = orm.mapped_column(sa.String())
    key: orm.Mapped[str | None] = orm.mapped_column(sa.String(), unique=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(UtcDateTime, default=now)
