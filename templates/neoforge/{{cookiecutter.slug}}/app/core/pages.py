"""The pages of an entity: list, one record, form, question before deleting, and its transitions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy import orm
from starlette.datastructures import FormData

from app.core import forms, records, uploads
from app.core.access import Actor, require
from app.core.aliases import add_aliases
from app.core.database import Record, get_session
from app.core.errors import Missing, Problem
from app.core.fields import Field, to_text
from app.core.reader import Reader
from app.core.resource import Resource
from app.identity.dependencies import Visitor, form, visitor
from app.pages.render import page

Session = Annotated[orm.Session, Depends(get_session)]
Looker = Annotated[Visitor, Depends(visitor)]
Form = Annotated[FormData, Depends(form)]
PAGE_SIZE = 25


def pages_router(resource: Resource) -> APIRouter:
    """Makes the pages of an entity below its own address."""
    router = APIRouter(include_in_schema=False)
    add_list(router, resource)
    add_detail(router, resource)
    add_new(router, resource)
    add_edit(router, resource)
    add_delete(router, resource)
    add_steps(router, resource)
    add_aliases(router, resource)
    return router


def add_list(router: APIRouter, resource: Resource) -> None:
    """Adds the table of records with search, order and paging."""

    @router.get(resource.page_path)
    def show_list(
        request: Request,
        session: Session,
        looker: Looker,
        q: str = "",
        sort: str = "-id",
        number: Annotated[int, Query(alias="page")] = 1,
    ) -> Response:
        start = (max(1, min(number, 10**6)) - 1) * PAGE_SIZE
        query = records.Query(text=q if resource.search else "", sort=sort, limit=PAGE_SIZE)
        query = replace(query, offset=start)
        found, total = records.find(session, looker.actor, resource, query)
        reader = Reader(session)
        reader.preload(resource, found)
        context = {
            "resource": resource,
            "rows": [row(reader, looker.actor, resource, record) for record in found],
            "fields": columns(resource),
            "total": total,
            "first": start + 1,
            "last": start + len(found),
            "q": query.text,
            "sort": sort,
            "number": start // PAGE_SIZE + 1,
            "more": start + len(found) < total,
            "may_create": looker.actor.may("create", resource),
            "urlencode": urlencode,
        }
        return page(request, looker, "list.html", context)


def add_detail(router: APIRouter, resource: Resource) -> None:
    """Adds the page of one record, and the download of its files."""
    path = resource.page_path + "/{key:int}"

    @router.get(path)
    def show_record(request: Request, session: Session, looker: Looker, key: int) -> Response:
        return detail(request, session, looker, resource, key)

    @router.get(path + "/files/{name}")
    def download(session: Session, looker: Looker, key: int, name: str) -> Response:
        record = records.get(session, looker.actor, resource, key)
        field = resource.find(name)
        stored = getattr(record, field.attribute) if field and field.kind == "file" else None
        location = uploads.locate(stored)
        if location is None:
            raise Missing("There is no such file.")
        return FileResponse(location, filename=uploads.original_name(str(stored)))


def add_new(router: APIRouter, resource: Resource) -> None:
    """Adds the form for a new record."""
    path = resource.page_path + "/new"

    @router.get(path)
    def show_form(request: Request, session: Session, looker: Looker) -> Response:
        require(looker.actor, "create", resource)
        values = forms.initial(resource)
        return show(request, session, looker, resource, None, values, {})

    @router.post(path)
    def save(request: Request, session: Session, looker: Looker, data: Form) -> Response:
        require(looker.actor, "create", resource)
        values = forms.typed(resource, data)
        try:
            payload = forms.payload(resource, data, new=True)
            record = records.create(session, looker.actor, resource, payload)
        except Problem as problem:
            return refused(request, session, looker, resource, None, values, problem)
        session.commit()
        return RedirectResponse(next_page(looker.actor, resource, record), 303)


def add_edit(router: APIRouter, resource: Resource) -> None:
    """Adds the form that changes a record."""
    path = resource.page_path + "/{key:int}/edit"

    @router.get(path)
    def show_form(request: Request, session: Session, looker: Looker, key: int) -> Response:
        record = records.get(session, looker.actor, resource, key, "update")
        values = forms.current(Reader(session), resource, record)
        return show(request, session, looker, resource, record, values, {})

    @router.post(path)
    def save(request: Request, session: Session, looker: Looker, data: Form, key: int) -> Response:
        record = records.get(session, looker.actor, resource, key, "update")
        values = forms.typed(resource, data)
        try:
            payload = forms.payload(resource, data, new=False)
            records.update(session, looker.actor, resource, key, payload)
        except Problem as problem:
            return refused(request, session, looker, resource, record, values, problem)
        session.commit()
        return RedirectResponse(next_page(looker.actor, resource, record), 303)


def add_delete(router: APIRouter, resource: Resource) -> None:
    """Adds the question before deleting, and the deletion."""
    path = resource.page_path + "/{key:int}/delete"

    @router.get(path)
    def ask(request: Request, session: Session, looker: Looker, key: int) -> Response:
        return question(request, session, looker, resource, key, None)

    @router.post(path)
    def delete(
        request: Request, session: Session, looker: Looker, data: Form, key: int
    ) -> Response:
        try:
            records.delete(session, looker.actor, resource, key)
        except Problem as problem:
            if problem.status != 409:
                raise
            return question(request, session, looker, resource, key, problem)
        session.commit()
        return RedirectResponse(next_page(looker.actor, resource, None), 303)


def add_steps(router: APIRouter, resource: Resource) -> None:
    """Adds the buttons that take a record to another state."""

    @router.post(resource.page_path + "/{key:int}/steps/{name}")
    def take_step(
        request: Request, session: Session, looker: Looker, data: Form, key: int, name: str
    ) -> Response:
        try:
            record = records.transition(session, looker.actor, resource, key, name)
        except Problem as problem:
            if problem.status != 409:
                raise
            return detail(request, session, looker, resource, key, problem)
        session.commit()
        return RedirectResponse(next_page(looker.actor, resource, record), 303)


def detail(
    request: Request,
    session: orm.Session,
    looker: Visitor,
    resource: Resource,
    key: int,
    problem: Problem | None = None,
) -> Response:
    """One record with everything that the member may do with it."""
    actor = looker.actor
    record = records.get(session, actor, resource, key)
    reader = Reader(session)
    context = {
        "resource": resource,
        "record": record,
        "title": reader.title(resource, record),
        "cells": cells(reader, actor, resource, record, resource.fields),
        "steps": open_steps(actor, resource, record),
        "may_update": actor.covers("update", resource, record),
        "may_delete": actor.covers("delete", resource, record),
        "problem": problem,
    }
    return page(request, looker, "detail.html", context, problem.status if problem else 200)


def question(
    request: Request,
    session: orm.Session,
    looker: Visitor,
    resource: Resource,
    key: int,
    problem: Problem | None,
) -> Response:
    """Asks before a record is deleted."""
    record = records.get(session, looker.actor, resource, key, "delete")
    title = Reader(session).title(resource, record)
    back = next_page(looker.actor, resource, record)
    context = {"resource": resource, "title": title, "back": back, "problem": problem}
    return page(request, looker, "delete.html", context, problem.status if problem else 200)


def show(
    request: Request,
    session: orm.Session,
    looker: Visitor,
    resource: Resource,
    record: Record | None,
    values: Mapping[str, str | list[str]],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    """The form with what was typed and what is wrong with it."""
    fields = forms.editable(resource)
    known = {field.name for field in fields}
    context = {
        "resource": resource,
        "record": record,
        "fields": fields,
        "values": values,
        "errors": {name: text for name, text in errors.items() if name in known},
        "other_errors": [text for name, text in errors.items() if name not in known],
        "choices": forms.choices(session, looker.actor, fields, values),
        "back": next_page(looker.actor, resource, record),
    }
    return page(request, looker, "form.html", context, status)


def refused(
    request: Request,
    session: orm.Session,
    looker: Visitor,
    resource: Resource,
    record: Record | None,
    values: Mapping[str, str | list[str]],
    problem: Problem,
) -> Response:
    """The form again, after the values were refused; other problems get a page of their own."""
    if problem.status not in (409, 422):
        raise problem
    errors = problem.errors or {"": problem.detail}
    return show(request, session, looker, resource, record, values, errors, problem.status)


def next_page(actor: Actor, resource: Resource, record: Record | None) -> str:
    """Where to go after something was done: the record, its list, or home."""
    if record is not None and actor.covers("read", resource, record):
        return f"{resource.page_path}/{record.id}"
    return resource.page_path if actor.may("read", resource) else "/"


def open_steps(actor: Actor, resource: Resource, record: Record) -> list[dict[str, str]]:
    """The transitions that the member may take now."""
    state = records.state_of(resource, record)
    return [
        {"name": step.name, "label": step.label}
        for step in resource.transitions
        if state in step.sources and actor.covers(step.name, resource, record)
    ]


def columns(resource: Resource) -> list[Field]:
    """The fields that a table has room for, the one that names the record first."""
    fields = [item for item in resource.fields if item.kind not in ("long_text", "json", "refs")]
    fields.sort(key=lambda item: item.name != resource.display)
    return fields[:7]


def row(reader: Reader, actor: Actor, resource: Resource, record: Record) -> dict[str, Any]:
    """One line of a table."""
    values = cells(reader, actor, resource, record, columns(resource))
    path = f"{resource.page_path}/{record.id}"
    return {"path": path, "title": reader.title(resource, record), "cells": values}


def cells(
    reader: Reader,
    actor: Actor,
    resource: Resource,
    record: Record,
    fields: tuple[Field, ...] | list[Field],
) -> list[dict[str, Any]]:
    """The values of a record for people; references and files with their links."""
    return [cell(reader, actor, resource, record, field) for field in fields]


def cell(
    reader: Reader, actor: Actor, resource: Resource, record: Record, field: Field
) -> dict[str, Any]:
    """One value for people."""
    value = reader.value(resource, record, field)
    shown: dict[str, Any] = {"field": field, "text": "", "links": []}
    if field.kind in ("ref", "refs"):
        keys = value if field.kind == "refs" else [value]
        shown["links"] = [
            {
                "text": reader.label(actor, field.target or "", key),
                "path": forms.path_of(field, key),
            }
            for key in keys
            if key is not None
        ]
    elif field.kind == "url" and value:
        shown["links"] = [{"text": value, "path": value}]
    elif field.kind == "email" and value:
        shown["links"] = [{"text": value, "path": f"mailto:{value}"}]
    elif field.kind == "file" and uploads.locate(value):
        path = f"{resource.page_path}/{record.id}/files/{field.name}"
        shown["links"] = [{"text": uploads.original_name(value), "path": path}]
    if not shown["links"]:
        shown["text"] = to_text(field, value if value != [] else None)
    return shown
