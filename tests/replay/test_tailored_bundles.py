"""Bundles of tailored decisions, and of decisions from before anything could be tailored so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cities.commands import CorrectCityIndicator
from core.ledger.upcasters import UPCASTERS
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ProposeSelection,
)
from core.selection.events import Outcome
from core.vocabulary import Role
from replay.bundles.rows import row_of, unpacked
from tests.bundled import MemoryLog, accepted, findings, forged
from tests.scenes import CALL, DOCUMENT, LIMA, app
from tests.stories import MANAGER
from tests.tailored_scenes import LOCKED, spending

DECISION = f"{CALL}:{DOCUMENT}"
Documents = list[tuple[int, Any]]


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    """A tailored stage that was decided."""
    log = MemoryLog(LOCKED)
    assert log.do(ConfirmQuorum(CALL, DOCUMENT))
    assert log.do(ComputeRanking(CALL, DOCUMENT))
    assert log.do(ProposeSelection(CALL, DOCUMENT, (Choice(app(LIMA), Outcome.SELECTED),)))
    assert log.do(ApproveSelection(CALL, DOCUMENT), MANAGER, Role.MANAGER)
    return log


def test_both_verifiers_accept_a_tailored_decision_also_after_its_figures_changed(
    log: MemoryLog,
) -> None:
    assert accepted(log.bundle(DECISION))
    later = MemoryLog()
    later.rows = [*log.rows]
    assert later.do(CorrectCityIndicator(LIMA, spending("90"), "restated"))
    assert accepted(later.bundle(DECISION))


def last(documents: Documents, kind: str) -> Any:  # noqa: ANN401  # JSON
    return [d for _, d in documents if d["type"].startswith(kind)][-1]


def computed(documents: Documents) -> Any:  # noqa: ANN401  # JSON
    return last(documents, "selection.ranking")["data"]["lines"][0]["scored"]["computed"]


def data(documents: Documents, kind: str) -> Any:  # noqa: ANN401  # JSON
    return last(documents, kind)["data"]


FORGERIES: dict[str, Callable[[Documents], object]] = {
    "a computed mark": lambda d: computed(d)[0].update(mark="100"),
    "a band": lambda d: computed(d)[0].update(at_least="5"),
    "the figure that is shown": lambda d: computed(d)[0]["figure"].update(value="25.3"),
    "what is computed left out": lambda d: computed(d).pop(),
    "a figure": lambda d: data(d, "cities.indicator")["figure"].update(value="3"),
    "a figure's unit": lambda d: data(d, "cities.indicator")["figure"].update(unit="KRW"),
    "a figure's name": lambda d: data(d, "cities.indicator")["figure"].update(indicator="x"),
    "a city's group": lambda d: data(d, "applications.submitted")["city"].update(capacity=1),
    "a rubric's group": lambda d: data(d, "frameworks.drafted")["rubric"]["variants"][0][
        "group"
    ].update(capacities=[4]),
    "a rubric's band": lambda d: data(d, "frameworks.drafted")["rubric"]["criteria"][2]["banding"][
        "bands"
    ][1].update(mark="90"),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_what_was_not_computed_so_is_refused_by_both(log: MemoryLog, what: str) -> None:
    ours, alone = findings(forged(log.bundle(DECISION), lambda d: _void(FORGERIES[what](d))))
    assert ours
    assert alone


def _void(_: object) -> None:
    """Take no notice."""


def test_a_decision_of_the_first_versions_is_accepted_by_both() -> None:
    """Its rubric has a group of countries, and a criterion whose kind had no effect."""
    text = Path(__file__).with_name("decision.1.txt.gz").read_bytes()
    old = MemoryLog()
    old.rows = [row_of(line) for line in unpacked(text)]
    written = {row.type for row in old.rows}
    assert written & UPCASTERS.keys() == {
        "applications.submitted.1",
        "frameworks.drafted.1",
        "selection.ranking-computed.1",
    }
    bundle = old.bundle(DECISION)
    assert accepted(bundle)
    forgery = forged(bundle, lambda d: _void(_first_line(d)["scored"].update(total="99")))
    assert all(findings(forgery))


def _first_line(documents: Documents) -> Any:  # noqa: ANN401  # JSON
    return last(documents, "selection.ranking")["data"]["lines"][0]
