"""A dossier holds everything that a decision rested on, proves it, and never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from core.applications.commands import WithdrawApplication
from core.evaluations.commands import DeclareConflict, ReviseScore, WaiveConflict
from core.evaluations.events import ConflictKind
from core.handlers.table import Command
from core.ledger.codec import Event
from core.selection.commands import (
    AdmitAppeal,
    Choice,
    DecideAppeal,
    FileAppeal,
    NotifyOutcomes,
    RevokeSelection,
)
from core.selection.events import Outcome, Override, SelectionApproved, Verdict
from core.vocabulary import ActorId
from projections.decision_dossier.dossier import Asked, Dossier
from projections.decision_dossier.fold import VIEW, FactRow
from projections.decision_dossier.queries import decision_dossier, dossier_from
from projections.projector import Projector
from projections.time_travel import fold
from tests import scenes, stories, tailored_scenes
from tests.projections.histories import histories
from tests.projections.logs import connect, refill
from tests.scenes import CALL, COLOMBO, DOCUMENT, FINAL, KIM, LEE, LIMA, NEED, PHNOM_PENH, app
from tests.stories import NOON, recorded

JUDGE = ActorId("manager-2")
FIRST, LAST = Asked(CALL, DOCUMENT), Asked(CALL, FINAL)
AFTERWARDS: tuple[Command, ...] = (
    NotifyOutcomes(CALL, FINAL, NOON + timedelta(days=30)),
    FileAppeal(app(PHNOM_PENH), FINAL, "the marks are mixed up"),
    AdmitAppeal(app(PHNOM_PENH), FINAL),
    DecideAppeal(app(PHNOM_PENH), FINAL, Verdict.UPHELD, (JUDGE,), "they are"),
    RevokeSelection(CALL, FINAL, "an appeal was upheld"),
)


def then(facts: tuple[Event, ...], *commands: Command) -> tuple[Event, ...]:
    for command in commands:
        by = JUDGE if isinstance(command, AdmitAppeal | DecideAppeal) else None
        answer = stories.given(*facts).when(command, by=by)
        assert answer.refusal is None, answer.refusal
        facts = (*facts, *answer.events)
    return facts


AGAIN = scenes.approved(
    scenes.ranked(then(scenes.FINAL_APPROVED, *AFTERWARDS), FINAL), scenes.select(LIMA), stage=FINAL
)
"""After an appeal the last stage is decided again, as it was before."""


def rows(facts: tuple[Event, ...], upto: int | None = None) -> list[FactRow]:
    return list(fold(VIEW, recorded(facts)[: None if upto is None else upto + 1]).values())


def dossier(facts: tuple[Event, ...], asked: Asked = FIRST) -> Dossier:
    found = dossier_from(rows(facts), asked)
    assert found is not None
    return found


def types(facts: tuple[FactRow, ...]) -> list[str]:
    return [fact.type for fact in facts]


def test_a_dossier_holds_every_input_of_the_ranking_with_its_leaf() -> None:
    for asked in (FIRST, LAST):
        found = dossier(scenes.FINAL_APPROVED, asked)
        assert len(found.inputs) > 10
        assert found.unproven == ()
        assert found.rubric == scenes.RUBRIC


def test_where_figures_of_cities_decide_the_cities_are_inputs_too() -> None:
    ranked = scenes.ranked(tailored_scenes.LOCKED)
    found = dossier(scenes.approved(ranked, scenes.select(LIMA)))
    assert found.unproven == ()
    assert sum(item.stream.startswith("city-") for item in found.inputs) == 3


def test_an_input_whose_leaf_is_another_is_named() -> None:
    tampered = [
        replace(row, leaf="00" * 32) if row.stream.startswith("evaluation-") else row
        for row in rows(scenes.ADVANCED)
    ]
    found = dossier_from(tampered, FIRST)
    assert found is not None
    assert len(found.unproven) == 6
    assert all(item.stream.startswith("evaluation-") for item in found.unproven)


def test_an_application_s_file_tells_its_way_from_marks_to_outcome() -> None:
    facts = then(
        scenes.SCORED,
        ReviseScore(app(LIMA), KIM, DOCUMENT, NEED, Decimal(90), "a slip"),
        DeclareConflict(LEE, CALL, ConflictKind.OTHER, app(COLOMBO)),
        WaiveConflict(LEE, app(COLOMBO), "long ago"),
    )
    locked = (*facts, *scenes.LOCKED[len(scenes.SCORED) :])
    override = Override("the region has none", "Mayor's order 7")
    choices = (scenes.select(LIMA), Choice(app(COLOMBO), Outcome.SELECTED, override))
    found = dossier(scenes.approved(scenes.ranked(locked), *choices))
    files = {file.application_id: file for file in found.applications}
    lima, colombo = files[app(LIMA)], files[app(COLOMBO)]
    assert lima.line
    assert (lima.line.rank, types(lima.city)) == (1, ["cities.registered.2"])
    assert types(lima.facts) == [
        "applications.submitted.2",
        "applications.eligibility-determined.1",
    ]
    revision = lima.evaluations[0].facts[-1]
    assert revision.type == "evaluations.score-revised.1"
    assert (revision.data["before"], revision.data["after"], revision.reason) == (
        "100",
        "90",
        "",
    )
    assert colombo.proposal
    assert (colombo.proposal.outcome, colombo.proposal.override) == (Outcome.SELECTED, override)
    lee = next(e for e in found.evaluators if e.evaluator_id == LEE)
    assert types(lee.facts)[-2:] == [
        "evaluations.conflict-declared.1",
        "evaluations.conflict-waived.1",
    ]


def test_the_chain_of_an_approval_stands_out_and_the_rest_beside_it() -> None:
    twice = scenes.approved(
        scenes.ranked(then(scenes.ADVANCED, RevokeSelection(CALL, DOCUMENT, "an error"))),
        scenes.select(LIMA),
    )
    found = dossier(twice)
    assert found.ranking
    assert found.proposal
    assert "lines" not in found.ranking.data
    assert found.ranking.position < found.proposal.position < found.approval.position
    assert found.approval.position == found.position == len(twice) - 1
    assert types(found.selection)[-1] == "selection.revoked.1"
    assert found.panel
    final = dossier(scenes.FINAL_APPROVED, LAST)
    assert types(final.stages_before)[-1] == "selection.approved.1"


def test_the_first_stage_shows_what_it_left_out_too() -> None:
    gone = then(scenes.LOCKED, WithdrawApplication(app(COLOMBO), "no budget"))
    found = dossier(scenes.approved(scenes.ranked(gone), scenes.select(LIMA)))
    colombo = found.applications[1]
    assert colombo.application_id == app(COLOMBO)
    assert (colombo.line, colombo.proposal) == (None, None)
    assert types(colombo.facts)[-1] == "applications.withdrawn.1"
    assert len(dossier(scenes.FINAL_APPROVED, LAST).applications) == 2


def test_what_came_afterwards_stands_apart() -> None:
    facts = then(scenes.FINAL_APPROVED, *AFTERWARDS)
    found = dossier(facts, LAST)
    assert types(found.afterwards) == [
        "selection.notified.2",
        "selection.appeal-filed.1",
        "selection.appeal-admitted.1",
        "selection.appeal-decided.1",
        "selection.revoked.1",
    ]
    assert replace(found, afterwards=()) == dossier(scenes.FINAL_APPROVED, LAST)
    lima = dossier(facts, replace(LAST, application_id=app(LIMA)))
    assert lima.unproven == ()
    assert {i.stream.partition("-")[0] for i in lima.inputs} == {
        *("application", "call", "evaluation", "evaluator", "framework", "selection"),
    }
    others = {PHNOM_PENH, COLOMBO}
    assert not any(city in item.stream for item in lima.inputs for city in others)
    assert types(lima.afterwards) == ["selection.notified.2", "selection.revoked.1"]


def test_a_second_decision_knows_of_the_appeal_against_the_first() -> None:
    found = dossier(AGAIN, LAST)
    phnom_penh, lima = found.applications
    assert [fact.type.partition(".")[2] for fact in phnom_penh.appeals] == [
        "appeal-filed.1",
        "appeal-admitted.1",
        "appeal-decided.1",
    ]
    assert lima.appeals == found.afterwards == ()


def test_there_is_no_dossier_without_an_approval() -> None:
    assert dossier_from(rows(scenes.RANKED), FIRST) is None
    assert dossier_from(rows(scenes.ADVANCED), LAST) is None
    elsewhere = replace(FIRST, approved_at=0)
    assert dossier_from(rows(scenes.ADVANCED), elsewhere) is None
    unknown = replace(FIRST, application_id=app(scenes.TOKYO))
    assert dossier_from(rows(scenes.ADVANCED), unknown) is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=histories)
def test_a_dossier_as_of_its_decision_never_changes(facts: tuple[Event, ...]) -> None:
    now = rows(facts)
    for position, event in enumerate(facts):
        if isinstance(event, SelectionApproved):
            asked = Asked(CALL, event.stage)
            then_ = dossier_from(rows(facts, position), asked)
            assert then_ is not None
            assert (then_.position, then_.unproven, then_.afterwards) == (position, (), ())
            later = dossier_from(now, replace(asked, approved_at=position))
            assert later is not None
            assert replace(later, afterwards=()) == then_


def test_the_tables_give_the_dossier_that_memory_does(database_url: str) -> None:
    facts = AGAIN
    refill(database_url, facts)
    projector = Projector(database_url, (VIEW,), batch=9)
    projector.catch_up()
    projector.stop()
    approvals = [p for p, event in enumerate(facts) if isinstance(event, SelectionApproved)]
    with connect(database_url) as connection:
        for as_of in (*approvals, approvals[0] - 1, approvals[-1] + 2, len(facts) - 1):
            for asked in (FIRST, LAST, replace(FIRST, approved_at=approvals[0])):
                for application in (None, app(LIMA), app(PHNOM_PENH)):
                    wanted = replace(asked, application_id=application)
                    found = decision_dossier(connection, as_of, wanted)
                    assert found == dossier_from(rows(facts, as_of), wanted)
