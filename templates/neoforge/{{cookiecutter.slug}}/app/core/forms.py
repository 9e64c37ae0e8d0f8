"""Forms: which controls they have, what was typed into them, and what that means as values."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from starlette.datastructures import FormData, UploadFile

from app.core import records, uploads
from app.core.access import Actor
from app.core.database import Record
from app.core.errors import Invalid
from app.core.fields import Field, to_input
from app.core.reader import Reader
from app.core.resource import Resource
from app.identity.models import User
from app.registry.resources import by_name

CHOICES = 200
Values = dict[str, str | list[str]]


def editable(resource: Resource) -> list[Field]:
    """The fields of the form; the state of a workflow changes by its buttons only."""
    return [field for field in resource.writable if field.name != resource.state]


def initial(resource: Resource) -> Values:
    """What a new form shows: the defaults."""
    return {field.name: to_input(field, records.default_of(field)) for field in editable(resource)}


def current(reader: Reader, resource: Resource, record: Record) -> Values:
    """What the form of a stored record shows."""
    return {
        field.name: to_input(field, reader.value(resource, record, field))
        for field in editable(resource)
    }


def typed(resource: Resource, data: FormData) -> Values:
    """What somebody typed, to be shown again when it is refused."""
    return {field.name: raw(field, data) for field in editable(resource)}


def raw(field: Field, data: FormData) -> str | list[str]:
    """The text of one control."""
    if field.kind == "refs":
        return [item for item in data.getlist(field.name) if isinstance(item, str)]
    value = data.get(field.name)
    return value if isinstance(value, str) else ""


def payload(resource: Resource, data: FormData, *, new: bool) -> dict[str, Any]:
    """What was typed as values: empty controls mean no value, or the default in a new record."""
    values: dict[str, Any] = {}
    for field in editable(resource):
        value = meaning(field, data)
        if value is None and (field.kind == "file" or (new and not field.required)):
            continue
        values[field.name] = value
    return values


def meaning(field: Field, data: FormData) -> Any:
    """The value of one control."""
    if field.kind == "file":
        return upload(field, data)
    text = raw(field, data)
    if field.kind == "boolean":
        return text != ""
    if field.kind == "json" and isinstance(text, str) and text.strip():
        return read_json(field, text)
    return text if isinstance(text, list) or text.strip() else None


def upload(field: Field, data: FormData) -> str | None:
    """The name under which an uploaded file is kept; nothing when none was chosen."""
    file = data.get(field.name)
    if isinstance(file, UploadFile) and file.filename:
        return uploads.store(field.name, file)
    return None


def read_json(field: Field, text: str) -> Any:
    """The value behind JSON text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = {field.name: 'Enter JSON, such as {"size": 3}.'}
        raise Invalid("Some values are not valid.", message) from error


def choices(
    session: orm.Session, actor: Actor, fields: list[Field], values: Mapping[str, str | list[str]]
) -> dict[str, list[tuple[str, str]]]:
    """What the controls of references offer, as pairs of id and name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for field in fields:
        if field.kind in ("ref", "refs"):
            offered = targets(session, actor, field.target or "")
            chosen = selected(session, actor, field, values.get(field.name, ""))
            found[field.name] = offered + [pair for pair in chosen if pair not in offered]
    return found


def selected(
    session: orm.Session, actor: Actor, field: Field, value: str | list[str]
) -> list[tuple[str, str]]:
    """What a control refers to already; it stays on offer even when it is not among the newest."""
    keys = [value] if isinstance(value, str) else value
    reader = Reader(session)
    target = field.target or ""
    known = [key for key in keys if key.isdecimal() and reader.record(target, int(key))]
    return [(key, reader.label(actor, target, int(key))) for key in known]


def targets(session: orm.Session, actor: Actor, target: str) -> list[tuple[str, str]]:
    """The newest records that a reference may lead to."""
    if target == "User":
        users = session.scalars(sa.select(User).order_by(User.name, User.id).limit(CHOICES))
        return [(str(user.id), user.name) for user in users]
    resource = by_name(target)
    if not actor.may("read", resource):
        return []
    found, _ = records.find(session, actor, resource, records.Query(limit=CHOICES))
    reader = Reader(session)
    return [(str(record.id), reader.title(resource, record)) for record in found]


def path_of(field: Field, key: int) -> str | None:
    """The page of the record that a reference leads to; members have none."""
    if field.target is None or field.target == "User":
        return None
    return f"{by_name(field.target).page_path}/{key}"
