"""Tells people what happened: messages wait in the outbox until they are read or sent."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.database import Record
from app.core.reader import Reader
from app.core.resource import Resource
from app.core.stories import Notice
from app.identity.models import Message, User
from app.registry.resources import by_name
from app.registry.stories import NOTICES


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told: a member, or only an address."""

    user_id: int | None
    address: str


def record_created(session: orm.Session, resource: Resource, record: Record) -> None:
    """Tells whoever waits for new records."""
    for notice in of_entity(resource):
        if notice.transition is None and notice.field is None:
            send(session, notice, record)


def record_changed(
    session: orm.Session,
    resource: Resource,
    record: Record,
    before: Mapping[str, Any],
    step: str | None,
) -> None:
    """Tells whoever waits for this transition or for a change of these values."""
    for notice in of_entity(resource):
        if notice.transition is not None:
            happened = notice.transition == step
        elif notice.field is not None and notice.days_before is None:
            happened = has_changed(resource, record, before, notice.field)
        else:
            happened = False
        if happened:
            send(session, notice, record)


def remind(session: orm.Session, today: datetime.date) -> int:
    """Tells whoever waits for a date that has come near; each person once per record and date."""
    count = 0
    for notice in NOTICES:
        if notice.field is None or notice.days_before is None:
            continue
        last = today + datetime.timedelta(days=notice.days_before)
        for record in near(session, notice, today, last):
            count += send(session, notice, record, f"{today_key(notice, record)}")
    return count


def near(
    session: orm.Session, notice: Notice, first: datetime.date, last: datetime.date
) -> Iterable[Record]:
    """The records whose date lies between two days, both included."""
    resource = by_name(notice.entity)
    field = resource.find(notice.field or "")
    if field is None:
        return []
    day = sa.func.date(resource.column(field))
    return session.scalars(
        sa.select(resource.model).where(day >= first.isoformat(), day <= last.isoformat())
    ).all()


def today_key(notice: Notice, record: Record) -> str:
    """What makes a reminder the same reminder: the date that it is about."""
    field = by_name(notice.entity).find(notice.field or "")
    return str(getattr(record, field.attribute)) if field else ""


def of_entity(resource: Resource) -> list[Notice]:
    """The notices about an entity."""
    return [notice for notice in NOTICES if notice.entity == resource.name]


def has_changed(resource: Resource, record: Record, before: Mapping[str, Any], name: str) -> bool:
    """Whether a stored value differs from what it was."""
    field = resource.find(name)
    return field is not None and before.get(name) != getattr(record, field.attribute)


def send(session: orm.Session, notice: Notice, record: Record, occasion: str = "") -> int:
    """Puts one message per person into the outbox; an occasion is told of only once."""
    resource = by_name(notice.entity)
    name = Reader(session).title(resource, record)
    count = 0
    for person in recipients(session, notice, resource, record):
        key = f"{notice.story}:{record.id}:{occasion}:{person.address}" if occasion else None
        if key is not None and is_known(session, key):
            continue
        message = Message(
            user_id=person.user_id,
            address=person.address,
            channel=notice.channel,
            story=notice.story,
            subject=f"{notice.title}: {name}",
            path=f"{resource.page_path}/{record.id}",
            key=key,
        )
        session.add(message)
        count += 1
    session.flush()
    return count


def is_known(session: orm.Session, key: str) -> bool:
    """Whether this occasion was told of already."""
    return session.scalar(sa.select(Message.id).where(Message.key == key)) is not None


def recipients(
    session: orm.Session, notice: Notice, resource: Resource, record: Record
) -> list[Recipient]:
    """Who is told: whoever the field leads to, or the members of the role."""
    if resource.find(notice.to.split(".")[0]) is None:
        return members(session, notice.to, resource, record)
    found = person_behind(session, resource, record, notice.to)
    if found is None or (notice.channel == "in_app" and found.user_id is None):
        return []
    return [found]


def members(session: orm.Session, role: str, resource: Resource, record: Record) -> list[Recipient]:
    """The members of a role; only the owner when records belong to members of this role."""
    wanted = sa.select(User).where(User.role == role).order_by(User.id)
    owner = session.get(User, resource.owner_of(record) or 0)
    people = [owner] if owner and owner.role == role else session.scalars(wanted).all()
    return [Recipient(person.id, person.email) for person in people]


def person_behind(
    session: orm.Session, resource: Resource, record: Record, path: str
) -> Recipient | None:
    """The person that a field leads to: its address, its member, or the address of its record."""
    first, _, rest = path.partition(".")
    field = resource.find(first)
    if field is None:
        return None
    reader = Reader(session)
    value = reader.value(resource, record, field)
    if value is None or value == []:
        return None
    if field.kind == "ref":
        target = reader.record(field.target or "", value)
        if isinstance(target, User):
            return Recipient(target.id, target.email)
        if isinstance(target, Record):
            there = by_name(field.target or "")
            return person_behind(session, there, target, rest or contact_field(there))
        return None
    member = session.scalar(sa.select(User).where(User.email == str(value).lower()))
    return Recipient(member.id if member else None, str(value))


def contact_field(resource: Resource) -> str:
    """The field of an entity that leads to a person."""
    names = [field.name for field in resource.fields if field.kind == "email"]
    names += [field.name for field in resource.fields if field.target == "User"]
    return names[0] if names else ""
