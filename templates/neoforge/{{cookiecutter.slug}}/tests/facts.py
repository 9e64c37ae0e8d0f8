"""Facts: what the specification says about an entity, written down apart from the product's own description."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldFact:
    """One field of the specification."""

    name: str
    kind: str
    required: bool
    unique: bool
    default: Any
    low: str | None
    high: str | None
    values: tuple[str, ...]
    target: str | None
    on_delete: str | None
    computed: str | None

    @property
    def is_text(self) -> bool:
        """Whether its value is free text."""
        return self.kind in ("text", "long_text")

    @property
    def is_number(self) -> bool:
        """Whether one can calculate with it."""
        return self.kind in ("integer", "decimal", "money")


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFact:
    """One transition of the specification."""

    name: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Right:
    """One thing that a role may do."""

    role: str
    action: str
    scope: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One entity of the specification."""

    entity: str
    api: str
    page: str
    display: str | None
    owned: bool
    fields: tuple[FieldFact, ...]
    search: tuple[str, ...]
    state: str | None
    steps: tuple[StepFact, ...]
    roles: tuple[str, ...]
    rights: tuple[Right, ...]

    def field(self, name: str) -> FieldFact:
        """Finds a field by its name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def writable(self) -> tuple[FieldFact, ...]:
        """Fields that are given by people; the state of a workflow is not."""
        return tuple(
            field for field in self.fields if not field.computed and field.name != self.state
        )

    @property
    def initial(self) -> str | None:
        """The state of a new record."""
        if self.state is None:
            return None
        field = self.field(self.state)
        return str(field.default) if field.default is not None else field.values[0]

    def scope(self, role: str, action: str) -> str | None:
        """Which records a role may do something with; shared records are everybody's own."""
        scopes = {
            right.scope for right in self.rights if right.role == role and right.action == action
        }
        if "all" in scopes or (scopes and not self.owned):
            return "all"
        return "own" if scopes else None

    def room(self) -> int:
        """How many records can exist: unique fields with few values leave room for few."""
        counts = [1000]
        for field in self.writable:
            if field.unique and field.required and field.kind in ("enum", "boolean"):
                counts.append(len(field.values) or 2)
            if field.unique and field.kind == "integer" and field.low and field.high:
                counts.append(int(float(field.high)) - int(float(field.low)) + 1)
        return min(counts)
