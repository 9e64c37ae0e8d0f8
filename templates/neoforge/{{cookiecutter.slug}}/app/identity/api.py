"""The API of accounts: make one, get a token, ask who one is, give the token back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy import orm

from app.core.access import Actor
from app.core.database import get_session
from app.core.errors import NotSignedIn
from app.identity import accounts
from app.identity.dependencies import api_actor

router = APIRouter(prefix="/api/-", tags=["Accounts"])
Session = Annotated[orm.Session, Depends(get_session)]
ApiActor = Annotated[Actor, Depends(api_actor)]


class Credentials(BaseModel):
    """What somebody signs in with."""

    email: str
    password: str


class NewAccount(Credentials):
    """What somebody signs up with."""

    name: str
    role: str


class Account(BaseModel):
    """A member."""

    id: int
    name: str
    role: str


class Secret(BaseModel):
    """A token for the `Authorization: Bearer` header."""

    token: str


@router.post("/accounts", status_code=201)
def sign_up(session: Session, body: NewAccount) -> Account:
    """Makes an account for a role that signs up by itself."""
    form = accounts.SignUp(body.name, body.email, body.password, body.role)
    user = accounts.register(session, form)
    session.commit()
    return Account(id=user.id, name=user.name, role=user.role)


@router.post("/tokens", status_code=201)
def make_token(session: Session, body: Credentials) -> Secret:
    """Trades address and password for a token."""
    user = accounts.authenticate(session, body.email, body.password)
    secret = accounts.open_session(session, user, "api")
    session.commit()
    return Secret(token=secret)


@router.delete("/tokens", status_code=204)
def drop_token(request: Request, session: Session, actor: ApiActor) -> None:
    """Ends the token that the request carries."""
    require_signed_in(actor)
    accounts.close_session(session, request.headers["Authorization"].partition(" ")[2].strip())
    session.commit()


@router.get("/me")
def who_am_i(actor: ApiActor) -> Account:
    """Says whom the token belongs to."""
    user_id = require_signed_in(actor)
    return Account(id=user_id, name=actor.name, role=actor.role.name if actor.role else "")


def require_signed_in(actor: Actor) -> int:
    """The id of the caller, who must be known."""
    if actor.user_id is None:
        raise NotSignedIn("This needs somebody who is signed in.")
    return actor.user_id
