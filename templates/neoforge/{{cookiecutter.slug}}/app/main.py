"""Puts the product together: routers, error pages, observation."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import orm
from starlette.exceptions import HTTPException

from app.core.database import get_engine
from app.core.errors import Invalid, Missing, NotSignedIn, Problem
from app.core.settings import get_settings
from app.core.telemetry import LOGGER, METRICS, Observer, set_up_logging
from app.identity import api as identity_api
from app.identity import pages as identity_pages
from app.identity.dependencies import Visitor, visitor
from app.pages.render import page
from app.product import NAME
from app.registry.routers import ROUTERS

STATIC = Path(__file__).parent / "pages" / "static"
Looker = Annotated[Visitor, Depends(visitor)]


def create_app() -> FastAPI:
    """Makes the application."""
    set_up_logging(get_settings().log_level)
    product = FastAPI(title=NAME, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    product.state.sessions = orm.sessionmaker(get_engine())
    product.add_middleware(Observer)
    product.add_exception_handler(Problem, on_problem)
    product.add_exception_handler(RequestValidationError, on_invalid_request)
    product.add_exception_handler(HTTPException, on_http_exception)
    product.mount("/static", StaticFiles(directory=STATIC), name="static")
    product.add_api_route("/", home, include_in_schema=False)
    product.add_api_route("/healthz", health, include_in_schema=False)
    product.add_api_route("/metrics", metrics, include_in_schema=False)
    for router in (identity_api.router, identity_pages.router, *ROUTERS):
        product.include_router(router)
    return product


def home(request: Request, looker: Looker) -> Response:
    """Leads to everything that the visitor may see."""
    return page(request, looker, "home.html", {})


def health() -> Response:
    """Says whether the product can serve: 200 when the database answers."""
    try:
        with get_engine().connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        LOGGER.exception("database does not answer")
        return PlainTextResponse("database does not answer\n", 503)
    return PlainTextResponse("ok\n")


def metrics() -> Response:
    """Counters for Prometheus."""
    return PlainTextResponse(METRICS.as_text(), media_type="text/plain; version=0.0.4")


def on_problem(request: Request, error: Exception) -> Response:
    """Answers a problem in the caller's language: JSON below `/api`, a page elsewhere."""
    problem = error if isinstance(error, Problem) else Problem(str(error))
    if request.url.path.startswith("/api/"):
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
        media_type = "application/problem+json"
        return JSONResponse(problem.as_json(), problem.status, headers, media_type)
    if isinstance(problem, NotSignedIn):
        target = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?next={quote(target)}", 303)
    with request.app.state.sessions() as session:
        context = {"problem": problem}
        looker = visitor(request, session)
        return page(request, looker, "problem.html", context, problem.status)


def on_invalid_request(request: Request, error: Exception) -> Response:
    """Answers parameters that do not fit."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = {str(item["loc"][-1]): f"{item['msg']}." for item in found}
    return on_problem(request, Invalid("Some values are not valid.", errors))


def on_http_exception(request: Request, error: Exception) -> Response:
    """Answers addresses and methods that do not exist."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    problem: Problem = Missing("There is nothing at this address.")
    if status != 404:
        problem = Problem("This address does not take such a request.")
        problem.status = status
    return on_problem(request, problem)


app = create_app()
