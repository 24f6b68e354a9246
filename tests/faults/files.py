"""A file of 2,400 rows for imports that are killed, and the call that it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from core.calls.commands import AnnounceCall
from core.calls.events import Stage
from core.decider import Act
from core.frameworks.commands import DraftFramework, PublishFramework
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.rubric import Aggregation, Criterion, Points, Rubric, Scale
from core.vocabulary import (
    ActorId,
    CallId,
    CriterionId,
    FrameworkId,
    FrameworkRef,
    Role,
    StageId,
    Text,
)

CITIES, EVALUATORS = 60, 10
CRITERIA = ("need", "fit", "will", "plan")
ROWS = CITIES * EVALUATORS * len(CRITERIA)
# Cities, applications, the call's closing and the stage's opening, appointments and
# declarations, assignments, score sheets.
EVENTS = 2 * CITIES + 2 + 2 * EVALUATORS + 2 * CITIES * EVALUATORS

MAPPING = """
[dates]
time_zone = "Asia/Seoul"
time_of_day = "12:00"

[call]
id = "large"
stage = "review"
close_and_open_at = "2023-02-02"

[cities]
city = "{city}"
name = "{city}"
country = "KE"
occurred_at = "2023-01-10"

[applications]
city = "{city}"
title = "Water for {city}"
sector = "14020"
occurred_at = "2023-01-10"

[panel]
evaluator = "{evaluator}"
conflict = "none"
city = "{city}"
occurred_at = "2023-02-03"

[scores]
city = "{city}"
evaluator = "{evaluator}"
criterion = "{criterion}"
score = "{score}"
occurred_at = "2023-03-01"
"""


def write_files(folder: Path, bad_line: str = "") -> tuple[Path, Path]:
    """Write the mapping and the data, with one more line where it is given."""
    mapping, data = folder / "large.toml", folder / "large.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    lines = ["city,evaluator,criterion,score"]
    for city in range(CITIES):
        for evaluator in range(EVALUATORS):
            for place, criterion in enumerate(CRITERIA):
                score = (city * 7 + evaluator * 3 + place) % 21 / 2
                lines.append(f"city-{city},evaluator-{evaluator},{criterion},{score}")
    data.write_text("\n".join([*lines, bad_line]), encoding="utf-8")
    return mapping, data


def announce(ledger: Ledger) -> None:
    """Publish the rubric and announce the call, as an officer would before an import."""
    scale = Scale(worst=Decimal(0), best=Decimal(10), step=Decimal("0.5"))
    rubric = Rubric(
        Text("Large"),
        tuple(Criterion(CriterionId(name), Text(name), Decimal(25), scale) for name in CRITERIA),
        Aggregation(Points.OF_HUNDRED),
    )
    framework, opens = FrameworkId("large"), datetime(2023, 1, 1, tzinfo=UTC)
    stage = Stage(StageId("review"), Text("Review"), FrameworkRef(framework, 1), 3)
    deadline = datetime(2023, 2, 1, tzinfo=UTC)
    act = Act(ActorId("manager-1"), Role.MANAGER, opens)
    for command in (
        DraftFramework(framework, rubric),
        PublishFramework(framework, 1),
        AnnounceCall(CallId("large"), 2023, Text("Large"), opens, deadline, (stage,)),
    ):
        ledger.handle(Envelope(command, act))
