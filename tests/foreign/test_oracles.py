"""pingouin, asked anew, answers as it did when its answers were kept, and as we do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.foreign.second_opinions import KEPT, ask, drawn
from tests.projections.evaluation_consistency.test_second_opinions import agrees

pytestmark = pytest.mark.campaign


def test_what_was_kept_is_what_pingouin_says(oracles: Path) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    found = ask(oracles / "python", [answer["panel"] for answer in kept["panels"]])
    assert found["made_by"] == kept["made_by"]
    for then, now in zip(kept["panels"], found["answers"], strict=True):
        assert now["w"] == pytest.approx(then["w"])
        assert now["icc"].keys() == then["icc"].keys()
        for kind, said in now["icc"].items():
            assert said == pytest.approx(then["icc"][kind])


def test_pingouin_agrees_on_panels_that_nobody_chose(oracles: Path) -> None:
    panels = drawn(20_260, 200)
    for panel, answer in zip(panels, ask(oracles / "python", panels)["answers"], strict=True):
        agrees(panel, answer)
