"""What an operator sees: one log line per request, and counters for Prometheus."""

import json
import logging
import sys
import threading
import time
import uuid
from collections import defaultdict
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGGER = logging.getLogger("app")
LARGEST_BODY = 10 * 2**20
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class JsonFormatter(logging.Formatter):
    """Writes a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Puts the message, its level and its extra values into an object."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "values", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: str) -> None:
    """Sends the product's log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(level)
    LOGGER.propagate = False


class Metrics:
    """Counts requests and adds up their durations, by method, route and status."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[tuple[str, str, int], int] = defaultdict(int)
        self.seconds: dict[tuple[str, str, int], float] = defaultdict(float)

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request."""
        with self.lock:
            self.counts[(method, route, status)] += 1
            self.seconds[(method, route, status)] += seconds

    def as_text(self) -> str:
        """Writes everything in Prometheus' text format."""
        lines = [
            "# HELP http_requests_total Requests answered.",
            "# TYPE http_requests_total counter",
        ]
        with self.lock:
            lines += [f"http_requests_total{labels(k)} {v}" for k, v in sorted(self.counts.items())]
            lines += [
                "# HELP http_request_seconds_total Time spent answering.",
                "# TYPE http_request_seconds_total counter",
            ]
            lines += [
                f"http_request_seconds_total{labels(k)} {v:.6f}"
                for k, v in sorted(self.seconds.items())
            ]
        return "\n".join(lines) + "\n"


def labels(key: tuple[str, str, int]) -> str:
    """Writes the labels of a counter."""
    method, route, status = key
    return "{" + f'method="{method}",route="{route}",status="{status}"' + "}"


METRICS = Metrics()


class Observer:
    """Counts and logs every request, limits bodies, and adds the headers that protect a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                added = [header for header in HEADERS if header[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            if declared_length(scope) > LARGEST_BODY:
                await too_large(observed)
            else:
                await self.app(scope, receive, observed)
        finally:
            finish(scope, status, time.perf_counter() - start)


def declared_length(scope: Scope) -> int:
    """The length of the body as the client declares it."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def too_large(send: Send) -> None:
    """Refuses a body before it is read."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"The body is too large.\n"})


def finish(scope: Scope, status: int, seconds: float) -> None:
    """Counts and logs a request that was answered."""
    route = getattr(scope.get("route"), "path", "unknown")
    METRICS.add(scope["method"], route, status, seconds)
    values = {
        "request_id": uuid.uuid4().hex,
        "method": scope["method"],
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    LOGGER.info("request answered", extra={"values": values})
