"""Accounts: signing up and in, sessions and tokens."""

import datetime
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.access import ANONYMOUS, Actor, Role
from app.core.database import now
from app.core.errors import Conflict, Invalid, NotSignedIn, Refused
from app.core.schemas import EMAIL
from app.core.settings import get_settings
from app.identity.models import Token, User
from app.identity.roles import ROLES
from app.identity.secrets import fingerprint, hash_password, is_password

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LIFETIME = datetime.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody fills in for an account."""

    name: str
    email: str
    password: str
    role: str


def find_role(name: str) -> Role | None:
    """Finds a role by its name."""
    return next((role for role in ROLES if role.name == name), None)


def open_roles() -> tuple[Role, ...]:
    """The roles whose members make their own account."""
    return tuple(role for role in ROLES if role.signs_up)


def register(session: orm.Session, form: SignUp) -> User:
    """Makes an account for a role that signs up by itself."""
    role = find_role(form.role)
    if role is None or not role.signs_up:
        raise Refused("Accounts of this role are made by the operator.")
    return create_account(session, form)


def create_account(session: orm.Session, form: SignUp) -> User:
    """Makes an account for any role."""
    email = form.email.strip().lower()
    check_sign_up(form, email)
    if session.scalar(sa.select(User.id).where(User.email == email)) is not None:
        raise Conflict(
            "Some values are taken.", {"email": "There is an account with this address."}
        )
    password_hash = hash_password(form.password, get_settings().scrypt_cost)
    user = User(email=email, name=form.name.strip(), role=form.role, password_hash=password_hash)
    session.add(user)
    session.flush()
    return user


def check_sign_up(form: SignUp, email: str) -> None:
    """Refuses an account without name, address or a fair password."""
    errors: dict[str, str] = {}
    if not form.name.strip():
        errors["name"] = "Enter a name."
    if not re.match(EMAIL, email):
        errors["email"] = "Enter an e-mail address such as name@example.com."
    if not SHORTEST_PASSWORD <= len(form.password) <= LONGEST_PASSWORD:
        errors["password"] = f"Enter at least {SHORTEST_PASSWORD} characters."
    if errors:
        raise Invalid("Some values are not valid.", errors)


def authenticate(session: orm.Session, email: str, password: str) -> User:
    """Finds the account of somebody who knows its password."""
    user = session.scalar(sa.select(User).where(User.email == email.strip().lower()))
    stored = user.password_hash if user else decoy()
    if not is_password(password[:LONGEST_PASSWORD], stored) or user is None:
        raise NotSignedIn("The address or the password is not right.")
    return user


@lru_cache(maxsize=1)
def decoy() -> str:
    """A hash to compare with when there is no account, so that both cases take the same time."""
    return hash_password(secrets.token_hex(16), get_settings().scrypt_cost)


def open_session(session: orm.Session, user: User, use: Literal["pages", "api"]) -> str:
    """Starts a session or makes a token; the secret is returned and not kept."""
    session.execute(sa.delete(Token).where(Token.expires_at < now()))
    secret = secrets.token_urlsafe(32)
    expires_at = now() + LIFETIME
    session.add(
        Token(user_id=user.id, use=use, secret_hash=fingerprint(secret), expires_at=expires_at)
    )
    session.flush()
    return secret


def close_session(session: orm.Session, secret: str) -> None:
    """Ends a session or a token."""
    session.execute(sa.delete(Token).where(Token.secret_hash == fingerprint(secret)))


def actor_behind(session: orm.Session, secret: str, use: Literal["pages", "api"]) -> Actor:
    """Who a secret belongs to; nobody when it is unknown or has expired."""
    wanted = sa.select(User).join(Token, Token.user_id == User.id)
    user = session.scalar(
        wanted.where(
            Token.secret_hash == fingerprint(secret), Token.use == use, Token.expires_at > now()
        )
    )
    return actor_of(user) if user else ANONYMOUS


def actor_of(user: User) -> Actor:
    """A member as the rest of the product knows it."""
    return Actor(user_id=user.id, name=user.name, role=find_role(user.role))
