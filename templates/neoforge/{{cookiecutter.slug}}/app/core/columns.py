"""Column types that keep amounts exact and times in UTC on every database."""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa


class Exact(sa.TypeDecorator[Decimal]):
    """A decimal stored as a whole number of its smallest units, so that no database rounds it."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> int | None:
        """Turns 1.25 into 12500 (four places)."""
        if value is None:
            return None
        return int(Decimal(value).scaleb(self.places).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """Turns 12500 into 1.25 (four places)."""
        return None if value is None else Decimal(value).scaleb(-self.places)


class UtcDateTime(sa.TypeDecorator[datetime.datetime]):
    """A time that is stored in UTC and always read back with its zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> datetime.datetime | None:
        """Drops the zone after moving to UTC; a time without zone is taken as UTC."""
        if value is None or value.tzinfo is None:
            return value if value is None else value.replace(tzinfo=None)
        moved: datetime.datetime = value.astimezone(datetime.UTC)
        return moved.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime.datetime | None:
        """Adds the zone that was dropped."""
        return None if value is None else value.replace(tzinfo=datetime.UTC)
