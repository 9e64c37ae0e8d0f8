"""Exchange of files: records out as CSV, JSON or PDF, and in from CSV or JSON, all or none."""

import csv
import io
import json
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import orm
from starlette.datastructures import FormData, UploadFile

from app.core import records
from app.core.access import Actor, require, within
from app.core.database import get_session
from app.core.errors import Conflict, Invalid, Problem
from app.core.pdf import write_pdf
from app.core.reader import Reader
from app.core.resource import Resource
from app.core.stories import Exchange
from app.identity.dependencies import Visitor, api_actor, form, visitor
from app.pages.render import page
from app.registry.resources import by_name

Session = Annotated[orm.Session, Depends(get_session)]
ApiActor = Annotated[Actor, Depends(api_actor)]
Looker = Annotated[Visitor, Depends(visitor)]
Form = Annotated[FormData, Depends(form)]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}
LARGEST_IMPORT = 10_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


async def raw_body(request: Request) -> bytes:
    """The body of a request as it came."""
    return await request.body()


def exchange_router(exchange: Exchange) -> APIRouter:
    """Makes the addresses of an export or an import."""
    router = APIRouter()
    if exchange.direction == "export":
        add_export(router, exchange)
    else:
        add_import(router, exchange)
    return router


def add_export(router: APIRouter, exchange: Exchange) -> None:
    """Adds the file for programs, and the page that offers it to people."""

    @router.get(f"/api/-/exports/{exchange.story}", summary=exchange.title, tags=["Exchange"])
    def export(session: Session, actor: ApiActor) -> Response:
        return download(session, actor, exchange)

    @router.get(exchange.path, include_in_schema=False)
    def show(request: Request, session: Session, looker: Looker) -> Response:
        require(looker.actor, "read", by_name(exchange.entity))
        return page(request, looker, "export.html", {"exchange": exchange})

    @router.get(f"{exchange.path}/file", include_in_schema=False)
    def send(session: Session, looker: Looker) -> Response:
        return download(session, looker.actor, exchange)


def add_import(router: APIRouter, exchange: Exchange) -> None:
    """Adds the address that takes a file, and the page with its form."""
    resource = by_name(exchange.entity)

    @router.post(f"/api/-/imports/{exchange.story}", summary=exchange.title, tags=["Exchange"])
    def take(
        session: Session, actor: ApiActor, content: Annotated[bytes, Depends(raw_body)]
    ) -> dict[str, int]:
        count = take_in(session, actor, exchange, content)
        session.commit()
        return {"created": count}

    @router.get(exchange.path, include_in_schema=False)
    def show(request: Request, looker: Looker) -> Response:
        require(looker.actor, "create", resource)
        context = {"exchange": exchange, "resource": resource, "problem": None}
        return page(request, looker, "import.html", context)

    @router.post(exchange.path, include_in_schema=False)
    def receive(request: Request, session: Session, looker: Looker, data: Form) -> Response:
        file = data.get("file")
        content = file.file.read() if isinstance(file, UploadFile) else b""
        context: dict[str, Any] = {"exchange": exchange, "resource": resource, "problem": None}
        try:
            context["count"] = take_in(session, looker.actor, exchange, content)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            context["problem"] = problem
            return page(request, looker, "import.html", context, problem.status)
        session.commit()
        return page(request, looker, "import.html", context)


def download(session: orm.Session, actor: Actor, exchange: Exchange) -> Response:
    """The file with every record that the actor may read."""
    resource = by_name(exchange.entity)
    statement = sa.select(resource.model).where(within(actor, "read", resource))
    found = session.scalars(statement.order_by(resource.model.id)).all()
    reader = Reader(session)
    reader.preload(resource, found)
    rows = [reader.as_json(resource, record) for record in found]
    name = f"{resource.api_path.rpartition('/')[2]}.{exchange.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        write(exchange, resource, rows), headers=headers, media_type=MEDIA_TYPES[exchange.format]
    )


def write(exchange: Exchange, resource: Resource, rows: list[dict[str, Any]]) -> bytes:
    """Writes records in the format of the exchange."""
    if exchange.format == "json":
        return json.dumps(rows, ensure_ascii=False, indent=2).encode()
    names = ["id", *(field.name for field in resource.fields)]
    lines = [[as_text(row[name]) for name in names] for row in rows]
    if exchange.format == "pdf":
        return write_pdf(resource.plural, [" | ".join(line) for line in [names, *lines]])
    file = io.StringIO(newline="")
    csv.writer(file).writerows([names, *([harmless(text) for text in line] for line in lines)])
    return file.getvalue().encode()


def as_text(value: Any) -> str:
    """A value in a cell; lists and objects as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are."""
    number = text.replace("-", "", 1).replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not number else text


def take_in(session: orm.Session, actor: Actor, exchange: Exchange, content: bytes) -> int:
    """Creates a record per row of a file; one wrong row refuses the whole file."""
    resource = by_name(exchange.entity)
    require(actor, "create", resource)
    rows = read(exchange, resource, content)
    for number, row in enumerate(rows, start=1):
        try:
            records.create(session, actor, resource, row)
        except (Invalid, Conflict) as problem:
            session.rollback()
            found = problem.errors.items() or [("", problem.detail)]
            errors = {f"row {number}: {name}".strip(": "): text for name, text in found}
            raise Invalid("Nothing was imported.", errors) from problem
    return len(rows)


def read(exchange: Exchange, resource: Resource, content: bytes) -> list[dict[str, Any]]:
    """Reads the rows of a file; ids and computed values of an export are passed over."""
    try:
        text = content.decode("utf-8-sig")
        rows = (
            json.loads(text)
            if exchange.format == "json"
            else list(csv.DictReader(io.StringIO(text)))
        )
    except (ValueError, RecursionError, csv.Error) as error:
        raise Invalid(f"The file is no {exchange.format.upper()}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("The file holds no list of records.")
    if len(rows) > LARGEST_IMPORT:
        raise Invalid(f"The file has more than {LARGEST_IMPORT} records.")
    names = {field.name for field in resource.writable}
    passed_over = {
        "id",
        "created_at",
        "updated_at",
        *(field.name for field in resource.fields),
    } - names
    parse = keep if exchange.format == "json" else from_cell
    return [
        {
            name: parse(resource, name, value)
            for name, value in row.items()
            if name not in passed_over
        }
        for row in rows
    ]


def keep(_resource: Resource, _name: str, value: Any) -> Any:
    """A value of a JSON file."""
    return value


def from_cell(resource: Resource, name: str, text: Any) -> Any:
    """The value of a cell; empty cells are no value."""
    field = resource.find(name)
    if not isinstance(text, str) or text == "":
        return [] if field and field.kind == "refs" else None
    if field and field.kind in ("json", "refs", "geo_point"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text[1:] if text.startswith("'") else text
