"""Reports: records counted, added up or averaged, within what the reader may see."""

from collections import defaultdict
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import orm

from app.core.access import Actor, within
from app.core.database import Record, get_session
from app.core.fields import plain, rounded, to_json, to_text
from app.core.reader import Reader, as_number
from app.core.resource import Resource
from app.core.stories import Report
from app.identity.dependencies import Visitor, api_actor, visitor
from app.pages.render import page
from app.registry.resources import by_name

Session = Annotated[orm.Session, Depends(get_session)]
ApiActor = Annotated[Actor, Depends(api_actor)]
Looker = Annotated[Visitor, Depends(visitor)]


class Group(NamedTuple):
    """What records have in common: its name, and the id behind it, since two may have one name."""

    name: str
    key: int = 0


EVERYTHING = Group("All")


def report_router(report: Report) -> APIRouter:
    """Makes the address and the page of a report."""
    router = APIRouter()

    @router.get(f"/api/-/reports/{report.story}", summary=report.title, tags=["Reports"])
    def read_report(session: Session, actor: ApiActor) -> dict[str, Any]:
        groups = measure(session, actor, report)
        return {"measure": report.measure, "field": report.field, "groups": groups}

    @router.get(report.path, include_in_schema=False)
    def show_report(request: Request, session: Session, looker: Looker) -> Response:
        groups = measure(session, looker.actor, report)
        context = {"report": report, "groups": groups, "heading": heading(report)}
        return page(request, looker, "report.html", context)

    return router


def measure(session: orm.Session, actor: Actor, report: Report) -> list[dict[str, Any]]:
    """The figures of a report, one per group, groups in the order of their names."""
    resource = by_name(report.entity)
    statement = sa.select(resource.model).where(within(actor, "read", resource))
    found = session.scalars(statement.order_by(resource.model.id)).all()
    reader = Reader(session)
    reader.preload(resource, found)
    values: dict[Group, list[Decimal]] = defaultdict(list)
    for record in found:
        number = number_of(reader, resource, record, report)
        for group in groups_of(reader, actor, resource, record, report):
            values[group].extend(() if number is None else (number,))
    if report.group_by is None:
        values.setdefault(EVERYTHING, [])
    return [figure(resource, report, group.name, values[group]) for group in sorted(values)]


def number_of(reader: Reader, resource: Resource, record: Record, report: Report) -> Decimal | None:
    """What a record adds to a figure."""
    field = resource.find(report.field or "")
    if report.measure == "count" or field is None:
        return Decimal(1)
    return as_number(reader.value(resource, record, field))


def groups_of(
    reader: Reader, actor: Actor, resource: Resource, record: Record, report: Report
) -> list[Group]:
    """The groups that a record belongs to; several for `refs`."""
    field = resource.find(report.group_by or "")
    if field is None:
        return [EVERYTHING]
    value = reader.value(resource, record, field)
    if field.kind in ("ref", "refs"):
        keys = value if field.kind == "refs" else [value]
        target = field.target or ""
        groups = [Group(reader.label(actor, target, key), key) for key in keys if key is not None]
        return groups or [Group(to_text(field, None))]
    return [Group(to_text(field, value))]


def figure(resource: Resource, report: Report, name: str, numbers: list[Decimal]) -> dict[str, Any]:
    """One figure: its group, its value for programs and its text for people."""
    field = resource.find(report.field or "")
    if report.measure == "count" or field is None:
        return {"group": name, "value": len(numbers), "text": str(len(numbers))}
    value: Decimal | None = sum(numbers, Decimal(0))
    if report.measure == "mean":
        value = sum(numbers, Decimal(0)) / len(numbers) if numbers else None
    if value is not None and field.kind == "money":
        value = rounded(field, value)
    if field.kind == "money":
        return {"group": name, "value": to_json(field, value), "text": to_text(field, value)}
    text = None if value is None else plain(round(value, 6))
    return {"group": name, "value": text, "text": text or to_text(field, None)}


def heading(report: Report) -> str:
    """What the figures of a report are."""
    resource = by_name(report.entity)
    field = resource.find(report.field or "")
    if report.measure == "count" or field is None:
        return f"Number of {resource.plural.lower()}"
    return f"{'Sum' if report.measure == 'sum' else 'Mean'} of {field.label.lower()}"
