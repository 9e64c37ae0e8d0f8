"""What a request carries: the caller's identity, a JSON body, a form with its anti-forgery mark."""

import hmac
import secrets
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy import orm
from starlette.datastructures import FormData

from app.core.access import ANONYMOUS, Actor
from app.core.database import get_session
from app.core.errors import NotSignedIn, Problem, Refused
from app.core.settings import get_settings
from app.identity.accounts import LIFETIME, actor_behind
from app.identity.secrets import sign, signature, unsign

COOKIE = "session"
MARK = "form__mark"
Session = Annotated[orm.Session, Depends(get_session)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page: the session's secret and the member behind it."""

    secret: str
    actor: Actor

    @property
    def csrf(self) -> str:
        """The mark that only pages of this session can carry."""
        return signature(get_settings().secret_key, "csrf", self.secret)


def api_actor(request: Request, session: Session) -> Actor:
    """The member behind a bearer token; a token that is not ours is refused at once."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not secret:
        return ANONYMOUS
    actor = actor_behind(session, secret.strip(), "api") if kind.lower() == "bearer" else ANONYMOUS
    if not actor.is_signed_in:
        raise NotSignedIn("The token is not valid or has expired.")
    return actor


async def json_body(request: Request) -> Any:
    """The JSON of a request."""
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("The body is no JSON.") from error


def visitor(request: Request, session: Session) -> Visitor:
    """The session of a page's visitor; everybody has one, so that forms can be marked."""
    signed = request.cookies.get(COOKIE, "")
    secret = unsign(get_settings().secret_key, COOKIE, signed)
    if secret is None:
        secret = secrets.token_urlsafe(32)
        request.state.new_session = secret
        return Visitor(secret, ANONYMOUS)
    return Visitor(secret, actor_behind(session, secret, "pages"))


async def form(request: Request, looker: Annotated[Visitor, Depends(visitor)]) -> FormData:
    """The fields of a form that one of our own pages has sent."""
    data = await request.form()
    mark = data.get(MARK)
    if not isinstance(mark, str) or not hmac.compare_digest(mark.encode(), looker.csrf.encode()):
        raise Refused("The form has expired; go back, reload the page and send it again.")
    return data


def set_session(response: Response, secret: str) -> None:
    """Gives the browser its session."""
    settings = get_settings()
    response.set_cookie(
        COOKIE,
        sign(settings.secret_key, COOKIE, secret),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )
