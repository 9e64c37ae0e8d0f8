"""Sample values and sample records: valid by construction, different for every number."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.core import records
from app.core.access import Actor, Grant, Role
from app.core.database import Record
from app.core.errors import Conflict
from app.core.fields import Field
from app.core.resource import Resource
from app.core.schemas import LARGEST_AMOUNT, LONG_TEXT_LENGTH, TEXT_LENGTH
from app.registry.resources import RESOURCES, by_name

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def operator_for(user_id: int) -> Actor:
    """Somebody who may create everything; records that it makes belong to the given member."""
    grants = tuple(
        Grant(action=action, entity=resource.name, scope="all")
        for resource in RESOURCES
        for action in ("create", "read")
    )
    role = Role(name="Operator", label="Operator", description="", signs_up=False, grants=grants)
    return Actor(user_id, "Operator", role)


def make_record(
    session: orm.Session,
    user_id: int,
    resource: Resource,
    given: Mapping[str, Any] | None = None,
) -> Record:
    """Stores a sample record; what it must refer to is made first."""
    values = fill(session, user_id, resource, given or {})
    return records.create(session, operator_for(user_id), resource, values)


def fill(
    session: orm.Session,
    user_id: int,
    resource: Resource,
    given: Mapping[str, Any],
    *,
    everything: bool = False,
) -> dict[str, Any]:
    """Adds sample values for all that a new record needs, or for everything that it can have."""
    missing = [
        field
        for field in resource.writable
        if field.name not in given and (is_needed(field) or everything)
    ]
    values = dict(given)
    for field in missing:
        if field.target is not None:
            values[field.name] = target_for(session, user_id, field)
    number = next_number(session, resource)
    for field in missing:
        if field.target is None and field.name != resource.state:
            values[field.name] = sample(field, number)
    return values


def is_needed(field: Field) -> bool:
    """Whether a new record must be given this field."""
    return field.required and (field.default is None or field.unique)


def next_number(session: orm.Session, resource: Resource) -> int:
    """A number that no earlier sample of this entity was made with."""
    return (session.scalar(sa.select(sa.func.max(resource.model.id))) or 0) + 1


def target_for(session: orm.Session, user_id: int, field: Field) -> int | list[int]:
    """What a reference leads to: the member, or a record that is made for it."""
    if field.target == "User":
        key = user_id
    else:
        key = make_or_reuse(session, user_id, by_name(field.target or ""))
    return [key] if field.kind == "refs" else key


def make_or_reuse(session: orm.Session, user_id: int, resource: Resource) -> int:
    """A new record, or the newest one where unique values leave no room for another."""
    try:
        return make_record(session, user_id, resource).id
    except Conflict:
        newest: int = session.scalars(sa.select(sa.func.max(resource.model.id))).one()
        return newest


def sample(field: Field, number: int) -> Any:
    """A valid value of a field, as JSON has it; another one for another number."""
    if field.kind in ("text", "long_text"):
        return sample_text(field, number)
    if field.is_number:
        return sample_number(field, number)
    if field.kind == "boolean":
        return number % 2 == 0
    if field.kind == "enum":
        return field.values[number % len(field.values)]
    if field.kind in STRUCTURED:
        return STRUCTURED[field.kind](number)
    months, day = divmod(number, 28)
    years, month = divmod(months, 12)
    return WRITTEN[field.kind].format(n=number, day=day + 1, month=month + 1, year=2000 + years)


def sample_text(field: Field, number: int) -> str:
    """A text within its length, with the number at its end."""
    longest = LONG_TEXT_LENGTH if field.kind == "long_text" else TEXT_LENGTH
    text = f"{field.label} {number}"
    shortest, longest = int(field.minimum or 1), int(field.maximum or longest)
    if len(text) > longest:
        text = in_base_36(number).rjust(longest, "0")[-longest:]
    return text.ljust(shortest, ".")


def in_base_36(number: int) -> str:
    """A number in as few letters and digits as possible."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def sample_number(field: Field, number: int) -> Any:
    """A number between its bounds: the smallest one plus the given number, as far as there is room."""
    low = Decimal(field.minimum) if field.minimum is not None else None
    high = Decimal(field.maximum) if field.maximum is not None else Decimal(LARGEST_AMOUNT)
    if low is None:
        low = min(Decimal(0), high)
    low = low.to_integral_value("ROUND_CEILING") if field.kind == "integer" else low
    value = low + number % (int(high - low) + 1)
    return int(value) if field.kind == "integer" else str(value)


WRITTEN = {
    "date": "{year}-{month:02}-{day:02}",
    "datetime": "{year}-{month:02}-{day:02}T10:00:00Z",
    "email": "person{n}@example.com",
    "url": "https://example.com/{n}",
    "phone": "+49 30 {n:06}",
    "file": "file-{n}.txt",
}
STRUCTURED: dict[str, Any] = {
    "geo_point": lambda number: {"lat": 50 + number % 30 / 4, "lon": 10 + number % 30 / 4},
    "json": lambda number: {"number": number},
}
