"""Settings from the environment, with an optional `.env` file beneath it. Nothing else reads the environment."""

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two installations of the product."""

    database_url: str
    secret_key: str
    secure_cookies: bool
    scrypt_cost: int
    log_level: str
    uploads: Path


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Reads the settings once per process."""
    read_env_file(ROOT / ".env")
    VAR.mkdir(exist_ok=True)
    return Settings(
        database_url=os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'product.db'}",
        secret_key=os.environ.get("SECRET_KEY") or kept_secret(VAR / "secret_key"),
        secure_cookies=os.environ.get("SECURE_COOKIES", "") == "1",
        scrypt_cost=int(os.environ.get("SCRYPT_COST") or 2**14),
        log_level=(os.environ.get("LOG_LEVEL") or "INFO").upper(),
        uploads=Path(os.environ.get("UPLOADS") or VAR / "uploads"),
    )


def read_env_file(path: Path) -> None:
    """Takes `NAME=value` lines of a file into the environment; what is set already wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def kept_secret(path: Path) -> str:
    """Returns the secret kept in a private file, made on first use."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    secret = secrets.token_hex(32)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret)
    return secret
