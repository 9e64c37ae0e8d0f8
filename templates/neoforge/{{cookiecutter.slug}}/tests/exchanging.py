"""What every exchange of files must do: out with all that may be read, in with all or nothing."""

import csv
import io
import json
from typing import Any

import httpx

from app.core.exchange import as_text
from app.registry.resources import by_name
from app.registry.stories import EXCHANGES
from tests.acceptance import Stage, is_same
from tests.people import Person, World
from tests.reporting import make


def check_exchange(stage: Stage, *, story: str, entity: str, direction: str, kind: str) -> None:
    """Files come out or go in, for those who may."""
    if direction == "export":
        check_export(stage.world, story, entity, kind)
    else:
        check_import(stage.world, story, entity, kind)


def check_export(world: World, story: str, entity: str, kind: str) -> None:
    """The file holds every record, with every value."""
    keeper, path = world.keeper(), f"/api/-/exports/{story}"
    key = make(world, keeper, entity)
    answer = keeper.send("GET", path)
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    record = keeper.send("GET", f"{by_name(entity).api_path}/{key}").json()
    if kind == "json":
        assert json.loads(answer.content) == [record]
    elif kind == "csv":
        row = next(csv.DictReader(io.StringIO(answer.content.decode())))
        assert {name: cell.removeprefix("'") for name, cell in row.items()} == {
            name: as_text(record[name]) for name in row
        }
        assert {field.name for field in by_name(entity).fields} < set(row)
    else:
        assert answer.content.startswith(b"%PDF-") and answer.content.endswith(b"%%EOF\n")
    page = next(exchange.path for exchange in EXCHANGES if exchange.story == story)
    assert f'href="{page}/file"' in keeper.look(page).text
    assert keeper.look(f"{page}/file").content == answer.content
    assert world.stranger().send("GET", path).status_code == 401
    assert world.person("No such role").send("GET", path).status_code == 403


def check_import(world: World, story: str, entity: str, kind: str) -> None:
    """A file makes its records; a file with a wrong row makes none."""
    keeper, resource = world.keeper(), by_name(entity)
    path, total = f"/api/-/imports/{story}", f"{resource.api_path}?limit=1"
    values = world.filled(entity, keeper, everything=True)
    before = keeper.send("GET", total).json()["total"]
    wrong = {**values, "no_such_field": "x"}
    refused = upload(keeper, path, kind, [values, wrong])
    assert refused.status_code == 422 and refused.json()["errors"], refused.text
    assert upload(keeper, path, kind, None).status_code == 422
    assert keeper.send("GET", total).json()["total"] == before
    answer = upload(keeper, path, kind, [values])
    assert answer.status_code == 200 and answer.json() == {"created": 1}, answer.text
    page = keeper.send("GET", f"{total}&sort=-id").json()
    assert page["total"] == before + 1
    for name, value in values.items():
        field = resource.find(name)
        assert field is not None and is_same(field, page["items"][0][name], value), name
    check_page(world, keeper, story, kind)
    assert upload(world.stranger(), path, kind, [values]).status_code == 401
    assert upload(world.person("No such role"), path, kind, [values]).status_code == 403


def check_page(world: World, keeper: Person, story: str, kind: str) -> None:
    """The page takes a file, and says what is wrong with it."""
    exchange = next(exchange for exchange in EXCHANGES if exchange.story == story)
    assert 'type="file"' in keeper.look(exchange.path).text
    broken = keeper.submit(exchange.path, {}, {"file": ("records", b"\xff\xfe\xfa")})
    assert broken.status_code == 422 and 'role="alert"' in broken.text
    values = world.filled(exchange.entity, keeper)
    content = written(kind, [values])
    sent = keeper.submit(exchange.path, {}, {"file": ("records", content)})
    assert sent.status_code == 200 and 'role="status"' in sent.text, sent.text


def upload(
    person: Person, path: str, kind: str, rows: list[dict[str, Any]] | None
) -> httpx.Response:
    """Sends a file; a broken one without rows."""
    headers = {"Authorization": f"Bearer {person.token}"} if person.token else {}
    content = b"\xff\xfe\xfa" if rows is None else written(kind, rows)
    answer: httpx.Response = person.http.post(path, content=content, headers=headers)
    return answer


def written(kind: str, rows: list[dict[str, Any]]) -> bytes:
    """Records as a file."""
    if kind != "csv":
        return json.dumps(rows).encode()
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list({name: None for row in rows for name in row}))
    writer.writeheader()
    writer.writerows({name: as_text(value) for name, value in row.items()} for row in rows)
    return file.getvalue().encode()
