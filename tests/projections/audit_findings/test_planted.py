"""For every kind of violation: planted into a clean history, it is found, and nothing else is."""

from __future__ import annotations

import pytest

from core.monitoring.events import ActionCompleted
from projections.audit_findings.sentences import kinds
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import LATER, Told
from tests.projections.audit_findings.edits import at, before
from tests.projections.audit_findings.looking import found
from tests.projections.audit_findings.making import Plant, Start
from tests.projections.audit_findings.plants.table import PLANTS
from tests.scenes import TOKYO, registered
from tests.stories import OFFICER

MADE_ELSEWHERE = 27
"""The rule whose findings no fold can make: whether the log itself is whole."""
AFTERWARDS = Told(registered(TOKYO, "JP"), OFFICER, LATER, LATER)


@pytest.mark.parametrize(
    "start", [clean.locked, clean.ranked, clean.selection, clean.project], ids=lambda s: s.__name__
)
def test_a_clean_history_has_no_findings(start: Start) -> None:
    assert found(start()) == []


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.says)
def test_a_violation_is_found_and_nothing_else(plant: Plant) -> None:
    history = plant.edit(plant.start())
    (finding,) = found(history)
    assert (finding.code, finding.rule) == (plant.code, kinds()[plant.code].rule)
    assert finding.positions
    assert all(0 <= position < len(history) for position in finding.positions)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.says)
def test_a_finding_is_there_from_the_last_event_that_proves_it(plant: Plant) -> None:
    history = plant.edit(plant.start())
    (finding,) = found(history)
    last = max(finding.positions)
    assert plant.code not in {f.code for f in found(history[:last])}
    assert [f for f in found(history[: last + 1]) if f.code == plant.code] == [finding]


def test_every_kind_of_finding_is_planted() -> None:
    folded = {code for code, kind in kinds().items() if kind.rule != MADE_ELSEWHERE}
    assert {plant.code for plant in PLANTS} == folded
    assert {kind.rule for kind in kinds().values()} == set(range(1, 29))


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.says)
def test_taking_a_fact_away_never_stops_the_fold(plant: Plant) -> None:
    """History is recorded and not judged: whatever is missing, all rules go on."""
    history = plant.edit(plant.start())
    for step in (3, 7):
        found(history[::step])


def test_what_was_overdue_as_known_then_is_no_finding_once_it_is_known_to_be_done() -> None:
    history = before(ActionCompleted, AFTERWARDS)(clean.project())
    place = next(i for i, f in enumerate(history) if isinstance(f.event, ActionCompleted))
    (then_known,) = found(history[:place])
    assert then_known.code == "action-overdue"
    assert found(at(ActionCompleted, seen=LATER)(history)) == []
