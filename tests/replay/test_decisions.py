"""A decision replays from the log alone, whatever has happened since."""

from __future__ import annotations

import hashlib
import json
import re
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
from core.selection.events import Outcome, RankingComputed
from core.vocabulary import ActorId, ApplicationId, CallId, CriterionId, EvaluatorId, Role, StageId
from projections.projector import Projector
from projections.ranking.queries import ranking
from projections.views import VIEWS
from replay.decision_page import decision_page
from replay.decisions import replay_decision
from replay.trail import runs, trail
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
    [place] = [place for place in replayed.places if not place.identical]
    assert place.recorded is not None
    assert place.replayed is not None
    assert place.recorded.scored.total == Decimal(99)
    assert place.replayed.scored.total == Decimal(66)
    assert any(reason.startswith(f"position {step.position}") for reason in replayed.because)
    page = decision_page(replayed)
    assert "Differs here, because:" in page
    assert "Recorded: total 99, ranked" in page
    assert "Replayed: total 66, ranked" in page


def test_each_decider_s_reading_is_told_beside_what_the_ranking_read(round_: Round) -> None:
    round_.whole()
    replayed = replay_decision(round_.ledger.store, "c:doc")
    quorum, ranking, proposal, approval = replayed.steps
    [rank_record] = round_.ledger.read(ranking.position, ranking.position + 1)
    assert isinstance(rank_record.event, RankingComputed)
    assert replayed.inputs == rank_record.event.inputs
    assert ranking.seen is not None
    assert (ranking.seen.position, ranking.seen.streams) == (
        rank_record.event.position,
        len(replayed.inputs),
    )
    assert ranking.seen.beyond == ()
    read = "".join(f"{i.stream} {i.version} {i.leaf}\n" for i in replayed.inputs)
    assert ranking.seen.digest == hashlib.sha256(read.encode()).hexdigest()
    for step, version in ((quorum, 1), (proposal, 3), (approval, 4)):
        assert step.seen is not None
        assert step.seen.position == step.position - 1
        assert [(i.stream, i.version) for i in step.seen.beyond] == [("selection-c:doc", version)]


def test_who_did_what_is_told_in_the_order_of_the_log(round_: Round) -> None:
    round_.whole()
    told = replay_decision(round_.ledger.store, "c:doc").trail
    assert [deed.position for deed in told] == sorted(deed.position for deed in told)
    done = [(run.command, run.actor, run.role, len(run.deeds)) for run in runs(told)]
    assert done[-6:] == [
        ("ConvenePanel", "officer", Role.OFFICER, 1),
        ("LockStage", "officer", Role.OFFICER, 1),
        ("ConfirmQuorum", "officer", Role.OFFICER, 1),
        ("ComputeRanking", "officer", Role.OFFICER, 1),
        ("ProposeSelection", "officer", Role.OFFICER, 1),
        ("ApproveSelection", "manager", Role.MANAGER, 1),
    ]
    assert ("SubmitScores", "e2", Role.EVALUATOR, 1) in done
    records = {record.position: record for record in round_.ledger.read()}
    for deed in told:
        [happened] = deed.events
        record = records[happened.position]
        assert (happened.stream, happened.version) == (record.meta.subject, record.meta.version)
        assert (happened.type, happened.leaf) == (record.wire, record.leaf.hex())
        assert (deed.occurred_at, deed.recorded_at) == (record.meta.occurred_at, record.recorded_at)
        assert deed.imported is None


def test_events_of_one_command_are_one_deed(round_: Round) -> None:
    round_.whole()
    rows = round_.ledger.store.page(0, 3)
    command = re.compile(rb'"command":\{"name":"[^"]*","id":"[^"]*"')
    found = command.search(rows[0].record)
    assert found
    together = [rows[0], rows[1]._replace(record=command.sub(found[0], rows[1].record)), rows[2]]
    assert [[e.position for e in deed.events] for deed in trail(together)] == [[0, 1], [2]]


def test_a_record_that_was_altered_without_a_trace_in_the_ranking_is_named(
    round_: Round,
) -> None:
    round_.whole()
    with unguarded(round_.ledger.url) as connection:
        row = connection.execute(
            "update ledger.event set record = convert_to(replace("
            'convert_from(record, \'UTF8\'), \'"role":"officer"\', \'"role":"manager"\'), '
            "'UTF8') where type like 'applications.submitted.%' and stream = 'application-c:y' "
            "returning position"
        ).fetchone()
    assert row
    replayed = replay_decision(round_.ledger.store, "c:doc")
    assert all(step.identical for step in replayed.steps)
    assert not replayed.identical
    assert replayed.because == (
        f"not the records that the log's tree has the hashes of: at position {row[0]}",
    )


def test_the_bytes_of_the_record_itself_are_compared(round_: Round) -> None:
    round_.whole()
    with unguarded(round_.ledger.url) as connection:
        connection.execute(
            "update ledger.event set record = convert_to(replace("
            "convert_from(record, 'UTF8'), '\"data\":{', '\"data\": {'), 'UTF8') "
            "where type like 'selection.proposed.%'"
        )
    replayed = replay_decision(round_.ledger.store, "c:doc")
    [step] = [step for step in replayed.steps if not step.identical]
    assert step.command == "ProposeSelection"
    assert step.recorded_digest == step.replayed_digest
    assert "in other bytes" in step.difference


@pytest.mark.parametrize(
    "decision_id",
    ["c:none", "other:doc", "c:doc@3", "c:doc@x", "c:doc@²", "c:doc@" + "9" * 19, "c"],
)
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
