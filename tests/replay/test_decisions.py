"""A decision replays from the log alone, whatever has happened since."""

from __future__ import annotations

import json
from decimal import Decimal

import psycopg
import pytest

from core.errors import DomainError
from core.evaluations.commands import (
    ApproveReopening,
    LockEvaluation,
    RequestReopening,
    ReviseScore,
)
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ProposeSelection,
    RevokeSelection,
)
from core.selection.events import Outcome
from core.vocabulary import ActorId, ApplicationId, CallId, CriterionId, EvaluatorId, Role, StageId
from projections.projector import Projector
from projections.ranking.queries import ranking
from projections.views import VIEWS
from replay.decisions import replay_decision
from tests.rounds import Round
from tests.tampering import unguarded

CALL, STAGE = CallId("c"), StageId("doc")
X, E1 = ApplicationId("c:x"), EvaluatorId(ActorId("e1"))


def revise_after_the_decision(round_: Round, score: int = 100) -> None:
    round_.do(RequestReopening(X, E1, STAGE, "a page had been missed"), "officer")
    round_.do(ApproveReopening(X, E1, STAGE), "manager", Role.MANAGER)
    for criterion in ("a", "b"):
        round_.do(
            ReviseScore(X, E1, STAGE, CriterionId(criterion), Decimal(score), "read it again"),
            "e1",
            Role.EVALUATOR,
        )
    round_.do(LockEvaluation(X, E1, STAGE), "e1", Role.EVALUATOR)


def test_a_replayed_decision_is_identical_byte_for_byte(round_: Round) -> None:
    round_.whole()
    replayed = replay_decision(round_.ledger.store, "c:doc")
    assert replayed.identical
    assert replayed.recorded_digest == replayed.replayed_digest
    assert [step.command for step in replayed.steps] == [
        "ConfirmQuorum",
        "ComputeRanking",
        "ProposeSelection",
        "ApproveSelection",
    ]
    assert [(p.application_id, p.rank, p.outcome) for p in replayed.places] == [
        ("c:z", 1, "selected"),
        ("c:y", 2, "pool"),
        ("c:x", 3, "pool"),
    ]
    assert replayed.approved_by == "manager"


def test_a_revision_after_the_ranking_does_not_change_the_replayed_decision(
    round_: Round,
) -> None:
    round_.whole()
    before = replay_decision(round_.ledger.store, "c:doc")
    decided_at = round_.ledger.store.size() - 1
    revise_after_the_decision(round_)
    after = replay_decision(round_.ledger.store, "c:doc")
    assert after.identical
    assert after.places == before.places
    assert after.recorded_digest == before.recorded_digest
    assert before.changed_since == ()
    assert after.changed_since == ("evaluation-c:doc:x:e1",)

    projector = Projector(round_.ledger.url, VIEWS)
    last = projector.catch_up()
    projector.stop()
    with psycopg.connect(round_.ledger.url) as connection:
        then = ranking(connection, decided_at, CALL, STAGE)
        now = ranking(connection, last, CALL, STAGE)
    assert then is not None
    assert now is not None
    totals = [
        {line.ranked.scored.application: line.ranked.scored.total for line in r.lines}
        for r in (then, now)
    ]
    assert totals == [
        {"c:x": Decimal(54), "c:y": Decimal(60), "c:z": Decimal(66)},
        {"c:x": Decimal(77), "c:y": Decimal(60), "c:z": Decimal(66)},
    ]
    assert [line.ranked.scored.application for line in then.lines] == ["c:z", "c:y", "c:x"]
    assert [line.ranked.scored.application for line in now.lines] == ["c:x", "c:z", "c:y"]


def test_an_earlier_approval_can_still_be_replayed_after_it_was_revoked(round_: Round) -> None:
    round_.whole()
    first = replay_decision(round_.ledger.store, "c:doc")
    round_.do(RevokeSelection(CALL, STAGE, "a complaint was upheld"), "manager", Role.MANAGER)
    revise_after_the_decision(round_)
    round_.do(ComputeRanking(CALL, STAGE))
    round_.do(ProposeSelection(CALL, STAGE, (Choice(X, Outcome.SELECTED),)))
    round_.do(ApproveSelection(CALL, STAGE), "manager", Role.MANAGER)
    latest = replay_decision(round_.ledger.store, "c:doc")
    assert latest.identical
    assert latest.places[0].application_id == "c:x"
    again = replay_decision(round_.ledger.store, f"c:doc@{first.position}")
    assert again.places == first.places
    assert again.recorded_digest == first.recorded_digest


def test_a_ranking_that_was_tampered_with_does_not_replay(round_: Round) -> None:
    round_.whole()
    with unguarded(round_.ledger.url) as connection:
        row = connection.execute(
            "select position, record from ledger.event where type = 'selection.ranking-computed.2'"
        ).fetchone()
        assert row
        record = json.loads(row[1])
        record["data"]["lines"][0]["scored"]["total"] = "99"
        connection.execute(
            "update ledger.event set record = %s where position = %s",
            (json.dumps(record).encode(), row[0]),
        )
    replayed = replay_decision(round_.ledger.store, "c:doc")
    assert not replayed.identical
    step, *dependent = [s for s in replayed.steps if not s.identical]
    assert step.command == "ComputeRanking"
    assert '"total":"99"' in step.difference
    assert {s.command for s in dependent} == {"ProposeSelection", "ApproveSelection"}


@pytest.mark.parametrize("decision_id", ["c:none", "other:doc", "c:doc@3", "c:doc@x", "c"])
def test_a_decision_that_was_never_made_is_refused_by_name(round_: Round, decision_id: str) -> None:
    round_.whole()
    with pytest.raises(DomainError) as refused:
        replay_decision(round_.ledger.store, decision_id)
    assert refused.value.code in {"unknown-decision", "malformed-id"}
    assert decision_id in str(refused.value) or refused.value.code == "malformed-id"


def rewritten(round_: Round, kind: str, **changed: object) -> None:
    """Change what the record of a kind says of its command."""
    with unguarded(round_.ledger.url) as connection:
        row = connection.execute(
            "select position, record from ledger.event where type like %s", (f"{kind}.%",)
        ).fetchone()
        assert row
        record = json.loads(row[1])
        record["command"] |= changed
        connection.execute(
            "update ledger.event set record = %s where position = %s",
            (json.dumps(record).encode(), row[0]),
        )


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"body": None}, "imported as history"),
        ({"name": "history"}, "imported as history"),
        ({"body": {"call_id": "c"}}, "cannot be decided"),
        ({"body": {"call_id": "c", "stage": "other"}}, "the rules refuse it now"),
        ({"position": 10_000}, "cannot be decided"),
    ],
)
def test_a_command_that_cannot_be_decided_again_is_said_to_differ(
    round_: Round, changed: dict[str, object], difference: str
) -> None:
    round_.whole()
    rewritten(round_, "selection.ranking-computed", **changed)
    replayed = replay_decision(round_.ledger.store, "c:doc")
    assert not replayed.identical
    step = next(s for s in replayed.steps if "Confirm" not in s.command)
    assert difference in step.difference
    assert not step.replayed_digest


def test_an_approval_without_a_ranking_is_refused_by_name(round_: Round) -> None:
    round_.whole()
    with unguarded(round_.ledger.url) as connection:
        connection.execute("delete from ledger.event where type like 'selection.ranking%'")
    with pytest.raises(DomainError) as refused:
        replay_decision(round_.ledger.store, "c:doc")
    assert refused.value.code == "unknown-decision"
