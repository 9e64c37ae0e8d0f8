"""People of the tests: members with a role, who send requests to the API and look at pages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import orm

from app.core import samples
from app.core.access import Grant, Role, Scope
from app.core.database import Record
from app.core.settings import get_settings
from app.identity import accounts
from app.identity.dependencies import COOKIE
from app.identity.models import User
from app.identity.secrets import sign
from app.registry.resources import by_name

KEEPER = "Keeper of the tests"
MARK = re.compile(r'name="form__mark" value="([0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Person:
    """A member; without a token, somebody who is not signed in."""

    http: TestClient
    user_id: int
    token: str | None
    cookie: str | None

    def send(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """Sends a request to the API."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer: httpx.Response = self.http.request(method, path, json=json, headers=headers)
        return answer

    def look(self, path: str) -> httpx.Response:
        """Looks at a page."""
        self.bring_cookie()
        answer: httpx.Response = self.http.get(path)
        return answer

    def submit(
        self, path: str, values: dict[str, Any], files: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Sends a form with the mark that the page gave to it."""
        self.bring_cookie()
        found = MARK.search(self.http.get(path).text) or MARK.search(self.http.get("/").text)
        mark = found.group(1) if found else ""
        data = {**values, "form__mark": mark}
        answer: httpx.Response = self.http.post(path, data=data, files=files)
        return answer

    def bring_cookie(self) -> None:
        """Makes the client this person's browser."""
        self.http.cookies.clear()
        if self.cookie:
            self.http.cookies.set(COOKIE, self.cookie)


@dataclass(slots=True)
class World:
    """Everything that a test needs: the database, the client, and people."""

    session: orm.Session
    http: TestClient
    monkeypatch: pytest.MonkeyPatch
    count: int = 0

    def person(self, role: str) -> Person:
        """Makes a new member of a role."""
        self.count += 1
        email = f"{self.count}@people.example"
        user = User(email=email, name=f"{role} {self.count}", role=role, password_hash="")
        self.session.add(user)
        self.session.flush()
        token = accounts.open_session(self.session, user, "api")
        secret = accounts.open_session(self.session, user, "pages")
        self.session.commit()
        return Person(self.http, user.id, token, sign(get_settings().secret_key, COOKIE, secret))

    def holder(self, scope: Scope, entity: str, actions: Iterable[str]) -> Person:
        """Makes a member who may do these things to records of an entity, and nothing else."""
        grants = tuple(Grant(action=action, entity=entity, scope=scope) for action in actions)
        name = f"Holder {self.count + 1}"
        role = Role(name=name, label=name, description="", signs_up=False, grants=grants)
        self.monkeypatch.setattr(accounts, "ROLES", (*all_roles(), role))
        return self.person(name)

    def keeper(self) -> Person:
        """Makes a member who may do everything."""
        return self.person(KEEPER)

    def stranger(self) -> Person:
        """Somebody who is not signed in."""
        return Person(self.http, 0, None, None)

    def make(self, entity: str, owner: Person, **values: Any) -> int:
        """Stores a sample record and returns its id."""
        record = samples.make_record(self.session, owner.user_id, by_name(entity), values)
        self.session.commit()
        return record.id

    def filled(self, entity: str, owner: Person, *, everything: bool = False) -> dict[str, Any]:
        """Sample values for a new record: the required ones, or all."""
        resource = by_name(entity)
        values = samples.fill(self.session, owner.user_id, resource, {}, everything=everything)
        self.session.commit()
        return values

    def put_state(self, entity: str, key: int, state: str) -> None:
        """Puts a record into a state without asking its workflow."""
        resource = by_name(entity)
        field = resource.find(resource.state or "")
        record = self.stored(entity, key)
        assert field is not None and record is not None
        setattr(record, field.attribute, state)
        self.session.commit()

    def stored(self, entity: str, key: int) -> Record | None:
        """The record as it is stored now."""
        self.session.expire_all()
        return self.session.get(by_name(entity).model, key)


def all_roles() -> tuple[Role, ...]:
    """The roles that the product knows at the moment."""
    roles: tuple[Role, ...] = vars(accounts)["ROLES"]
    return roles
