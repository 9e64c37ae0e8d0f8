"""Fields: what a record holds, how values are written for programs, people and forms.

A `Field` is only a description. Checking values stands in `schemas`, storing them in `records`.
"""

import datetime
import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

Kind = Literal[
    "text",
    "long_text",
    "integer",
    "decimal",
    "money",
    "boolean",
    "date",
    "datetime",
    "enum",
    "email",
    "url",
    "phone",
    "file",
    "geo_point",
    "json",
    "ref",
    "refs",
]

EMPTY = "–"
MONEY_PLACES = 4
DECIMAL_PLACES = 6
INPUT_TYPES: dict[str, str] = {
    "date": "date",
    "datetime": "datetime-local",
    "email": "email",
    "file": "file",
    "phone": "tel",
    "url": "url",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of an entity, as the blueprint describes it."""

    name: str
    kind: Kind
    label: str
    attribute: str
    required: bool = False
    unique: bool = False
    default: Any = None
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] = ()
    currency: str | None = None
    target: str | None = None
    formula: str | None = None
    help: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether the record's own table has a column for it."""
        return self.formula is None and self.kind != "refs"

    @property
    def is_writable(self) -> bool:
        """Whether people and programs may set it."""
        return self.formula is None

    @property
    def is_sortable(self) -> bool:
        """Whether lists can be ordered by it."""
        return self.is_stored and self.kind not in ("json", "geo_point")

    @property
    def is_number(self) -> bool:
        """Whether one can calculate with it."""
        return self.kind in ("integer", "decimal", "money")

    @property
    def input_type(self) -> str:
        """The `type` of its input element."""
        return INPUT_TYPES.get(self.kind, "text")


def to_json(field: Field, value: Any) -> Any:
    """Writes a value for programs; amounts and decimals are strings, so that they stay exact."""
    if value is None:
        return None
    if field.kind == "money":
        return money_text(value)
    if field.kind == "decimal":
        return plain(value)
    if field.kind == "datetime":
        return value.isoformat().replace("+00:00", "Z")
    if field.kind == "date":
        return value.isoformat()
    return value


def to_text(field: Field, value: Any) -> str:
    """Writes a value for people."""
    if value is None or value == "":
        return EMPTY
    if field.kind == "money":
        return f"{money_text(value)} {field.currency or ''}".strip()
    if field.kind == "boolean":
        return "Yes" if value else "No"
    if field.kind == "datetime":
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if field.kind == "enum":
        return words(value)
    if field.kind == "geo_point":
        return f"{value['lat']}, {value['lon']}"
    if field.kind == "json":
        return json.dumps(value, ensure_ascii=False)
    return str(to_json(field, value))


def to_input(field: Field, value: Any) -> str | list[str]:
    """Writes a value for the form control that edits it; several for `refs`."""
    if field.kind == "refs":
        return [str(item) for item in value or ()]
    if value is None:
        return ""
    if field.kind == "boolean":
        return "on" if value else ""
    if field.kind == "datetime" and isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}"
    if field.kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=2)
    if field.kind == "geo_point" and isinstance(value, dict):
        return f"{value['lat']}, {value['lon']}"
    return str(to_json(field, value))


def money_text(value: Any) -> str:
    """Writes an amount with at least two digits after the point."""
    text = plain(Decimal(value))
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def plain(value: Any) -> str:
    """Writes a decimal without exponent and without trailing zeros."""
    number = Decimal(value).normalize()
    return f"{number if number else Decimal(0):f}"


def rounded(field: Field, value: Decimal) -> Any:
    """Turns a calculated number into a value of the field's kind."""
    if field.kind == "integer":
        return int(value.to_integral_value(ROUND_HALF_UP))
    if field.kind == "money":
        return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if field.kind == "date":
        return datetime.date.fromordinal(max(1, int(value)))
    if field.kind == "boolean":
        return bool(value)
    if field.kind == "decimal":
        return value.quantize(Decimal(1).scaleb(-DECIMAL_PLACES), ROUND_HALF_UP)
    return plain(value)


def words(text: str) -> str:
    """Turns `in_progress` into `In progress`."""
    spaced = text.replace("_", " ").replace("-", " ").strip()
    return spaced[:1].upper() + spaced[1:]
