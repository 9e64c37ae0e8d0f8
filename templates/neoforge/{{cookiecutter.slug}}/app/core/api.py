"""The API of an entity: list, create, read, change, delete and one address per transition."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import BaseModel, Field
from sqlalchemy import orm

from app.core import records, schemas
from app.core.access import Actor
from app.core.database import Record, get_session
from app.core.reader import Reader
from app.core.resource import Resource, Transition
from app.identity.dependencies import api_actor, json_body

Session = Annotated[orm.Session, Depends(get_session)]
ApiActor = Annotated[Actor, Depends(api_actor)]
Body = Annotated[Any, Depends(json_body)]
FILTER = "filter."


class ListParameters(BaseModel):
    """Paging, search and order of a list."""

    q: str = ""
    sort: str = "-id"
    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=schemas.LARGEST_INTEGER)


def api_router(resource: Resource) -> APIRouter:
    """Makes the addresses of an entity below `/api`."""
    router = APIRouter(prefix=resource.api_path, tags=[resource.plural])
    add_collection(router, resource)
    add_record(router, resource)
    for step in resource.transitions:
        add_transition(router, resource, step)
    return router


def add_collection(router: APIRouter, resource: Resource) -> None:
    """Adds listing and creating."""

    @router.get("", summary=f"List {resource.plural}", responses=listing(resource))
    def list_records(
        request: Request,
        session: Session,
        actor: ApiActor,
        parameters: Annotated[ListParameters, Parameter()],
    ) -> dict[str, Any]:
        query = records.Query(
            text=parameters.q,
            filters=filters_of(request),
            sort=parameters.sort,
            limit=parameters.limit,
            offset=parameters.offset,
        )
        found, total = records.find(session, actor, resource, query)
        reader = Reader(session)
        reader.preload(resource, found)
        items = [reader.as_json(resource, record) for record in found]
        return {"items": items, "total": total, "limit": query.limit, "offset": query.offset}

    @router.post(
        "",
        status_code=201,
        summary=f"Create a {resource.label}",
        responses=single(resource, 201),
        openapi_extra=body_of(schemas.for_create(resource)),
    )
    def create_record(
        session: Session, actor: ApiActor, body: Body, response: Response
    ) -> dict[str, Any]:
        record = records.create(session, actor, resource, body)
        session.commit()
        response.headers["Location"] = f"{resource.api_path}/{record.id}"
        return answer(session, resource, record)


def add_record(router: APIRouter, resource: Resource) -> None:
    """Adds reading, changing and deleting one record."""

    @router.get("/{key:int}", summary=f"Read a {resource.label}", responses=single(resource, 200))
    def read_record(session: Session, actor: ApiActor, key: int) -> dict[str, Any]:
        return answer(session, resource, records.get(session, actor, resource, key))

    @router.patch(
        "/{key:int}",
        summary=f"Change a {resource.label}",
        responses=single(resource, 200),
        openapi_extra=body_of(schemas.for_update(resource)),
    )
    def update_record(session: Session, actor: ApiActor, key: int, body: Body) -> dict[str, Any]:
        record = records.update(session, actor, resource, key, body)
        session.commit()
        return answer(session, resource, record)

    @router.delete("/{key:int}", status_code=204, summary=f"Delete a {resource.label}")
    def delete_record(session: Session, actor: ApiActor, key: int) -> None:
        records.delete(session, actor, resource, key)
        session.commit()


def add_transition(router: APIRouter, resource: Resource, step: Transition) -> None:
    """Adds the address of one transition."""

    @router.post(
        "/{key:int}/" + step.name,
        summary=f"{step.label} (a {resource.label})",
        responses=single(resource, 200),
    )
    def take_step(session: Session, actor: ApiActor, key: int) -> dict[str, Any]:
        record = records.transition(session, actor, resource, key, step.name)
        session.commit()
        return answer(session, resource, record)


def answer(session: orm.Session, resource: Resource, record: Record) -> dict[str, Any]:
    """One record as JSON."""
    return Reader(session).as_json(resource, record)


def filters_of(request: Request) -> dict[str, str]:
    """The `filter.<field>` parameters of a request."""
    pairs = request.query_params.items()
    return {key.removeprefix(FILTER): value for key, value in pairs if key.startswith(FILTER)}


def single(resource: Resource, status: int) -> dict[int | str, dict[str, Any]]:
    """Describes an answer with one record."""
    return {status: {"model": schemas.for_reading(resource)}}


def listing(resource: Resource) -> dict[int | str, dict[str, Any]]:
    """Describes an answer with a page of records."""
    return {200: {"model": schemas.for_listing(resource)}}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Describes a request body; it is checked by `records`, after the right to send it."""
    schema = model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
