"""Passwords and signatures, with nothing but the standard library."""

import base64
import hashlib
import hmac
import secrets

BLOCK_SIZE = 8
MEMORY_FACTOR = 256
SPARE_BLOCKS = 16


def hash_password(password: str, cost: int) -> str:
    """Hashes a password with scrypt; the cost stands beside the hash, so that it may grow later."""
    salt = secrets.token_bytes(16)
    digest = derive(password, salt, cost)
    return f"scrypt${cost}${encode(salt)}${encode(digest)}"


def is_password(password: str, stored: str) -> bool:
    """Whether a password is the one behind a hash; takes the same time for every wrong one."""
    _, cost, salt, digest = stored.split("$")
    return hmac.compare_digest(derive(password, decode(salt), int(cost)), decode(digest))


def derive(password: str, salt: bytes, cost: int) -> bytes:
    """Runs scrypt with enough memory for its cost."""
    memory = MEMORY_FACTOR * BLOCK_SIZE * (cost + SPARE_BLOCKS)
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=BLOCK_SIZE, p=1, maxmem=memory, dklen=32
    )


def encode(value: bytes) -> str:
    """Writes bytes as text."""
    return base64.b64encode(value).decode("ascii")


def decode(value: str) -> bytes:
    """Reads bytes from text."""
    return base64.b64decode(value)


def fingerprint(secret: str) -> str:
    """What is kept of a secret that nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signature(key: str, purpose: str, value: str) -> str:
    """Signs a value for one purpose."""
    return hmac.new(key.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def sign(key: str, purpose: str, value: str) -> str:
    """A value with its signature."""
    return f"{value}.{signature(key, purpose, value)}"


def unsign(key: str, purpose: str, signed: str) -> str | None:
    """The value behind a signature, if the signature is ours."""
    value, _, mark = signed.rpartition(".")
    expected = signature(key, purpose, value)
    return value if hmac.compare_digest(mark.encode(), expected.encode()) else None
