"""The production shape: compose's own commands as plain processes over a database that is named."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from typer.main import get_command

from api.settings import Settings
from core.ledger.embedded_places import find_programs
from replay.cli import app
from tests.processes import called, refused, serving, ssp, started, until

pytestmark = pytest.mark.uncounted

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
SECRET = "a secret of at least thirty-two bytes"  # noqa: S105  # signs tokens of tests only
ISSUER, AUDIENCE = "https://login.seoul.example", "ssp"


def blocks() -> dict[str, str]:
    """What compose says of each service."""
    text = COMPOSE.read_text(encoding="utf-8")
    text = text.partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    found = re.split(r"^  (\w+):\n", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def services() -> dict[str, list[str]]:
    """Each service's command as compose gives it to `ssp`: a flow list, which is JSON."""
    found = {
        name: re.search(r"^    command: (\[.*\])$", block, re.MULTILINE)
        for name, block in blocks().items()
    }
    return {name: json.loads(command[1]) for name, command in found.items() if command}


def user_of(service: str) -> str:
    """Whom a service logs in to the database as."""
    return str(re.findall(r"SSP_DATABASE_URL: postgresql://(\w+)@", blocks()[service])[0])


def set_up_as_the_image_does(url: str) -> None:
    """Run the files that compose has the database run when its volume is made."""
    mounted = re.findall(r"- \./(\S+):/docker-entrypoint-initdb\.d/(\S+):ro", blocks()["postgres"])
    for path, _ in sorted(mounted, key=lambda mount: mount[1]):
        file = COMPOSE.parent / path
        passwords = {f"{name}_PASSWORD": name for name in ("MIGRATING", "SERVING", "PROJECTING")}
        once = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}")
        subprocess.run(
            [find_programs().bin / "psql", url, *once],
            env={**os.environ, **passwords},
            check=True,
        )


def given_names() -> set[str]:
    """The variables that compose sets for `ssp`: as keys, not those that it asks the operator."""
    return set(re.findall(r"^ +(SSP_\w+):", COMPOSE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_service_runs_a_command_that_there_is_with_settings_that_there_are() -> None:
    program: Any = get_command(app)
    found = services()
    assert set(found) == {"migrate", "server", "projector"}
    assert {line[0] for line in found.values()} <= set(program.commands)
    for line in found.values():
        # Every option is one that the command has.
        explained = called(line[0], "--help").stdout
        assert all(word in explained for word in line[1:] if word.startswith("--"))
    assert "SSP_DATABASE_URL" in given_names()
    assert given_names() <= {f"SSP_{name.upper()}" for name in Settings.model_fields}


def token(secret: str = SECRET, **changed: object) -> dict[str, str]:
    """Headers with a token as the programme's own issuer would sign it."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "officer-1",
        "role": "officer",
        "exp": int(time.time()) + 600,
        **changed,
    }
    signed = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
    return {"Authorization": f"Bearer {signed}"}


def test_migrate_serve_and_project_are_processes_of_their_own(
    bare_server_url: str, tmp_path: Path
) -> None:
    """Each logs in as compose's user for it, whom the database lets do no other's work."""
    lines = services()
    set_up_as_the_image_does(bare_server_url)
    migrating, where, projecting = (
        {"SSP_DATABASE_URL": bare_server_url.replace("postgres@", f"{user_of(service)}@")}
        for service in ("migrate", "server", "projector")
    )
    tokens = {
        "SSP_JWT_SECRET": SECRET,
        "SSP_JWT_ISSUER": ISSUER,
        "SSP_JWT_AUDIENCE": AUDIENCE,
    }
    early = called(*lines["server"], "--port", "0", **where, **tokens)
    assert "run `ssp migrate`" in refused(early, 3)
    assert "grant ssp_migrator" in refused(called(*lines["migrate"], **where), 3)
    migrated = ssp(*lines["migrate"], **migrating)
    assert migrated.returncode == 0, migrated.stderr
    for user in (migrating, projecting):
        wrong = called(*lines["server"], "--port", "0", **user, **tokens)
        assert "may not act as ssp_writer" in refused(wrong, 3)
    assert "may not act as ssp_projector" in refused(called(*lines["projector"], **where), 3)

    assert lines["server"][0] == "serve"
    with ExitStack() as running:
        server = running.enter_context(serving(tmp_path, *lines["server"][1:], **where, **tokens))
        body = {"name": {"en": "Nairobi"}, "country": "KE"}

        def register(headers: dict[str, str], city: str = "nairobi") -> int:
            return server.http.post(
                f"/cities/{city}/register", json=body, headers=headers
            ).status_code

        assert register({}) == 401
        assert register(token(secret=SECRET[::-1])) == 401
        assert register(token(iss="somebody-else")) == 401
        assert register(token(aud="something-else")) == 401
        assert register(token(exp=int(time.time()) - 600)) == 401
        assert register(token(role="analyst")) == 403
        assert register(token()) == 201
        # Nobody gives tokens away here, and nothing says so.
        assert (
            server.http.post("/dev/token", json={"role": "officer", "actor": "o"}).status_code
            == 404
        )
        assert "DEVELOPMENT" not in server.http.get("/openapi.json").text

        # Nothing folds until the projector runs, and then it does.
        assert server.ready()["views_position"] == -1
        projector = running.enter_context(started(tmp_path, *lines["projector"], **projecting))
        until(server.caught_up)
        assert server.ready()["views_position"] == 0
        assert register(token(), "kisumu") == 201
        until(lambda: server.ready()["views_position"] == 1)

        # A projector that is gone holds up nobody, and the next one goes on where it ended.
        assert projector.stop(signal.SIGKILL) == -signal.SIGKILL
        assert register(token(), "mombasa") == 201
        assert server.ready()["views_lag"] == 1
        again = running.enter_context(started(tmp_path, *lines["projector"], **projecting))
        until(server.caught_up)
        assert called("verify", **where).returncode == 0
        for user in (where, projecting):
            # Whether it is well in all else depends on what the installation was given.
            assert "has no right that it needs not" in called("doctor", **user).stdout
        assert again.stop(signal.SIGTERM) == 0
        assert server.running.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.running.errors.read_text()
        assert SECRET not in server.running.errors.read_text()
