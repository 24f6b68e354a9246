"""Logs tell what happened, and nothing that people wrote: ours, and the database's beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from core.ledger import embedded
from replay.demo import round_2024
from tests.processes import environment, needs_proc, serving, until

MARKERS = ("Ana Quispe", "ana@example.org", "her brother bids", round_2024.SIMULATED)
FAILING = """
import structlog
from replay.logs import log_as_json
log_as_json()
def fail():
    try:
        raise ValueError("her brother bids")
    except ValueError as error:
        error.add_note("Ana Quispe")
        raise ExceptionGroup("ana@example.org", [KeyError("her brother bids")]) from error
try:
    fail()
except Exception:
    structlog.get_logger().exception("failed", position=3)
    import logging
    logging.getLogger("foreign").exception("failed, too")
"""


def test_an_exception_is_logged_by_its_type_and_place_and_not_by_what_it_says() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    ours, foreign = (json.loads(line) for line in done.stderr.splitlines())
    assert (ours["event"], ours["position"], foreign["event"]) == ("failed", 3, "failed, too")
    for line in (ours, foreign):
        assert [e["exc_type"] for e in line["exception"]] == ["ExceptionGroup", "ValueError"]
        assert line["exception"][0]["frames"][-1]["name"] == "fail"
    assert not [marker for marker in MARKERS if marker in done.stderr]


@pytest.mark.uncounted
@needs_proc
def test_no_log_holds_what_people_wrote_in_a_whole_round(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    engaged = {
        "kind": "call",
        "summary": "her brother bids",
        "contact_id": "contact-7",
        "contact_name": "Ana Quispe",
        "contact_email": "ana@example.org",
    }
    with serving(tmp_path, "--demo-if-empty", SSP_DATA_DIR=folder) as server:
        until(server.caught_up)
        officer = server.token("officer", "officer-1") | {"If-Match": "*"}
        manager = server.token("manager", "manager-1")

        def post(path: str, body: object, headers: dict[str, str]) -> int:
            return server.http.post(path, json=body, headers=headers).status_code

        to_lima = "/cities/pelim/record-engagement"
        assert post(to_lima, engaged, officer) == 201
        assert post(to_lima, {**engaged, "her brother bids": "Ana Quispe"}, officer) == 422
        assert post(to_lima, {**engaged, "summary": ["her brother bids"]}, officer) == 422
        assert post(to_lima, {**engaged, "contact_id": "Ana Quispe"}, officer) == 400
        sent = server.http.get("/partner-pools", params={"region": "Ana Quispe"}, headers=officer)
        assert sent.status_code == 200
        with embedded.start(folder) as database, psycopg.connect(database.url) as owner:
            # A defect on the way to the database, with the text in its hands.
            owner.execute(
                "alter table ledger.command add constraint c check (key <> key) not valid"
            )
            owner.commit()
            assert post(to_lima, engaged, officer) == 500
            owner.execute("alter table ledger.command drop constraint c")
            owner.execute("alter table keys.subject_key add constraint c check (false) not valid")
            owner.commit()
            assert post(to_lima, {**engaged, "contact_id": "contact-8"}, officer) == 500
            owner.execute("alter table keys.subject_key drop constraint c")
        assert post("/subjects/contact-7/erase", {"reason": "asked for it"}, manager) == 201
        assert post(to_lima, engaged, officer) == 409
        errors = server.running.errors.read_text()

    written = errors + (folder / "log").read_text()
    assert "request.failed" in errors
    assert "check constraint" in written
    assert not [marker for marker in MARKERS if marker in written]
