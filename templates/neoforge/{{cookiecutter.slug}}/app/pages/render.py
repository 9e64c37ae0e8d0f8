"""Fills page templates with what every page needs: the visitor, navigation and text helpers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.core.access import Actor
from app.core.fields import words
from app.core.navigation import Link
from app.identity.dependencies import Visitor, set_session
from app.product import LANGUAGE, NAME, ONE_LINER
from app.registry.navigation import LINKS, STORY_LINKS
from app.registry.resources import by_name

FOLDER = Path(__file__).parent / "templates"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters["words"] = words


def page(
    request: Request,
    looker: Visitor,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> Response:
    """Renders a page and gives a new visitor a session."""
    common = {
        "product": NAME,
        "one_liner": ONE_LINER,
        "language": LANGUAGE,
        "looker": looker,
        "here": request.url.path,
        "links": visible(LINKS, looker.actor),
        "story_links": visible(STORY_LINKS, looker.actor),
    }
    body = ENVIRONMENT.get_template(template).render({**common, **context})
    response = HTMLResponse(body, status)
    new_session = getattr(request.state, "new_session", None)
    if new_session is not None:
        set_session(response, new_session)
    return response


def visible(links: tuple[Link, ...], actor: Actor) -> list[Link]:
    """The links that lead somewhere for this visitor; all of them before signing in."""
    if not actor.is_signed_in:
        return list(links)
    return [link for link in links if actor.may(link.action, by_name(link.entity))]
