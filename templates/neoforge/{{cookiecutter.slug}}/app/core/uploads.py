"""Uploaded files: kept under a name that nobody can guess, in a folder outside the code."""

import re
import secrets
from pathlib import Path

from starlette.datastructures import UploadFile

from app.core.errors import Invalid
from app.core.settings import get_settings

LARGEST_UPLOAD = 8 * 2**20
SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
STORED = re.compile(r"^[0-9a-f]{32}-[A-Za-z0-9._-]{1,120}$")


def store(name: str, file: UploadFile) -> str:
    """Keeps an uploaded file and returns the name that it is kept under."""
    content = file.file.read(LARGEST_UPLOAD + 1)
    if len(content) > LARGEST_UPLOAD:
        raise Invalid("Some values are not valid.", {name: "The file is larger than 8 MB."})
    readable = SAFE_NAME.sub("-", file.filename or "file")[-120:].strip("-") or "file"
    stored = f"{secrets.token_hex(16)}-{readable}"
    folder = get_settings().uploads
    folder.mkdir(parents=True, exist_ok=True)
    (folder / stored).write_bytes(content)
    return stored


def locate(stored: object) -> Path | None:
    """Where a file is kept; nothing for names that we did not give."""
    if not isinstance(stored, str) or not STORED.match(stored):
        return None
    path = get_settings().uploads / stored
    return path if path.is_file() else None


def original_name(stored: str) -> str:
    """The name that the file had when it was uploaded."""
    return stored.partition("-")[2] if STORED.match(stored) else stored
