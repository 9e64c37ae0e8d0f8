"""What every report must give, checked against figures worked out from the records themselves."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.core.fields import Field
from app.core.reader import Reader
from app.core.resource import Resource
from app.registry.resources import by_name
from app.registry.stories import REPORTS
from tests.acceptance import Stage
from tests.people import Person, World

RECORDS = 3


def check_report(
    stage: Stage, *, story: str, entity: str, measure: str, field: str | None, group_by: str | None
) -> None:
    """The figures are right, stand on the page, and are kept from those who may not read the records."""
    world, resource = stage.world, by_name(entity)
    keeper = world.keeper()
    for _ in range(RECORDS):
        make(world, keeper, entity)
    keys = list(world.session.scalars(sa.select(resource.model.id)))
    report = next(report for report in REPORTS if report.story == story)
    answer = keeper.send("GET", f"/api/-/reports/{story}")
    assert answer.status_code == 200, answer.text
    found = [number(row["value"]) for row in answer.json()["groups"]]
    expected = figures(world, resource, keys, measure, resource.find(field or ""), group_by)
    assert sorted(found, key=str) == sorted(expected, key=str)
    page = keeper.look(report.path)
    assert page.status_code == 200 and "<caption>" in page.text
    for row in answer.json()["groups"]:
        assert row["text"] in page.text
    assert world.stranger().send("GET", f"/api/-/reports/{story}").status_code == 401
    assert world.person("No such role").send("GET", f"/api/-/reports/{story}").status_code == 403


def make(world: World, keeper: Person, entity: str) -> int:
    """A record with everything filled in, so that there is something to measure."""
    answer = keeper.send(
        "POST", by_name(entity).api_path, world.filled(entity, keeper, everything=True)
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def figures(
    world: World,
    resource: Resource,
    keys: list[int],
    measure: str,
    field: Field | None,
    group_by: str | None,
) -> list[Decimal | None]:
    """The figures of all groups, worked out from the records of the answer."""
    reader = Reader(world.session)
    values: dict[str, list[Decimal]] = defaultdict(list)
    for key in keys:
        record = world.stored(resource.name, key)
        assert record is not None
        row = reader.as_json(resource, record)
        for group in groups_of(row, group_by):
            amount = Decimal(1) if measure == "count" or field is None else number(row[field.name])
            values[group] += [] if amount is None else [amount]
    is_money = field is not None and field.kind == "money"
    return [figure(measure, numbers, is_money) for numbers in values.values()]


def groups_of(row: dict[str, Any], group_by: str | None) -> list[str]:
    """The groups that a record belongs to."""
    value = row[group_by] if group_by else None
    return [str(item) for item in value] if isinstance(value, list) and value else [str(value)]


def figure(measure: str, numbers: list[Decimal], is_money: bool) -> Decimal | None:
    """One figure."""
    total = sum(numbers, Decimal(0))
    if measure != "mean":
        return total.normalize()
    if not numbers:
        return None
    return round(total / len(numbers), 2 if is_money else 6).normalize()


def number(value: Any) -> Decimal | None:
    """A value of an answer, to calculate with."""
    return None if value is None else Decimal(value).normalize()
