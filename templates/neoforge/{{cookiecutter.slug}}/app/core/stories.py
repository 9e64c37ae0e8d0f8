"""What stories add to records, as descriptions: reports, exchange of files, notices."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Records counted, added up or averaged, in groups or as one figure."""

    story: str
    title: str
    path: str
    entity: str
    measure: Literal["count", "sum", "mean"]
    field: str | None
    group_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """Records that go into a file or come from one."""

    story: str
    title: str
    path: str
    entity: str
    direction: Literal["import", "export"]
    format: Literal["csv", "json", "pdf"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Somebody who is told when something happens to a record.

    It waits for `transition`, for a change of `field`, for the day `days_before` the date in `field`, or, with
    none of them, for a new record. `to` is a role, or a field that leads to a person.
    """

    story: str
    title: str
    entity: str
    transition: str | None
    field: str | None
    days_before: int | None
    to: str
    channel: Literal["email", "in_app"]
