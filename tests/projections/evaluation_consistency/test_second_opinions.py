"""Intraclass correlations, their intervals, and Kendall's W are those that pingouin gives.

Its answers are kept in a file, since it brings half a gigabyte of software; `make oracles` asks
it anew, and about more panels. It is an oracle only: nothing of it is part of the programme.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from projections.evaluation_consistency.concordance import kendall_w
from projections.evaluation_consistency.icc import Coefficient, one_way, two_way
from tests.foreign.second_opinions import KEPT, SHROUT_FLEISS, Panel, aibs

OPINIONS = json.loads(KEPT.read_text(encoding="utf-8"))


def agrees(panel: Panel, answer: dict[str, Any]) -> None:
    """Compare all that we say of a panel with an answer."""
    marks = {
        f"t{row:03}": {f"e{column:03}": mark for column, mark in enumerate(given)}
        for row, given in enumerate(panel)
    }
    one, two, order = one_way(marks), two_way(marks), kendall_w(marks)
    ours = {
        "ICC(1,1)": one.single,
        "ICC(1,k)": one.average,
        "ICC(A,1)": two.agreement_single,
        "ICC(A,k)": two.agreement_average,
        "ICC(C,1)": two.consistency_single,
        "ICC(C,k)": two.consistency_average,
    }
    assert answer["icc"].keys() == ours.keys()
    for kind, said in answer["icc"].items():
        same(ours[kind], *said)
    assert [order.w, order.chi_square, order.p] == pytest.approx(answer["w"], abs=1e-9)


def same(ours: Coefficient, value: float, low: float, high: float) -> None:
    assert ours.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    if ours.interval is None:
        # We leave out an interval that misses its value or cannot be followed by a mean's.
        assert not (low <= value <= high) or low < -1 or not math.isfinite(low)
    else:
        assert (ours.interval.lower, ours.interval.upper) == pytest.approx(
            (low, high), rel=1e-6, abs=1e-9
        )


@pytest.mark.parametrize("number", range(len(OPINIONS["panels"])))
def test_a_panel_is_judged_as_pingouin_judges_it(number: int) -> None:
    opinion = OPINIONS["panels"][number]
    agrees(opinion["panel"], opinion)


def test_the_first_panel_is_that_of_shrout_and_fleiss() -> None:
    assert OPINIONS["panels"][0]["panel"] == SHROUT_FLEISS
    assert OPINIONS["panels"][0]["icc"]["ICC(1,1)"][0] == pytest.approx(0.166, abs=5e-4)


def test_a_real_panel_is_judged_as_pingouin_judges_it() -> None:
    """Its reviewers differ from application to application, so only the one-way answers hold."""
    marks = {
        f"t{row}": {f"e{row}-{n}": mark for n, mark in enumerate(given)}
        for row, given in enumerate(aibs())
    }
    found = one_way(marks)
    same(found.single, *OPINIONS["aibs"]["icc"]["ICC(1,1)"])
    same(found.average, *OPINIONS["aibs"]["icc"]["ICC(1,k)"])
