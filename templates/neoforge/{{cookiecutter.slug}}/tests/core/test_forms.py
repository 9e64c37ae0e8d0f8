"""Forms, uploads and other addresses of pages, apart from the product's own entities."""

import io

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.datastructures import FormData, UploadFile

from app.core import aliases, forms, uploads
from app.core.database import Record
from app.core.errors import Invalid
from app.core.fields import Field, Kind
from app.core.resource import Alias, Resource
from app.core.settings import get_settings


def described(name: str, kind: Kind, *, required: bool = False, default: object = None) -> Field:
    """A field."""
    return Field(
        name=name, kind=kind, label=name, attribute=name, required=required, default=default
    )


def sample(*fields: Field, ways: tuple[Alias, ...] = ()) -> Resource:
    """An entity that no table stands behind."""
    return Resource(
        name="Sample",
        label="Sample",
        plural="Samples",
        description="",
        api_path="/api/samples",
        page_path="/samples",
        model=Record,
        display=None,
        owned=False,
        fields=fields,
        aliases=ways,
    )


def test_what_is_typed_becomes_values() -> None:
    resource = sample(
        described("text", "text", required=True),
        described("note", "long_text"),
        described("flag", "boolean"),
        described("data", "json"),
        described("file", "file"),
        described("many", "refs"),
        described("count", "integer", default=3),
    )
    data = FormData(
        [("text", " "), ("note", ""), ("data", '{"a": 1}'), ("many", "2"), ("many", "5")]
    )
    fresh = forms.payload(resource, data, new=True)
    assert fresh == {"text": None, "flag": False, "data": {"a": 1}, "many": ["2", "5"]}
    changed = forms.payload(resource, data, new=False)
    assert changed == {**fresh, "note": None, "count": None}
    assert forms.typed(resource, data)["text"] == " "
    assert forms.initial(resource)["count"] == "3"
    with pytest.raises(Invalid):
        forms.payload(resource, FormData([("data", "{")]), new=True)


def test_an_uploaded_file_is_kept_under_a_name_of_our_own() -> None:
    file = UploadFile(io.BytesIO(b"content"), filename="../../my note?.txt")
    values = forms.payload(sample(described("file", "file")), FormData([("file", file)]), new=True)
    path = uploads.locate(values["file"])
    assert path is not None and path.read_bytes() == b"content"
    assert path.parent == get_settings().uploads
    assert uploads.original_name(values["file"]) == "..-..-my-note-.txt"
    large = UploadFile(io.BytesIO(b"x" * (uploads.LARGEST_UPLOAD + 1)), filename="large")
    with pytest.raises(Invalid):
        uploads.store("file", large)


@pytest.mark.parametrize(
    ("kind", "path", "asked", "target"),
    [
        ("list", "/all", "/all", "/samples"),
        ("board", "/board", "/board", "/samples"),
        ("form", "/make", "/make", "/samples/new"),
        ("form", "/change/{sample_id}", "/change/7", "/samples/7/edit"),
        ("detail", "/show/:id", "/show/7", "/samples/7"),
    ],
)
def test_other_addresses_lead_to_the_pages(kind: str, path: str, asked: str, target: str) -> None:
    router = APIRouter()
    aliases.add_aliases(router, sample(ways=(Alias(path=path, kind=kind),)))
    product = FastAPI()
    product.include_router(router)
    answer = TestClient(product, follow_redirects=False).get(asked)
    assert answer.headers["Location"] == target


def test_an_address_with_several_parameters_is_no_alias() -> None:
    router = APIRouter()
    aliases.add_aliases(router, sample(ways=(Alias(path="/a/{x}/b/{y}", kind="list"),)))
    assert router.routes == []
