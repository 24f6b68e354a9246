"""From nothing to a served demo, with others at the same data beside it, and to a clean end."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import pytest

from replay.demo import round_2024
from tests.processes import (
    assert_nothing_runs_in,
    called,
    good,
    needs_proc,
    refused,
    serving,
    ssp,
    until,
)

MAPPING = """
[cities]
city = "{city}"
name = "{city}"
country = "KE"
occurred_at = "2023-01-10T09:00:00Z"
"""


@pytest.mark.uncounted
@needs_proc
def test_from_nothing_to_a_served_demo_with_others_beside_and_nothing_left(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    mapping, data = tmp_path / "cities.toml", tmp_path / "cities.csv"
    mapping.write_text(MAPPING)
    data.write_text("city\nnairobi\nkisumu\n")
    with serving(tmp_path, "--demo-if-empty", SSP_DATA_DIR=folder) as first:
        for link in ("/docs", "/ready"):
            assert first.http.get(first.running.line_with(link).split()[-1]).status_code == 200
        assert str(folder) in first.running.line_with("embedded PostgreSQL")
        played = re.search(r"(\d+) events in ([\d.]+) s", first.running.errors.read_text())
        assert played is not None
        print("seeding took", played[2], "s")  # noqa: T201  # measured, never decided by
        until(first.caught_up)
        assert first.ready()["size"] == round_2024.EVENTS

        said = ssp("verify", SSP_DATA_DIR=folder).stdout
        assert said.count(f"equal to a rebuild at position {round_2024.EVENTS - 1}") == (
            len(said.splitlines()) - 1
        )
        imported = ssp("import", mapping, data, SSP_DATA_DIR=folder)
        assert imported.returncode == 0, imported.stderr
        until(lambda: first.ready()["views_position"] == round_2024.EVENTS + 1)

        with serving(tmp_path, "--demo-if-empty", SSP_DATA_DIR=folder) as second:
            # Not empty any more: nothing was played twice.
            assert second.ready()["size"] == round_2024.EVENTS + 2
            token = good("token", "auditor", "auditor-1", SSP_DATA_DIR=folder).strip()
            for server in (first, second):
                answer = server.http.get(
                    f"/streams/call-{round_2024.CALL}", headers={"Authorization": f"Bearer {token}"}
                )
                assert answer.status_code == 200, answer.text
            assert first.running.stop(signal.SIGTERM) == 0
            assert second.ready()["status"] == "ready"
            # One who never stops listening does not keep the server from stopping.
            feed = second.http.stream("GET", "/feed", headers={"Authorization": f"Bearer {token}"})
            with feed as listening:
                assert listening.status_code == 200
                assert second.running.stop(signal.SIGINT) == 0
        for server in (first, second):
            assert "Traceback" not in server.running.errors.read_text()
    assert_nothing_runs_in(folder)


@needs_proc
def test_a_server_listens_where_it_says_and_without_a_projector_makes_no_view(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    host, shown = ("::1", "[::1]") if speaks_ipv6() else ("127.0.0.1", "localhost")
    with serving(tmp_path, "--no-projector", "--host", host, SSP_DATA_DIR=folder) as server:
        assert server.http.base_url.netloc.startswith(f"{shown}:".encode())
        said = good("verify", SSP_DATA_DIR=folder).splitlines()
        assert {line.partition(": ")[2] for line in said[1:]} == {"has no table yet"}
        assert server.ready()["views_position"] == -1
        taken = called("serve", "--host", host, "--port", str(server.http.base_url.port))
        assert "Address already in use" in refused(taken, 2)
        assert server.running.stop(signal.SIGTERM) == 0
    assert_nothing_runs_in(folder)


def speaks_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
