"""A product of its own for the tests: an empty database in memory, given back after each test."""

import os
import tempfile
from collections.abc import Iterator

os.environ.update(
    DATABASE_URL="sqlite://",
    SECRET_KEY="a key for tests only",
    SCRYPT_COST="2",
    LOG_LEVEL="ERROR",
    UPLOADS=tempfile.mkdtemp(prefix="uploads-"),
)

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy import orm, pool

from app.core.access import Grant, Role
from app.core.database import Base, prepare_sqlite
from app.identity import accounts
from app.identity.roles import ROLES
from app.main import app
from app.registry.resources import RESOURCES
from tests.acceptance import Stage
from tests.people import KEEPER, World

CRUD = ("create", "read", "update", "delete")


@pytest.fixture(scope="session")
def engine() -> Iterator[sa.Engine]:
    """One database in memory; SQLAlchemy begins transactions itself, so that they can be nested."""
    made = sa.create_engine(
        "sqlite://", poolclass=pool.StaticPool, connect_args={"check_same_thread": False}
    )
    sa.event.listen(made, "connect", prepare_sqlite)
    sa.event.listen(made, "connect", leave_transactions_to_us)
    sa.event.listen(made, "begin", begin)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def leave_transactions_to_us(connection: object, _record: object) -> None:
    """Switches off the driver's own transactions."""
    connection.isolation_level = None  # type: ignore[attr-defined]


def begin(connection: sa.Connection) -> None:
    """Begins a transaction."""
    connection.exec_driver_sql("BEGIN")


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[orm.Session]:
    """A session whose work, and that of all requests, is undone after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        sessions = orm.sessionmaker(connection, join_transaction_mode="create_savepoint")
        app.state.sessions = sessions
        with sessions() as made:
            yield made
        transaction.rollback()


@pytest.fixture(scope="session")
def http() -> Iterator[TestClient]:
    """A client of the product that follows no redirects and keeps no cookies of its own."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def world(
    session: orm.Session, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """People of every role, and a keeper who may do everything."""
    grants = tuple(
        Grant(action=action, entity=resource.name, scope="all")
        for resource in RESOURCES
        for action in (*CRUD, *(step.name for step in resource.transitions))
    )
    keeper = Role(name=KEEPER, label="Keeper", description="", signs_up=False, grants=grants)
    monkeypatch.setattr(accounts, "ROLES", (*ROLES, keeper))
    http.cookies.clear()
    yield World(session, http, monkeypatch)
    http.cookies.clear()


@pytest.fixture
def stage(world: World) -> Stage:
    """Where stories are played."""
    return Stage(world)
