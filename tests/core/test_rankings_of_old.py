"""Rankings that an earlier version computed come out the same, digit by digit.

The file holds rubrics as `frameworks.drafted.1` wrote them, marks, and what was ranked then. It
is never made anew: where this fails, arithmetic has changed and `ALGORITHM` needs a new name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.frameworks.events import FrameworkDrafted
from core.groups import CityFacts
from core.ledger.codec import adapter, event_from, to_json
from core.ranking import ALGORITHM, Candidate, Sheet, rank

ROUNDS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("rankings.1.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_an_old_rubric_ranks_as_it_did(number: int) -> None:
    round_ = ROUNDS[number]
    data = {"framework_id": "old", "version": 1, "rubric": round_["rubric"]}
    drafted = event_from("frameworks.drafted.1", data)
    assert isinstance(drafted, FrameworkDrafted)
    candidates = [
        Candidate(
            found["application"],
            CityFacts(found["country"]),
            adapter(tuple[Sheet, ...]).validate_python(found["sheets"]),
        )
        for found in round_["candidates"]
    ]
    lines = [json.loads(to_json(line)) for line in rank(drafted.rubric, candidates)]
    for line in lines:
        assert line["scored"].pop("computed") == []
    assert lines == round_["lines"]
    assert ALGORITHM == "ranking.1"
