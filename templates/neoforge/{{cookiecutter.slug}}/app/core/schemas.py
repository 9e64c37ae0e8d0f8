"""Checks values that come from outside: one pydantic model per entity and use, made from its fields."""

import datetime
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as Constraint
from typing_extensions import TypedDict

from app.core.errors import Invalid
from app.core.fields import DECIMAL_PLACES, MONEY_PLACES, Field
from app.core.resource import Resource

TEXT_LENGTH = 255
LONG_TEXT_LENGTH = 20_000
LARGEST_INTEGER = 2**53 - 1
LARGEST_AMOUNT = 10**12
EMAIL = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"
URL = r"^https?://[^\s/]+\S*$"
PHONE = r"^\+?[0-9][0-9 ()/.\-]{3,}$"
FILE_NAME = r"^[^/\\\x00-\x1f]+$"
PATTERNS = {"email": EMAIL, "url": URL, "phone": PHONE, "file": FILE_NAME}
CONFIG = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
TEXT_CONFIG = ConfigDict(coerce_numbers_to_str=True)


def for_create(resource: Resource) -> type[BaseModel]:
    """The values of a new record."""
    return make(resource, "Create")


def for_update(resource: Resource) -> type[BaseModel]:
    """The values of a record that change; the others stay."""
    return make(resource, "Update")


@lru_cache(maxsize=256)
def make(resource: Resource, use: Literal["Create", "Update"]) -> type[BaseModel]:
    """Builds a model; its attributes are numbered, because a field may have any name."""
    attributes: dict[str, Any] = {}
    for number, field in enumerate(resource.writable):
        kind = annotation(field)
        must_be_given = use == "Create" and needs_value(resource, field)
        if not field.required or (use == "Create" and not must_be_given):
            kind = kind | None
        default = ... if must_be_given else None
        attributes[f"value_{number}"] = (kind, Constraint(default, alias=field.name))
    return create_model(f"{resource.name}{use}", __config__=CONFIG, **attributes)


@lru_cache(maxsize=256)
def for_reading(resource: Resource) -> type[BaseModel]:
    """What a record looks like in answers; used for the API's description only."""
    attributes: dict[str, Any] = {"id": (int, ...)}
    for number, field in enumerate(resource.fields):
        attributes[f"value_{number}"] = (read_annotation(field), Constraint(alias=field.name))
    attributes["created_at"] = (datetime.datetime, ...)
    attributes["updated_at"] = (datetime.datetime, ...)
    return create_model(resource.name, **attributes)


@lru_cache(maxsize=256)
def for_listing(resource: Resource) -> type[BaseModel]:
    """What a page of a list looks like in answers; used for the API's description only."""
    parts: dict[str, Any] = {"items": (list[for_reading(resource)], ...)}  # type: ignore[misc]
    parts.update(dict.fromkeys(("total", "limit", "offset"), (int, ...)))
    return create_model(f"{resource.name}Page", **parts)


def needs_value(resource: Resource, field: Field) -> bool:
    """Whether a new record must name this field; its first state follows from the workflow."""
    return field.required and field.default is None and field.name != resource.state


def check(model: type[BaseModel], payload: object) -> dict[str, Any]:
    """Checks values against a model and returns the given ones, by field name."""
    try:
        checked = model.model_validate(payload)
    except ValidationError as error:
        raise Invalid("Some values are not valid.", messages(error)) from error
    return checked.model_dump(by_alias=True, exclude_unset=True)


def check_one(field: Field, value: object) -> Any:
    """Checks one value of a field, as filters and defaults need it."""
    checker = adapter(field)
    try:
        return checker.dump_python(checker.validate_python(value))
    except ValidationError as error:
        message = next(iter(messages(error).values()))
        raise Invalid("The value is not valid.", {field.name: message}) from error


def adapter(field: Field) -> TypeAdapter[Any]:
    """The checker of a field; a filter on `refs` names one record."""
    if field.kind == "geo_point":
        return TypeAdapter(annotation(field))
    return TypeAdapter(Id if field.kind == "refs" else annotation(field), config=TEXT_CONFIG)


def messages(error: ValidationError) -> dict[str, str]:
    """One message per field, in words for people."""
    found: dict[str, str] = {}
    for item in error.errors():
        field = str(item["loc"][0]) if item["loc"] else "record"
        found.setdefault(field, phrase(item["type"], item["msg"], item.get("ctx", {})))
    return found


def phrase(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Says what is wrong with a value."""
    if kind in ("missing", "string_too_short") and context.get("min_length", 1) == 1:
        return "Enter a value."
    if kind.endswith("_type"):
        return "Enter a value." if "None" in message else f"{message}."
    if kind == "extra_forbidden":
        return "There is no such field that can be set."
    if kind == "literal_error":
        return f"Choose one of {context['expected']}."
    if kind == "string_pattern_mismatch":
        return "The value does not have the right form."
    return message.removeprefix("Value error, ").rstrip(".") + "."


def annotation(field: Field) -> Any:
    """The Python type of a field's value with everything that it must keep."""
    if field.kind in ("text", "long_text", "email", "url", "phone", "file"):
        return Annotated[str, text_rule(field)]
    if field.kind == "integer":
        return Annotated[int, *bounds(field, LARGEST_INTEGER)]
    if field.kind in ("decimal", "money"):
        places = MONEY_PLACES if field.kind == "money" else DECIMAL_PLACES
        rules = bounds(field, LARGEST_AMOUNT)
        return Annotated[Decimal, Constraint(decimal_places=places), *rules]
    if field.kind == "enum":
        return Literal[field.values]
    if field.kind == "json" and field.required:
        return Annotated[Any, AfterValidator(present), AfterValidator(portable)]
    return SIMPLE_TYPES[field.kind]


def read_annotation(field: Field) -> Any:
    """The type of a field in answers; amounts are strings."""
    if field.kind in ("decimal", "money"):
        return str | None
    if field.kind == "refs":
        return list[int]
    return {"integer": int, "ref": int, "boolean": bool}.get(field.kind, Any) | None


def text_rule(field: Field) -> Any:
    """Length and form of a text."""
    longest = LONG_TEXT_LENGTH if field.kind == "long_text" else TEXT_LENGTH
    return StringConstraints(
        min_length=int(field.minimum or 1),
        max_length=int(field.maximum or longest),
        pattern=PATTERNS.get(field.kind),
        strip_whitespace=True,
    )


def bounds(field: Field, largest: int) -> list[Any]:
    """Smallest and largest value of a number."""
    rules: list[Any] = [Constraint(ge=-largest, le=largest)]
    if field.minimum is not None:
        rules.append(Constraint(ge=Decimal(field.minimum)))
    if field.maximum is not None:
        rules.append(Constraint(le=Decimal(field.maximum)))
    return rules


def read_point(value: object) -> object:
    """Accepts `52.5, 13.4`, a pair, or an object with `lat` and `lon` (or `lng`)."""
    if isinstance(value, str):
        value = re.split(r"[,;\s]+", value.strip())
    if isinstance(value, Mapping):
        value = [value.get("lat"), value.get("lon", value.get("lng"))]
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("Enter latitude and longitude, such as 52.52, 13.40")
    return {"lat": value[0], "lon": value[1]}


def portable(value: Any) -> Any:
    """Refuses what JSON cannot carry: endless numbers and broken text."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return value


def present(value: Any) -> Any:
    """Refuses the empty value where JSON would allow it."""
    if value is None:
        raise ValueError("Enter a value")
    return value


def in_utc(value: datetime.datetime) -> datetime.datetime:
    """Takes a time without zone as UTC."""
    return value.replace(tzinfo=value.tzinfo or datetime.UTC).astimezone(datetime.UTC)


def without_repeats(value: list[int]) -> list[int]:
    """Names each record once, in ascending order."""
    return sorted(set(value))


Latitude = Annotated[float, Constraint(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Constraint(ge=-180, le=180, allow_inf_nan=False)]
Id = Annotated[int, Constraint(ge=1, le=LARGEST_INTEGER)]


class Point(TypedDict):
    """A place on the globe."""

    lat: Latitude
    lon: Longitude


POINT_SCHEMA = {
    "type": "object",
    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
    "required": ["lat", "lon"],
}
SIMPLE_TYPES: dict[str, Any] = {
    "boolean": bool,
    "date": datetime.date,
    "datetime": Annotated[datetime.datetime, AfterValidator(in_utc)],
    "geo_point": Annotated[Point, BeforeValidator(read_point), WithJsonSchema(POINT_SCHEMA)],
    "json": Annotated[Any, AfterValidator(portable)],
    "ref": Id,
    "refs": Annotated[list[Id], AfterValidator(without_repeats)],
}
