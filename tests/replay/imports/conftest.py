"""Calls that the imported files belong to, announced as an officer would before."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.calls.commands import AnnounceCall
from core.calls.events import Stage
from core.decider import Act
from core.frameworks.commands import DraftFramework, PublishFramework
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.rubric import Aggregation, Criterion, Missing, Points, Rubric, Scale
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
from replay.imports.run import Import

Announce = Callable[[Ledger], None]


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    with Ledger(database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def officer() -> Act:
    return Act(ActorId("officer-1"), Role.OFFICER, datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def job(tmp_path: Path, officer: Act) -> Callable[..., Import]:
    """Write a mapping and a file, and return their import."""

    def make(
        mapping: str, content: str | bytes, *, as_history: bool = False, only: tuple[str, ...] = ()
    ) -> Import:
        data, toml = tmp_path / "data", tmp_path / "mapping.toml"
        data.write_bytes(content.encode() if isinstance(content, str) else content)
        toml.write_text(mapping, encoding="utf-8")
        return Import(toml, data, officer, as_history, only)

    return make


@pytest.fixture
def announce_aibs() -> Announce:
    """A panel of three scores each proposal; the overall score alone counts."""
    scale = Scale(worst=Decimal("5.0"), best=Decimal("1.0"), step=Decimal("0.1"))
    names = ("Score", "Innovation", "Approach", "Investig", "Signif", "Impact")
    criteria = tuple(
        Criterion(
            CriterionId(name),
            Text(name),
            Decimal(100 if name == "Score" else 0),
            scale,
            # Two thirds of the file have no score for the impact.
            na_allowed=name == "Impact",
        )
        for name in names
    )
    aggregation = Aggregation(Points.OF_SCALE, missing=Missing.REWEIGH)
    rubric = Rubric(Text("Grant panel"), criteria, aggregation, quorum=3)
    opens, deadline = datetime(2014, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
    return announcing("aibs-2014", rubric, 18, opens, deadline)


@pytest.fixture(scope="module")
def announce_iclr() -> Announce:
    """Three to six reviewers rate each submission; a rating may be withdrawn."""
    scale = Scale(worst=Decimal(1), best=Decimal(10), step=Decimal(1))
    rating = Criterion(CriterionId("rating"), Text("Rating"), Decimal(100), scale, na_allowed=True)
    aggregation = Aggregation(Points.OF_SCALE, missing=Missing.EXCLUDE_EVALUATION)
    rubric = Rubric(Text("Rating"), (rating,), aggregation, quorum=3)
    opens, deadline = datetime(2020, 9, 1, tzinfo=UTC), datetime(2020, 10, 3, tzinfo=UTC)
    return announcing("iclr-2021", rubric, 860, opens, deadline)


@pytest.fixture
def announce_small() -> Announce:
    """Two criteria of a hundred points, to be tried with files of a few rows."""
    scale = Scale(worst=Decimal(0), best=Decimal(10), step=Decimal("0.5"))
    criteria = (
        Criterion(CriterionId("need"), Text("Need"), Decimal(60), scale),
        Criterion(CriterionId("impact"), Text("Impact"), Decimal(40), scale, na_allowed=True),
    )
    aggregation = Aggregation(Points.OF_HUNDRED, missing=Missing.REWEIGH)
    rubric = Rubric(Text("Small"), criteria, aggregation)
    opens, deadline = datetime(2023, 1, 1, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC)
    return announcing("small", rubric, 2, opens, deadline)


def announcing(
    call: str, rubric: Rubric, slots: int, opens_at: datetime, deadline_at: datetime
) -> Announce:
    """Return what publishes a rubric and announces a call of one stage, `review`."""
    framework = FrameworkId(f"{call}-rubric")
    stage = Stage(StageId("review"), Text("Review"), FrameworkRef(framework, 1), slots)

    def announce(ledger: Ledger) -> None:
        act = Act(ActorId("manager-1"), Role.MANAGER, opens_at)
        for command in (
            DraftFramework(framework, rubric),
            PublishFramework(framework, 1),
            AnnounceCall(CallId(call), opens_at.year, Text(call), opens_at, deadline_at, (stage,)),
        ):
            ledger.handle(Envelope(command, act))

    return announce
