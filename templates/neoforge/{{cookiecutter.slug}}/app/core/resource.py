"""Resources: an entity's description, from which API, pages, permissions and samples follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.database import Owned, Record
from app.core.fields import Field


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """One step of a workflow; who may take it is said by the roles' grants."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """Another address of one of the pages."""

    path: str
    kind: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One entity of the product."""

    name: str
    label: str
    plural: str
    description: str
    api_path: str
    page_path: str
    model: type[Record]
    display: str | None
    owned: bool
    fields: tuple[Field, ...]
    search: tuple[str, ...] = ()
    state: str | None = None
    transitions: tuple[Transition, ...] = ()
    aliases: tuple[Alias, ...] = ()
    links: Mapping[str, sa.Table] = field(default_factory=dict)
    seed_records: int = 0

    def find(self, name: str) -> Field | None:
        """Finds a field by its name."""
        return next((item for item in self.fields if item.name == name), None)

    def transition(self, name: str) -> Transition | None:
        """Finds a transition by its name."""
        return next((item for item in self.transitions if item.name == name), None)

    def column(self, item: Field) -> orm.InstrumentedAttribute[Any]:
        """The mapped column of a stored field."""
        column: orm.InstrumentedAttribute[Any] = getattr(self.model, item.attribute)
        return column

    @property
    def owner_column(self) -> sa.ColumnElement[int | None]:
        """The column with the id of the member who owns a record."""
        column: sa.ColumnElement[int | None] = self.model.__table__.c["owner__id"]
        return column

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields that people and programs may set."""
        return tuple(item for item in self.fields if item.is_writable)

    @property
    def initial_state(self) -> str | None:
        """The state of a new record."""
        item = self.find(self.state) if self.state else None
        if item is None:
            return None
        return str(item.default) if item.default is not None else item.values[0]

    def owner_of(self, record: Record) -> int | None:
        """The id of the member who owns a record; empty when records are shared."""
        return record.owner__id if isinstance(record, Owned) else None
