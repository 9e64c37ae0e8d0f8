"""The pages of accounts: sign up, sign in, sign out, and the messages to a member."""

from typing import Annotated
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import orm
from starlette.datastructures import FormData

from app.core.database import get_session
from app.core.errors import NotSignedIn, Problem
from app.identity import accounts
from app.identity.dependencies import Visitor, form, set_session, visitor
from app.identity.models import Message, User
from app.pages.render import page

router = APIRouter(include_in_schema=False)
Session = Annotated[orm.Session, Depends(get_session)]
Looker = Annotated[Visitor, Depends(visitor)]
Form = Annotated[FormData, Depends(form)]


@router.get("/sign-in")
def show_sign_in(request: Request, looker: Looker, next: str = "/") -> Response:
    """Asks for address and password."""
    return page(request, looker, "sign_in.html", {"next": next, "values": {}, "errors": {}})


@router.post("/sign-in")
def sign_in(request: Request, session: Session, looker: Looker, data: Form) -> Response:
    """Starts a session, under a new secret."""
    email, target = text(data, "email"), text(data, "next")
    try:
        user = accounts.authenticate(session, email, text(data, "password"))
    except NotSignedIn as problem:
        context = {"next": target, "values": {"email": email}, "errors": {"email": problem.detail}}
        return page(request, looker, "sign_in.html", context, problem.status)
    return enter(session, user, target)


@router.get("/sign-up")
def show_sign_up(request: Request, looker: Looker) -> Response:
    """Asks for what an account needs."""
    context = {"roles": accounts.open_roles(), "values": {}, "errors": {}}
    return page(request, looker, "sign_up.html", context)


@router.post("/sign-up")
def sign_up(request: Request, session: Session, looker: Looker, data: Form) -> Response:
    """Makes an account and signs its member in."""
    values = {name: text(data, name) for name in ("name", "email", "role")}
    wanted = accounts.SignUp(**values, password=text(data, "password"))
    try:
        user = accounts.register(session, wanted)
    except Problem as problem:
        errors = problem.errors or {"role": problem.detail}
        context = {"roles": accounts.open_roles(), "values": values, "errors": errors}
        return page(request, looker, "sign_up.html", context, problem.status)
    return enter(session, user, "/")


@router.post("/sign-out")
def sign_out(session: Session, looker: Looker, data: Form) -> Response:
    """Ends the session."""
    accounts.close_session(session, looker.secret)
    session.commit()
    return RedirectResponse("/", 303)


@router.get("/-/inbox")
def show_inbox(request: Request, session: Session, looker: Looker) -> Response:
    """Shows what the member was told."""
    if not looker.actor.is_signed_in:
        raise NotSignedIn("This needs somebody who is signed in.")
    mine = sa.select(Message).where(
        Message.user_id == looker.actor.user_id, Message.channel == "in_app"
    )
    messages = session.scalars(mine.order_by(Message.id.desc()).limit(200)).all()
    return page(request, looker, "inbox.html", {"messages": messages})


def enter(session: orm.Session, user: User, target: str) -> Response:
    """Opens a session for a member and goes on to a page of ours."""
    secret = accounts.open_session(session, user, "pages")
    session.commit()
    response = RedirectResponse(local(target), 303)
    set_session(response, secret)
    return response


def local(target: str) -> str:
    """A target within the product; the home page for any other."""
    parts = urlsplit(target.replace("\\", "/"))
    inside = not parts.scheme and not parts.netloc and target.startswith("/")
    return target if inside and not target.startswith("//") and target.isprintable() else "/"


def text(data: FormData, name: str) -> str:
    """A text field of a form; empty when it is missing."""
    value = data.get(name)
    return value if isinstance(value, str) else ""
