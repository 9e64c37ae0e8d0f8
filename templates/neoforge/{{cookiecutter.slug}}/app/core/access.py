"""Who may do what: grants of roles, and which records they cover. What no grant allows is refused."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from app.core.database import Record
from app.core.errors import Missing, NotSignedIn, Refused
from app.core.resource import Resource

Scope = Literal["own", "all"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One thing that a role may do."""

    action: str
    entity: str
    scope: Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """People who may do the same things."""

    name: str
    label: str
    description: str
    signs_up: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever sends a request."""

    user_id: int | None = None
    name: str = ""
    role: Role | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether we know who it is."""
        return self.user_id is not None

    def scope(self, action: str, resource: Resource) -> Scope | None:
        """Which records the actor may do something with: all, the own ones, or none."""
        grants = self.role.grants if self.role else ()
        scopes = {
            grant.scope
            for grant in grants
            if grant.action == action and grant.entity == resource.name
        }
        if "all" in scopes or (scopes and not resource.owned):
            return "all"
        return "own" if scopes else None

    def may(self, action: str, resource: Resource) -> bool:
        """Whether the actor may do it to some record at least."""
        return self.scope(action, resource) is not None

    def covers(self, action: str, resource: Resource, record: Record) -> bool:
        """Whether the actor may do it to this record."""
        scope = self.scope(action, resource)
        return scope == "all" or (scope == "own" and resource.owner_of(record) == self.user_id)


ANONYMOUS = Actor()


def require(actor: Actor, action: str, resource: Resource) -> Scope:
    """Refuses what the actor's role does not allow; says which records it covers otherwise."""
    if not actor.is_signed_in:
        raise NotSignedIn("This needs somebody who is signed in.")
    scope = actor.scope(action, resource)
    if scope is None:
        raise Refused(f"Your role may not {action.replace('_', ' ')} {resource.plural.lower()}.")
    return scope


def require_record(actor: Actor, action: str, resource: Resource, record: Record | None) -> Record:
    """Refuses a record that is not covered, as if it did not exist."""
    require(actor, action, resource)
    if record is None or not actor.covers(action, resource, record):
        raise Missing(f"There is no such {resource.label.lower()}.")
    return record


def within(actor: Actor, action: str, resource: Resource) -> sa.ColumnElement[bool]:
    """The condition that keeps a query to the records that the actor may do something with."""
    if require(actor, action, resource) == "all":
        return sa.true()
    mine: sa.ColumnElement[bool] = resource.owner_column == actor.user_id
    return mine
