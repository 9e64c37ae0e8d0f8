"""The product as a whole: health, metrics, headers, errors, its own description, commands."""

import json
import logging
import os
from pathlib import Path

import pytest

from app import manage
from app.core import telemetry
from app.core.settings import get_settings, kept_secret, read_env_file
from app.identity.roles import ROLES
from app.registry.navigation import LINKS
from app.registry.resources import RESOURCES
from tests.people import World


def test_health_and_metrics_answer(world: World) -> None:
    assert world.http.get("/healthz").text == "ok\n"
    text = world.http.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/healthz",status="200"}' in text


def test_pages_carry_headers_that_protect(world: World) -> None:
    headers = world.http.get("/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert world.http.get("/static/style.css").status_code == 200


def test_unknown_addresses_answer_in_the_language_of_the_caller(world: World) -> None:
    page = world.http.get("/no/such/page")
    assert page.status_code == 404 and "<h1>Not found</h1>" in page.text
    answer = world.http.get("/api/no-such-thing")
    assert answer.status_code == 404 and answer.json()["title"] == "Not found"
    assert world.http.delete("/api/-/me").status_code == 405


def test_a_body_must_be_json_and_not_endless(world: World) -> None:
    keeper = world.keeper()
    headers = {"Authorization": f"Bearer {keeper.token}"}
    for resource in RESOURCES:
        broken = world.http.post(resource.api_path, content=b"{", headers=headers)
        assert broken.status_code == 400
    large = {"Content-Length": str(telemetry.LARGEST_BODY + 1)}
    assert world.http.post("/api/-/tokens", headers=large).status_code == 413


def test_the_home_page_leads_everywhere(world: World) -> None:
    for text in (world.http.get("/").text, world.keeper().look("/").text):
        for link in LINKS:
            assert f'<li><a href="{link.path}"' in text
    assert len(LINKS) == len(RESOURCES)
    nobody = world.person("No such role").look("/").text
    assert "nothing here that your role may see" in nobody


def test_the_api_describes_itself(world: World) -> None:
    paths = world.http.get("/api/openapi.json").json()["paths"]
    for resource in RESOURCES:
        assert {"get", "post"} <= set(paths[resource.api_path])
        assert {"get", "patch", "delete"} <= set(paths[f"{resource.api_path}/{'{key}'}"])


def test_a_log_line_is_json(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("app", logging.INFO, "", 0, "request %s", ("answered",), None)
    record.values = {"status": 200}
    line = json.loads(telemetry.JsonFormatter().format(record))
    assert line["message"] == "request answered" and line["status"] == 200
    assert line["level"] == "info"


def test_settings_come_from_a_file_unless_they_are_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTING_ONE", "kept")
    monkeypatch.delenv("SETTING_TWO", raising=False)
    file = tmp_path / ".env"
    read_env_file(file)
    file.write_text("# SETTING_TWO=no\nSETTING_ONE=lost\nSETTING_TWO='taken'\nnothing\n")
    read_env_file(file)
    assert (os.environ["SETTING_ONE"], os.environ.pop("SETTING_TWO")) == ("kept", "taken")


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = kept_secret(path)
    assert len(first) == 64 and kept_secret(path) == first
    assert path.stat().st_mode & 0o077 == 0


def test_commands_make_accounts_and_samples(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(manage, "get_engine", world.session.get_bind)
    monkeypatch.setenv("PASSWORD", "correct horse battery")
    for role in ROLES:
        email = f"{role.name}@operators.example"
        assert manage.main(["account", role.name, email, "Someone"]) == 0
    assert manage.main(["account", "no such role", "a@example.com", "Someone"]) == 1
    assert manage.main(["seed", "nobody@example.com"]) == 1
    assert manage.main(["remind"]) == 0
    keeper = world.keeper()
    if RESOURCES:
        assert manage.main(["seed", f"{world.count}@people.example"]) == 0
        for resource in RESOURCES:
            total = keeper.send("GET", resource.api_path).json()["total"]
            assert total >= min(resource.seed_records, 1)
    assert "no such role" in capsys.readouterr().err


def test_settings_are_read_once() -> None:
    assert get_settings() is get_settings()
