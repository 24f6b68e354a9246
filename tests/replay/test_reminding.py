"""`ssp remind` says what is newly late, once, and sees that it is spoken of."""

from __future__ import annotations

import json

import pytest

from core.ledger.ledger import Ledger
from core.monitoring.events import RecommendationIssued
from replay.reminding import run_reminder
from tests.project_scenes import OBSERVED, PROJECT
from tests.projections.logs import refill


def test_a_reminder_says_what_is_newly_late(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refill(database_url, OBSERVED)
    with Ledger(database_url) as ledger:
        run_reminder(ledger, as_json=False)
        *late, last = capsys.readouterr().out.splitlines()
        spoken_of = [r for r in ledger.read() if isinstance(r.event, RecommendationIssued)]
        run_reminder(ledger, as_json=False)
        again = capsys.readouterr().out
    assert late[0] == f"{PROJECT}: the milestone survey was due on 2024-09-30"
    assert f"{PROJECT}: the indicator riders was not observed in 2024-06-10/2024-12-31" in late
    assert f"{PROJECT}: the indicator riders is at 131, its path at 139.917808219" in late
    assert last == f"projects looked at: 1; newly late: {len(late)}"
    assert len(spoken_of) == len(late)
    assert again == "projects looked at: 1; newly late: 0\n"


def test_a_program_is_told_each_by_its_position(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refill(database_url, OBSERVED)
    with Ledger(database_url) as ledger:
        run_reminder(ledger, as_json=True)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first == {
        "project": PROJECT,
        "position": len(OBSERVED),
        "event": "monitoring.milestone-missed.1",
    }
