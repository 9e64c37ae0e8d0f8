"""Reads records as programs and people see them: references, computed values, labels."""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.core import formula
from app.core.access import Actor
from app.core.database import Record
from app.core.fields import Field, rounded, to_json, to_text
from app.core.resource import Resource
from app.identity.models import User
from app.registry.resources import by_name

DEPTH = 8
CHUNK = 500


class Reader:
    """One answer's view of the database; records that are referred to are fetched once and together."""

    def __init__(self, session: orm.Session) -> None:
        self.session = session
        self.known: dict[tuple[str, int], Record | User | None] = {}
        self.links: dict[tuple[str, str, int], list[int]] = {}

    def preload(self, resource: Resource, records: Sequence[Record]) -> None:
        """Fetches everything that a list of records refers to with one query per field."""
        for field in resource.fields:
            if field.kind == "ref" and field.is_stored:
                column = resource.column(field).key
                self.fetch(field.target or "", {getattr(item, column) for item in records})
            elif field.kind == "refs":
                self.fetch_links(resource, field, [item.id for item in records])

    def fetch(self, target: str, ids: Iterable[int | None]) -> None:
        """Fetches records of one kind that are not known yet."""
        wanted = sorted(key for key in ids if key is not None and (target, key) not in self.known)
        model: Any = model_of(target)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            self.known.update(dict.fromkeys(((target, key) for key in chunk), None))
            for record in self.session.scalars(sa.select(model).where(model.id.in_(chunk))):
                self.known[(target, record.id)] = record

    def fetch_links(self, resource: Resource, field: Field, ids: Sequence[int]) -> None:
        """Fetches the links of one `refs` field."""
        table = resource.links[field.name]
        self.links.update({(resource.name, field.name, key): [] for key in ids})
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            rows = sa.select(table).where(table.c.source.in_(chunk)).order_by(table.c.target)
            for source, target in self.session.execute(rows):
                self.links[(resource.name, field.name, source)].append(target)

    def record(self, target: str, key: int | None) -> Record | User | None:
        """The record behind a reference."""
        if key is None:
            return None
        self.fetch(target, [key])
        return self.known[(target, key)]

    def value(self, resource: Resource, record: Record, field: Field, depth: int = 0) -> Any:
        """The value of a field, stored, linked or computed."""
        if field.formula is not None:
            return self.computed(resource, record, field, depth)
        if field.kind == "refs":
            key = (resource.name, field.name, record.id)
            if key not in self.links:
                self.fetch_links(resource, field, [record.id])
            return self.links[key]
        return getattr(record, field.attribute)

    def computed(self, resource: Resource, record: Record, field: Field, depth: int) -> Any:
        """The value of a formula over the record and what it refers to."""
        if depth > DEPTH:
            return None

        def lookup(path: formula.Path) -> Decimal | None:
            return self.number(resource, record, path, depth + 1)

        result = formula.evaluate(field.formula or "", lookup)
        return None if result is None else rounded(field, result)

    def number(
        self, resource: Resource, record: Record, path: formula.Path, depth: int
    ) -> Decimal | None:
        """The number at the end of a path such as `job.words`."""
        field = resource.find(path[0])
        if field is None:
            return None
        value = self.value(resource, record, field, depth)
        if len(path) == 1:
            return as_number(value)
        target = self.record(field.target or "", value) if field.kind == "ref" else None
        if not isinstance(target, Record):
            return None
        return self.number(by_name(field.target or ""), target, path[1:], depth)

    def as_json(self, resource: Resource, record: Record) -> dict[str, Any]:
        """A record as the API answers it."""
        values = {
            field.name: to_json(field, self.value(resource, record, field))
            for field in resource.fields
        }
        times = {"created_at": stamp(record.created_at), "updated_at": stamp(record.updated_at)}
        return {"id": record.id, **values, **times}

    def title(self, resource: Resource, record: Record) -> str:
        """What people call a record."""
        field = resource.find(resource.display) if resource.display else None
        if field is None or field.kind in ("ref", "refs"):
            return f"{resource.label} {record.id}"
        value = self.value(resource, record, field)
        return f"{resource.label} {record.id}" if value is None else to_text(field, value)

    def label(self, actor: Actor, target: str, key: int) -> str:
        """What people call the record behind a reference; a number if they may not read it."""
        record = self.record(target, key)
        if isinstance(record, User):
            return record.name
        if record is None or not actor.covers("read", by_name(target), record):
            return f"No. {key}"
        return self.title(by_name(target), record)


def model_of(target: str) -> type[Record] | type[User]:
    """The table behind a reference."""
    return User if target == "User" else by_name(target).model


def as_number(value: Any) -> Decimal | None:
    """A value to calculate with; days count as numbers, so that their difference is a number of days."""
    if isinstance(value, datetime.datetime):
        return Decimal(str(value.timestamp())) / 86400
    if isinstance(value, datetime.date):
        return Decimal(value.toordinal())
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    return None


def stamp(value: datetime.datetime) -> str:
    """A time as RFC 3339."""
    return value.isoformat().replace("+00:00", "Z")
