"""What every notice must do: tell the right people once the right thing has happened, and nobody before."""

import datetime

import sqlalchemy as sa

from app.core import notices
from app.core.resource import Resource
from app.identity.accounts import find_role
from app.identity.models import Message
from app.registry.resources import by_name
from app.registry.stories import NOTICES
from tests.acceptance import Stage
from tests.people import Person, World

TODAY = datetime.date(2026, 3, 1)


def check_notify(
    stage: Stage,
    *,
    story: str,
    entity: str,
    transition: str | None,
    field: str | None,
    days_before: int | None,
    to: str,
    channel: str,
) -> None:
    """What is waited for leads to messages on the right channel; anything else does not."""
    world, resource = stage.world, by_name(entity)
    notice = next(notice for notice in NOTICES if notice.story == story)
    assert (notice.to, notice.channel) == (to, channel)
    keeper = world.keeper()
    member = world.person(to) if find_role(to) else keeper
    values = world.filled(entity, keeper, everything=True)
    on_creation = transition is None and field is None
    key = int(keeper.send("POST", resource.api_path, values).json()["id"])
    told = on_creation and count(world, story) >= 1
    assert told == on_creation or not reachable(world, resource, key, to)
    if transition is not None:
        take(world, keeper, resource, key, transition)
    elif field is not None and days_before is not None:
        near(world, resource, key, field, days_before)
    elif field is not None:
        change(world, keeper, resource, key, field)
    messages = world.session.scalars(sa.select(Message).where(Message.story == story)).all()
    if find_role(to) and not resource.owned:
        assert member.user_id in {message.user_id for message in messages}
    assert all(message.channel == channel for message in messages)
    assert bool(messages) == reachable(world, resource, key, to), "who was told"
    if channel == "in_app" and find_role(to) and not resource.owned:
        assert messages[0].path in member.look("/-/inbox").text


def count(world: World, story: str) -> int:
    """The number of messages of a story."""
    wanted = sa.select(sa.func.count(Message.id)).where(Message.story == story)
    return world.session.scalar(wanted) or 0


def reachable(world: World, resource: Resource, key: int, to: str) -> bool:
    """Whether anybody can be told at all: the record may lead to nobody."""
    record = world.stored(resource.name, key)
    notice = next(item for item in NOTICES if item.to == to and item.entity == resource.name)
    assert record is not None
    return bool(notices.recipients(world.session, notice, resource, record))


def take(world: World, keeper: Person, resource: Resource, key: int, name: str) -> None:
    """Takes the step that is waited for, and before it another one that is not."""
    story = next(notice.story for notice in NOTICES if notice.transition == name)
    step = resource.transition(name)
    assert step is not None
    world.put_state(resource.name, key, step.sources[0])
    assert count(world, story) == 0
    answer = keeper.send("POST", f"{resource.api_path}/{key}/{name}")
    assert answer.status_code == 200, answer.text


def near(world: World, resource: Resource, key: int, name: str, days: int) -> None:
    """Lets a date come near: told once on the first day, never before and never again."""
    field = resource.find(name)
    record = world.stored(resource.name, key)
    assert field is not None and record is not None
    date = TODAY + datetime.timedelta(days=days)
    is_day = field.kind == "date"
    value = date if is_day else datetime.datetime(date.year, date.month, date.day, 10)
    setattr(record, field.attribute, value)
    world.session.commit()
    assert notices.remind(world.session, TODAY - datetime.timedelta(days=1)) == 0
    first = notices.remind(world.session, TODAY)
    assert notices.remind(world.session, TODAY) == 0 <= first


def change(world: World, keeper: Person, resource: Resource, key: int, name: str) -> None:
    """Changes the field that is watched."""
    if name == resource.state:
        step = resource.transitions[0]
        world.put_state(resource.name, key, step.sources[0])
        keeper.send("POST", f"{resource.api_path}/{key}/{step.name}")
        return
    other = world.filled(resource.name, keeper, everything=True)
    answer = keeper.send("PATCH", f"{resource.api_path}/{key}", {name: other[name]})
    assert answer.status_code == 200, answer.text
