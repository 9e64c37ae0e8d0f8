"""Other addresses of an entity's pages, as the specification named them."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from app.core.resource import Alias, Resource

PARAMETER = re.compile(r"\{[^}]*\}|:[a-z_]+")
TARGETS = {"list": "", "board": "", "form": "/new", "detail": "/{key}"}


def add_aliases(router: APIRouter, resource: Resource) -> None:
    """Adds a redirect per alias that leads to one of the entity's pages."""
    for alias in resource.aliases:
        parameters = len(PARAMETER.findall(alias.path))
        if alias.kind in TARGETS and parameters <= 1:
            add_alias(router, resource, alias)


def add_alias(router: APIRouter, resource: Resource, alias: Alias) -> None:
    """Adds one redirect."""
    path = PARAMETER.sub("{key:int}", alias.path)
    named = "{key:int}" in path
    target = "/{key}" if named and alias.kind == "detail" else TARGETS[alias.kind]
    if named and alias.kind == "form":
        target = "/{key}/edit"

    @router.get(path)
    def go(request: Request) -> RedirectResponse:
        key = str(request.path_params.get("key", ""))
        return RedirectResponse(resource.page_path + target.replace("{key}", key), 307)
