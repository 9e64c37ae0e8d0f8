"""Reports, exchange of files and notices, on whatever entities the product has."""

from collections.abc import Iterator
from typing import Literal

import pytest

from app.core import exchange, notices, reports
from app.core.resource import Resource
from app.core.stories import Exchange, Notice, Report
from app.identity.models import Message
from app.main import app
from app.registry.resources import RESOURCES
from tests import exchanging, notifying, reporting
from tests.acceptance import Stage

pytestmark = pytest.mark.skipif(not RESOURCES, reason="the product keeps no records")
Measure = Literal["count", "sum", "mean"]
Format = Literal["csv", "json", "pdf"]


@pytest.fixture(autouse=True)
def routes() -> Iterator[None]:
    """Takes back the addresses that a test has added."""
    before = list(app.router.routes)
    yield
    app.router.routes[:] = before


@pytest.fixture
def resource() -> Resource:
    """An entity, with an amount or a number if there is one."""
    with_numbers = [item for item in RESOURCES if any(field.is_number for field in item.fields)]
    return (with_numbers or list(RESOURCES))[0]


@pytest.mark.parametrize("measure", ["count", "sum", "mean"])
@pytest.mark.parametrize("grouped", [False, True])
def test_a_report_gives_the_right_figures(
    stage: Stage,
    resource: Resource,
    monkeypatch: pytest.MonkeyPatch,
    measure: Measure,
    grouped: bool,
) -> None:
    numbers = [field.name for field in resource.fields if field.is_number]
    groups = [field.name for field in resource.fields if field.kind in ("ref", "enum", "text")]
    report = Report(
        story="sample",
        title="Sample",
        path="/-/sample",
        entity=resource.name,
        measure=measure if numbers else "count",
        field=numbers[0] if numbers else None,
        group_by=groups[0] if grouped and groups else None,
    )
    monkeypatch.setattr(reporting, "REPORTS", (report,))
    app.include_router(reports.report_router(report))
    reporting.check_report(
        stage,
        story=report.story,
        entity=report.entity,
        measure=report.measure,
        field=report.field,
        group_by=report.group_by,
    )


@pytest.mark.parametrize("kind", ["csv", "json", "pdf"])
@pytest.mark.parametrize("direction", ["export", "import"])
def test_files_go_out_and_come_in(
    stage: Stage,
    resource: Resource,
    monkeypatch: pytest.MonkeyPatch,
    direction: Literal["import", "export"],
    kind: Format,
) -> None:
    if (direction, kind) == ("import", "pdf"):
        return
    made = Exchange(
        story="sample",
        title="Sample",
        path="/-/sample",
        entity=resource.name,
        direction=direction,
        format=kind,
    )
    monkeypatch.setattr(exchanging, "EXCHANGES", (made,))
    app.include_router(exchange.exchange_router(made))
    exchanging.check_exchange(
        stage, story="sample", entity=resource.name, direction=direction, kind=kind
    )


@pytest.mark.parametrize("channel", ["email", "in_app"])
def test_members_are_told_of_new_records_and_of_changes(
    stage: Stage,
    resource: Resource,
    monkeypatch: pytest.MonkeyPatch,
    channel: Literal["email", "in_app"],
) -> None:
    world = stage.world
    keeper = world.keeper()
    changing = [field for field in resource.writable if field.kind in ("text", "integer", "money")]
    watched = [None, *changing[:1]]
    for field in watched:
        notice = Notice(
            story="sample",
            title="Sample",
            entity=resource.name,
            transition=None,
            field=field.name if field else None,
            days_before=None,
            to="Keeper of the tests",
            channel=channel,
        )
        monkeypatch.setattr(notices, "NOTICES", (notice,))
        before = notifying.count(world, "sample")
        key = reporting.make(world, keeper, resource.name)
        if field is not None:
            keeper.send("PATCH", f"{resource.api_path}/{key}", {})
            assert notifying.count(world, "sample") == before
            notifying.change(world, keeper, resource, key, field.name)
        assert notifying.count(world, "sample") == before + 1
        message = world.session.query(Message).order_by(Message.id.desc()).first()
        assert message is not None and message.user_id == keeper.user_id
        assert message.channel == channel and message.path.endswith(f"/{key}")
        assert (message.path in keeper.look("/-/inbox").text) == (channel == "in_app")
