"""Plays the examples of stories: each step is a request of a member, each expectation is looked up afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from app.core import samples, schemas
from app.core.errors import Invalid
from app.core.fields import Field
from app.core.reader import Reader
from app.core.resource import Resource
from app.registry.resources import by_name
from tests.people import Person, World

REFUSALS = (401, 403, 404, 409, 422)
SEED = "$seed"
LIST_PARAMETERS = ("q", "sort", "limit", "offset")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that a member does."""

    role: str
    action: str
    entity: str
    of: str | None
    values: dict[str, Any]
    bind: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expect:
    """One thing that is seen after the last step."""

    of: str | None
    field: str | None
    equals: Any
    count: int | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """What a name of an example stands for: a record, or the length of a list."""

    entity: str
    key: int | None
    total: int | None


@dataclass(slots=True)
class Stage:
    """One example: its people, what its names stand for, and the answer to its last step."""

    world: World
    people: dict[str, Person] = field(default_factory=dict)
    names: dict[str, Bound] = field(default_factory=dict)
    answer: httpx.Response | None = None
    last: Bound | None = None

    def play(
        self, *, given: str, when: str, then: str, steps: Sequence[Step], expect: Sequence[Expect]
    ) -> None:
        """Takes all steps, the last of which may be refused, and checks what is expected."""
        story = f"given {given}, when {when}, then {then}"
        is_refused = any(item.refused for item in expect)
        for number, step in enumerate(steps, start=1):
            may_fail = is_refused and number == len(steps)
            self.answer = self.take(step, arranged=not may_fail)
            failed = self.answer.status_code >= 400
            assert may_fail or not failed, f"{story}: step {number}: {self.answer.text}"
            self.remember(step)
        for item in expect:
            self.check(item, story)

    def person(self, role: str) -> Person:
        """The member who acts for a role; the same one throughout an example."""
        if role not in self.people:
            self.people[role] = self.world.person(role)
        return self.people[role]

    def take(self, step: Step, *, arranged: bool) -> httpx.Response:
        """Sends the request that a step stands for."""
        person, resource = self.person(step.role), by_name(step.entity)
        values = {
            name: self.value(person, resource, name, value) for name, value in step.values.items()
        }
        if step.action == "create":
            return self.create(person, resource, values, arranged=arranged)
        if step.action == "list":
            return person.send("GET", listing(resource, values))
        path = f"{resource.api_path}/{self.target(person, step)}"
        if step.action in ("read", "update", "delete"):
            method = {"read": "GET", "update": "PATCH", "delete": "DELETE"}[step.action]
            return person.send(method, path, values if step.action == "update" else None)
        return person.send("POST", f"{path}/{step.action}")

    def create(
        self, person: Person, resource: Resource, values: dict[str, Any], *, arranged: bool
    ) -> httpx.Response:
        """Creates a record; a state that its workflow only reaches later is arranged afterwards."""
        state = values.get(resource.state or "")
        later = arranged and state not in (None, resource.initial_state)
        given = {k: v for k, v in values.items() if not (later and k == resource.state)}
        session = self.world.session
        filled = samples.fill(session, person.user_id, resource, given)
        session.commit()
        answer = person.send("POST", resource.api_path, filled)
        if later and answer.status_code == 201:
            self.world.put_state(resource.name, answer.json()["id"], str(state))
        return answer

    def target(self, person: Person, step: Step) -> int:
        """The record that a step is about; one is made when the example names none."""
        bound = self.names.get((step.of or "").removeprefix("$"))
        if bound is not None and bound.key is not None:
            return bound.key
        return self.world.make(step.entity, person)

    def value(self, person: Person, resource: Resource, name: str, value: Any) -> Any:
        """A value of an example: `$name` is an earlier record, `$seed` any record."""
        if isinstance(value, list):
            return [self.value(person, resource, name, item) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        item = resource.find(name)
        target = item.target if item else None
        if value == SEED and target == "User":
            return person.user_id
        if value == SEED and target is not None:
            return self.world.make(target, person)
        bound = self.names.get(value.removeprefix("$"))
        return bound.key if bound else value

    def remember(self, step: Step) -> None:
        """Keeps what a step has led to under its name."""
        body = self.answer.json() if self.answer is not None and self.answer.content else {}
        is_list = step.action == "list"
        key = None if is_list else body.get("id")
        total = body.get("total") if is_list else None
        if key is None and step.of:
            earlier = self.names.get(step.of.removeprefix("$"))
            key = earlier.key if earlier else None
        self.last = Bound(step.entity, key, total)
        if step.bind:
            self.names[step.bind.removeprefix("$")] = self.last

    def check(self, item: Expect, story: str) -> None:
        """Checks one expectation."""
        if item.refused:
            status = self.answer.status_code if self.answer is not None else None
            assert status in REFUSALS, f"{story}: answered {status}"
            return
        bound = self.names[item.of.removeprefix("$")] if item.of else self.last
        assert bound is not None, story
        if item.field is not None:
            self.check_field(bound, item, story)
        elif item.count is not None:
            total = bound.total if bound.total is not None else self.stored(bound.entity)
            assert total == item.count, f"{story}: there are {total}"

    def check_field(self, bound: Bound, item: Expect, story: str) -> None:
        """Checks the value of a field, as it is stored, whoever may read it."""
        resource = by_name(bound.entity)
        record = self.world.stored(bound.entity, bound.key or 0)
        assert record is not None, f"{story}: the record is gone"
        found = Reader(self.world.session).as_json(resource, record)[item.field or ""]
        if item.count is not None:
            assert len(found) == item.count, f"{story}: {item.field} has {len(found)}"
            return
        wanted = item.equals
        if isinstance(wanted, str) and wanted.startswith("$"):
            wanted = self.names[wanted.removeprefix("$")].key
        described = resource.find(item.field or "")
        same = found == wanted if described is None else is_same(described, found, wanted)
        assert same, f"{story}: {item.field} is {found!r}, not {wanted!r}"

    def stored(self, entity: str) -> int:
        """The number of records of an entity."""
        model = by_name(entity).model
        return self.world.session.scalar(sa.select(sa.func.count(model.id))) or 0


def listing(resource: Resource, values: dict[str, Any]) -> str:
    """The address of a list with its filters."""
    names = {name: name if name in LIST_PARAMETERS else f"filter.{name}" for name in values}
    pairs = {names[name]: text(value) for name, value in values.items()}
    return f"{resource.api_path}?{httpx.QueryParams(pairs)}"


def text(value: Any) -> str:
    """A value in an address."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def is_same(described: Field, found: Any, wanted: Any) -> bool:
    """Whether two spellings are the same value: `120` and `120.00`, `10:00Z` and `12:00+02:00`."""
    if found is None or wanted is None:
        return found is None and wanted is None
    if described.kind == "refs":
        return sorted(found) == sorted(wanted)
    if described.kind == "json":
        return bool(found == wanted)
    try:
        return bool(schemas.check_one(described, found) == schemas.check_one(described, wanted))
    except Invalid:
        return str(found) == str(wanted)
