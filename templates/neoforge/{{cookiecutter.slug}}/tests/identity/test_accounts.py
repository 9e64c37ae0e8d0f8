"""Accounts: signing up, in and out, through the API and on pages."""

import datetime

import pytest

from app.core.database import now
from app.core.settings import get_settings
from app.identity import accounts, secrets
from app.identity.dependencies import COOKIE
from app.identity.models import Token
from tests.people import KEEPER, World

PASSWORD = "correct horse battery"


@pytest.fixture
def role(monkeypatch: pytest.MonkeyPatch, world: World) -> str:
    """A role that signs up, whatever the product's own roles do."""
    keeper = accounts.find_role(KEEPER)
    assert keeper is not None
    visitor = type(keeper)(
        name="Visitor of the tests",
        label="Visitor",
        description="",
        signs_up=True,
        grants=keeper.grants,
    )
    monkeypatch.setattr(accounts, "ROLES", (visitor, keeper))
    return visitor.name


def form(role: str, **other: str) -> dict[str, str]:
    """What somebody fills in for an account."""
    return {"name": "Ada", "email": "Ada@Example.com", "password": PASSWORD, "role": role, **other}


def test_an_account_gets_a_token_that_ends_when_it_is_given_back(world: World, role: str) -> None:
    http = world.http
    made = http.post("/api/-/accounts", json=form(role))
    assert made.status_code == 201 and made.json()["role"] == role
    token = http.post("/api/-/tokens", json={"email": "ada@example.com", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {token.json()['token']}"}
    assert http.get("/api/-/me", headers=headers).json()["name"] == "Ada"
    assert http.delete("/api/-/tokens", headers=headers).status_code == 204
    assert http.get("/api/-/me", headers=headers).status_code == 401
    assert http.get("/api/-/me").status_code == 401


def test_a_role_that_does_not_sign_up_is_refused(world: World, role: str) -> None:
    for name in (KEEPER, "no such role"):
        assert world.http.post("/api/-/accounts", json=form(name)).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"name": " "}, 422), ({"email": "ada"}, 422), ({"password": "short"}, 422)],
)
def test_a_poor_account_is_refused(
    world: World, role: str, wrong: dict[str, str], status: int
) -> None:
    answer = world.http.post("/api/-/accounts", json=form(role, **wrong))
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == list(wrong)


def test_an_address_has_one_account(world: World, role: str) -> None:
    assert world.http.post("/api/-/accounts", json=form(role)).status_code == 201
    again = world.http.post("/api/-/accounts", json=form(role, email="ADA@example.com"))
    assert again.status_code == 409


def test_a_wrong_password_and_an_unknown_address_answer_alike(world: World, role: str) -> None:
    world.http.post("/api/-/accounts", json=form(role))
    answers = [
        world.http.post("/api/-/tokens", json={"email": email, "password": "wrong password"})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_pages_sign_up_out_and_in(world: World, role: str) -> None:
    http, stranger = world.http, world.stranger()
    refused = stranger.submit("/sign-up", form(role, password="short"))
    assert refused.status_code == 422 and "Ada@Example.com" in refused.text
    assert "short" not in refused.text
    made = stranger.submit("/sign-up", form(role))
    assert made.status_code == 303 and "httponly" in made.headers["Set-Cookie"].lower()
    assert "Sign out" in http.get("/").text
    member = world.person(role)
    assert member.submit("/sign-out", {}).status_code == 303
    assert "Sign out" not in http.get("/").text
    wrong = stranger.submit("/sign-in", {"email": "ada@example.com", "password": "wrong"})
    assert wrong.status_code == 401 and 'role="alert"' in wrong.text
    right = {"email": "ada@example.com", "password": PASSWORD, "next": "/-/inbox"}
    entered = stranger.submit("/sign-in", right)
    assert entered.headers["Location"] == "/-/inbox"
    assert "There are no messages yet" in http.get("/-/inbox").text


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"]
)
def test_signing_in_never_leads_elsewhere(world: World, role: str, target: str) -> None:
    world.http.post("/api/-/accounts", json=form(role))
    values = {"email": "ada@example.com", "password": PASSWORD, "next": target}
    assert world.stranger().submit("/sign-in", values).headers["Location"] == "/"


def test_strangers_have_no_inbox(world: World) -> None:
    assert world.stranger().look("/-/inbox").headers["Location"] == "/sign-in?next=/-/inbox"


def test_a_session_that_is_forged_or_old_is_nobodys(world: World) -> None:
    keeper = world.keeper()
    assert keeper.look("/-/inbox").status_code == 200
    world.http.cookies.clear()
    world.http.cookies.set(COOKIE, (keeper.cookie or "") + "0")
    assert world.http.get("/-/inbox").status_code == 303
    for token in world.session.query(Token):
        token.expires_at = now() - datetime.timedelta(seconds=1)
    world.session.commit()
    assert keeper.look("/-/inbox").status_code == 303
    assert keeper.send("GET", "/api/-/me").status_code == 401


def test_a_token_of_pages_is_none_of_the_api(world: World) -> None:
    keeper = world.keeper()
    secret = secrets.unsign(get_settings().secret_key, COOKIE, keeper.cookie or "")
    for value in (f"Bearer {secret}", f"Basic {keeper.token}", "Bearer nonsense"):
        assert world.http.get("/api/-/me", headers={"Authorization": value}).status_code == 401


def test_passwords_are_kept_as_salted_hashes() -> None:
    first, second = (secrets.hash_password(PASSWORD, 16) for _ in range(2))
    assert first != second and PASSWORD not in first
    assert secrets.is_password(PASSWORD, first)
    assert not secrets.is_password(PASSWORD + " ", first)
