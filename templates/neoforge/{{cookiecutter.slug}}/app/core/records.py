"""Stores records: the only place that reads or writes them, always for an actor and within its grants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.core import notices, schemas
from app.core.access import Actor, require, require_record, within
from app.core.database import Owned, Record
from app.core.errors import Conflict, Invalid, Missing
from app.core.fields import Field
from app.core.reader import model_of
from app.core.resource import Resource, Transition
from app.identity.models import User
from app.registry.resources import by_name

IN_USE = "It cannot be deleted: other records refer to it."


@dataclass(frozen=True, slots=True)
class Query:
    """Which records of a list are wanted, and in which order."""

    text: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = "-id"
    limit: int = 50
    offset: int = 0


def get(
    session: orm.Session, actor: Actor, resource: Resource, key: int, action: str = "read"
) -> Record:
    """Finds a record that the actor may do something with."""
    require(actor, action, resource)
    record = session.get(resource.model, key) if 0 < key <= schemas.LARGEST_INTEGER else None
    return require_record(actor, action, resource, record)


def find(
    session: orm.Session, actor: Actor, resource: Resource, query: Query
) -> tuple[Sequence[Record], int]:
    """Finds a page of records that the actor may read, and how many there are in all."""
    statement = sa.select(resource.model).where(within(actor, "read", resource))
    if query.text:
        statement = statement.where(matches(resource, query.text))
    for name, value in query.filters.items():
        statement = statement.where(equals(resource, name, value))
    total = session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(*order(resource, query.sort))
    return session.scalars(ordered.limit(query.limit).offset(query.offset)).all(), total


def matches(resource: Resource, text: str) -> sa.ColumnElement[bool]:
    """The condition of the search box: the text stands in one of the entity's search fields."""
    found = [resource.find(name) for name in resource.search]
    conditions = [contains(resource, item, text) for item in found if item and item.is_stored]
    if not conditions:
        raise Invalid("This list has no search.", {"q": "This list has no search."})
    return sa.or_(*conditions)


def contains(resource: Resource, item: Field, text: str) -> sa.ColumnElement[bool]:
    """Whether a field holds a text, without regard to case; a reference by what people call it."""
    column = resource.column(item)
    if item.kind != "ref":
        return sa.cast(column, sa.String).icontains(text, autoescape=True)
    model = model_of(item.target or "")
    name = display_column(item.target or "")
    return column.in_(sa.select(model.id).where(name.icontains(text, autoescape=True)))


def display_column(target: str) -> sa.ColumnElement[str]:
    """The column that names the records of an entity."""
    if target == "User":
        return sa.cast(User.name, sa.String)
    resource = by_name(target)
    item = resource.find(resource.display or "")
    column = resource.column(item) if item and item.is_stored else resource.model.id
    return sa.cast(column, sa.String)


def equals(resource: Resource, name: str, value: str) -> sa.ColumnElement[bool]:
    """The condition that a field has a value; an empty value asks for empty fields."""
    item = resource.find(name)
    if item is None or not item.is_writable or item.kind in ("json", "geo_point"):
        raise Invalid("The filter is not valid.", {name: "There is no such filter."})
    if item.kind == "refs":
        table = resource.links[item.name]
        wanted = table.c.target == schemas.check_one(item, value)
        return resource.model.id.in_(sa.select(table.c.source).where(wanted))
    column = resource.column(item)
    return column.is_(None) if value == "" else column == schemas.check_one(item, value)


def order(resource: Resource, sort: str) -> list[sa.ColumnElement[Any]]:
    """The order of a list; the id decides between equals, so that pages never overlap."""
    name = sort.removeprefix("-")
    item = resource.find(name)
    if item is not None and item.is_sortable:
        column: orm.InstrumentedAttribute[Any] = resource.column(item)
    elif name in ("id", "created_at", "updated_at"):
        column = getattr(resource.model, name)
    else:
        raise Invalid("The order is not valid.", {"sort": f"Lists cannot be sorted by `{name}`."})
    descending = sort.startswith("-")
    chosen = column.desc() if descending else column.asc()
    return [chosen, resource.model.id.desc() if descending else resource.model.id.asc()]


def create(session: orm.Session, actor: Actor, resource: Resource, payload: object) -> Record:
    """Stores a new record; it belongs to the actor where records have owners."""
    require(actor, "create", resource)
    values = with_defaults(resource, schemas.check(schemas.for_create(resource), payload))
    check_first_state(resource, values)
    check_references(session, actor, resource, values)
    record = resource.model()
    if isinstance(record, Owned) and actor.user_id is not None:
        record.owner__id = actor.user_id
    write(session, resource, record, values)
    notices.record_created(session, resource, record)
    return record


def update(
    session: orm.Session, actor: Actor, resource: Resource, key: int, payload: object
) -> Record:
    """Changes values of a record; a new state is a transition and needs the right to it."""
    record = get(session, actor, resource, key, "update")
    values = schemas.check(schemas.for_update(resource), payload)
    check_references(session, actor, resource, values)
    step = step_to(resource, record, values)
    if step is not None:
        require_record(actor, step.name, resource, record)
    before = snapshot(resource, record)
    write(session, resource, record, values)
    notices.record_changed(session, resource, record, before, step.name if step else None)
    return record


def transition(
    session: orm.Session, actor: Actor, resource: Resource, key: int, name: str
) -> Record:
    """Takes a record to another state."""
    step = resource.transition(name)
    if step is None:
        raise Missing(f"A {resource.label.lower()} has no step `{name}`.")
    record = get(session, actor, resource, key, name)
    state = state_of(resource, record)
    if state not in step.sources:
        raise Conflict(f"“{step.label}” is not possible while the state is `{state}`.")
    before = snapshot(resource, record)
    write(session, resource, record, {str(resource.state): step.target})
    notices.record_changed(session, resource, record, before, name)
    return record


def delete(session: orm.Session, actor: Actor, resource: Resource, key: int) -> None:
    """Removes a record; the database decides what happens to records that refer to it."""
    record = get(session, actor, resource, key, "delete")
    try:
        session.execute(sa.delete(resource.model).where(resource.model.id == record.id))
    except sa.exc.IntegrityError as error:
        session.rollback()
        raise Conflict(IN_USE) from error
    session.expire_all()


def with_defaults(resource: Resource, given: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the values that a new record has when nobody says otherwise."""
    values = dict(given)
    for item in resource.writable:
        if values.get(item.name) is not None:
            continue
        if item.name == resource.state:
            values[item.name] = resource.initial_state
        elif item.default is not None and item.name not in given:
            values[item.name] = default_of(item)
        elif item.kind == "boolean":
            values[item.name] = bool(item.default)
        elif item.required and item.default is not None:
            values[item.name] = default_of(item)
    return values


def default_of(item: Field) -> Any:
    """A field's default as a value of its kind."""
    return None if item.default is None else schemas.check_one(item, item.default)


def check_first_state(resource: Resource, values: Mapping[str, Any]) -> None:
    """Refuses a new record that skips the beginning of its workflow."""
    if resource.state and values[resource.state] != resource.initial_state:
        message = f"A new {resource.label.lower()} starts as `{resource.initial_state}`."
        raise Invalid("Some values are not valid.", {resource.state: message})


def state_of(resource: Resource, record: Record) -> str | None:
    """The state of a record; empty without a workflow."""
    item = resource.find(resource.state or "")
    return None if item is None else getattr(record, item.attribute)


def step_to(resource: Resource, record: Record, values: Mapping[str, Any]) -> Transition | None:
    """The transition that an update of the state amounts to."""
    state = state_of(resource, record)
    wanted = values.get(resource.state or "", state)
    if wanted == state:
        return None
    for step in resource.transitions:
        if step.target == wanted and state in step.sources:
            return step
    raise Conflict(f"A {resource.label.lower()} cannot go from `{state}` to `{wanted}`.")


def check_references(
    session: orm.Session, actor: Actor, resource: Resource, values: Mapping[str, Any]
) -> None:
    """Refuses references to records that do not exist or that belong to somebody else."""
    errors: dict[str, str] = {}
    for item in resource.writable:
        value = values.get(item.name)
        if item.kind not in ("ref", "refs") or value is None:
            continue
        keys = value if item.kind == "refs" else [value]
        if item.kind == "refs" and item.required and not keys:
            errors[item.name] = "Choose at least one."
        if not all(is_reachable(session, actor, item.target or "", key) for key in keys):
            errors[item.name] = "There is no such record."
    if errors:
        raise Invalid("Some values are not valid.", errors)


def is_reachable(session: orm.Session, actor: Actor, target: str, key: int) -> bool:
    """Whether a record exists and is not hidden from the actor by an own-only right to read."""
    record = session.get(model_of(target), key)
    if record is None or not isinstance(record, Record):
        return record is not None
    resource = by_name(target)
    return actor.scope("read", resource) != "own" or actor.covers("read", resource, record)


def write(
    session: orm.Session, resource: Resource, record: Record, values: Mapping[str, Any]
) -> None:
    """Puts checked values into a record and into its links, and sends them to the database."""
    check_unique(session, resource, record, values)
    for item in resource.writable:
        if item.name in values and item.is_stored:
            setattr(record, item.attribute, values[item.name])
    session.add(record)
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        session.rollback()
        raise Conflict("Another record changed at the same time; try again.") from error
    for name in resource.links:
        if name in values:
            link(session, resource.links[name], record.id, values[name] or [])


def link(session: orm.Session, table: sa.Table, source: int, targets: Sequence[int]) -> None:
    """Replaces the links of a record."""
    session.execute(sa.delete(table).where(table.c.source == source))
    if targets:
        rows = [{"source": source, "target": target} for target in targets]
        session.execute(sa.insert(table), rows)


def check_unique(
    session: orm.Session, resource: Resource, record: Record, values: Mapping[str, Any]
) -> None:
    """Refuses a value that another record has already."""
    errors: dict[str, str] = {}
    for item in resource.writable:
        value = values.get(item.name)
        if not item.unique or value is None:
            continue
        others = sa.select(resource.model.id).where(resource.column(item) == value)
        if record.id is not None:
            others = others.where(resource.model.id != record.id)
        if session.scalar(others.limit(1)) is not None:
            errors[item.name] = f"Another {resource.label.lower()} has this value already."
    if errors:
        raise Conflict("Some values are taken.", errors)


def snapshot(resource: Resource, record: Record) -> dict[str, Any]:
    """The stored values of a record before a change."""
    stored = (item for item in resource.fields if item.is_stored)
    return {item.name: getattr(record, item.attribute) for item in stored}
