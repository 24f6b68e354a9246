"""Two people at once: an agreement is never signed on a selection that was just taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from core.decider import Act
from core.errors import DomainError
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.monitoring.commands import RecordObservation, ReviseIndicator
from core.monitoring.events import IndicatorRevised, ObservationRecorded
from core.projects.commands import SignAgreement
from core.projects.events import AgreementSigned
from core.results import Baseline
from core.selection.commands import RevokeSelection
from core.selection.events import SelectionRevoked
from core.vocabulary import ActorId, Role
from tests.project_scenes import (
    BASELINE,
    BOTH,
    DEFINED,
    IN_2025,
    PLANNED,
    PROJECT,
    RIDERS,
    TARGETS,
    TEAM,
    reading,
)
from tests.projections.logs import refill
from tests.scenes import CALL, DIGEST, FINAL, Facts
from tests.stories import MANAGER, OFFICER

RUNS = 8


def sent(ledger: Ledger, command: Command, by: ActorId, ready: Callable[[], int]) -> str:
    ready()
    try:
        ledger.handle(Envelope(command, Act(by, Role.MANAGER, IN_2025)))
    except DomainError as refusal:
        return refusal.code
    return "recorded"


def race(url: str, facts: Facts, one: Command, other: Command) -> tuple[list[str], list[type]]:
    """Let two processes' ledgers decide at once; return what came of it, and the new facts."""
    refill(url, facts)
    barrier = Barrier(2)

    def ready() -> int:
        return barrier.wait(10)

    with Ledger(url) as here, Ledger(url) as there, ThreadPoolExecutor(2) as threads:
        asked = [
            threads.submit(sent, here, one, MANAGER, ready),
            threads.submit(sent, there, other, OFFICER, ready),
        ]
        answers = [answer.result() for answer in asked]
        return answers, [type(r.event) for r in here.read()][len(facts) :]


def test_nobody_signs_for_a_city_whose_selection_was_revoked(any_database_url: str) -> None:
    sign = SignAgreement(PROJECT, 180_000_000, BOTH, TEAM, DIGEST)
    revoke = RevokeSelection(CALL, FINAL, "an appeal was upheld")
    for _ in range(RUNS):
        answers, facts = race(any_database_url, PLANNED, sign, revoke)
        assert answers[1] == "recorded"
        if answers[0] == "recorded":
            assert facts == [AgreementSigned, SelectionRevoked]
        else:
            assert (answers[0], facts) == ("not-let-through", [SelectionRevoked])


def test_no_baseline_moves_under_a_number_that_is_just_recorded(any_database_url: str) -> None:
    revise = ReviseIndicator(
        PROJECT, RIDERS, Baseline(2022, BASELINE.value), TARGETS, "a better count"
    )
    record = RecordObservation(PROJECT, RIDERS, reading())
    for _ in range(RUNS):
        answers, facts = race(any_database_url, DEFINED, revise, record)
        assert answers[1] == "recorded"
        if answers[0] == "recorded":
            assert facts == [IndicatorRevised, ObservationRecorded]
        else:
            assert (answers[0], facts) == ("actuals-recorded", [ObservationRecorded])
