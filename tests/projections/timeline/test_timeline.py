"""A timeline tells what happened to one thing, in order, by command, with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.calls.events import CallConcluded
from core.cities.events import PoolEntered, Tier
from core.ledger.codec import Event
from core.ledger.records import Recorded
from core.selection.events import ReservePromoted
from core.subjects.events import SubjectKeyDestroyed
from core.vocabulary import ActorId
from projections.projector import Projector
from projections.time_travel import fold
from projections.timeline.fold import VIEW
from projections.timeline.occasions import Fact, Timeline
from projections.timeline.queries import Asked, Of, timeline, timeline_from
from projections.timeline.rows import TimelineRow
from tests import project_scenes, scenes
from tests.project_scenes import OBSERVED, PROJECT
from tests.projections.logs import connect, refill
from tests.scenes import CALL, COLOMBO, FINAL, KIM, LIMA, PHNOM_PENH, TOKYO, app
from tests.stories import recorded

PROMOTED = ReservePromoted(CALL, FINAL, app(PHNOM_PENH), app(LIMA), "Lima withdrew")
ERASED = SubjectKeyDestroyed(KIM, "asked for")


def rows(records: Sequence[Recorded]) -> list[TimelineRow]:
    return list(fold(VIEW, records).values())


def told(facts: tuple[Event, ...], of: Of, subject: str) -> Timeline:
    found = timeline_from(rows(recorded(facts)), Asked(of, subject))
    assert found is not None
    return found


def happened(found: Timeline) -> list[Fact]:
    return [fact for o in found.occasions for command in o.commands for fact in command.facts]


def types(found: Timeline) -> list[str]:
    return [f"{fact.type} {fact.stage}".rstrip() for fact in happened(found)]


def test_an_application_s_timeline_tells_what_its_call_decided_about_it() -> None:
    found = told(scenes.FINAL_APPROVED, Of.APPLICATION, app(COLOMBO))
    assert types(found) == [
        "calls.announced.1",
        "applications.submitted.2",
        "applications.eligibility-determined.1",
        "calls.closed.1",
        "calls.stage-opened.1 document",
        *["evaluations.assigned.1 document"] * 2,
        *["evaluations.scores-submitted.1 document"] * 2,
        "selection.panel-convened.1 document",
        "calls.stage-locked.1 document",
        "selection.quorum-confirmed.1 document",
        "selection.ranking-computed.2 document",
        "selection.proposed.1 document",
        "selection.approved.1 document",
    ]
    said = [(s.application_id, s.what, s.rank) for f in happened(found) for s in f.applications]
    assert said == [
        (app(COLOMBO), "counted", None),
        (app(COLOMBO), "ranked", 3),
        (app(COLOMBO), "pool", 3),
    ]


def test_a_promotion_is_told_of_both_applications() -> None:
    facts = (*scenes.FINAL_APPROVED, PROMOTED)
    for city, what in ((LIMA, "replaced"), (PHNOM_PENH, "promoted")):
        (said,) = happened(told(facts, Of.APPLICATION, app(city)))[-1].applications
        assert (said.application_id, said.what) == (app(city), what)
    assert types(told(facts, Of.APPLICATION, app(COLOMBO)))[-1] == "selection.approved.1 document"


def test_a_city_s_timeline_is_its_own_and_that_of_its_applications() -> None:
    assert types(told(scenes.FINAL_APPROVED, Of.CITY, TOKYO)) == ["cities.registered.2"]
    lima = types(told(OBSERVED, Of.CITY, LIMA))
    assert lima.index("cities.registered.2") < lima.index("applications.submitted.2")
    assert "selection.approved.1 final" in lima
    assert lima[-1] == "monitoring.observation-recorded.1"


def test_a_project_s_timeline_is_that_of_its_delivery_and_monitoring() -> None:
    found = types(told(OBSERVED, Of.PROJECT, PROJECT))
    assert [name.partition(" ")[0] for name in found] == [
        "projects.preferred.1",
        "projects.plan-agreed.1",
        "projects.agreement-signed.1",
        "projects.started.1",
        "monitoring.indicator-defined.1",
        "monitoring.observation-recorded.1",
    ]


def test_an_evaluator_s_timeline_goes_from_appointment_to_erasure() -> None:
    found = types(told((*scenes.LOCKED, ERASED), Of.EVALUATOR, KIM))
    assert found[:2] == ["evaluations.evaluator-appointed.2", "evaluations.conflict-declared.1"]
    assert found[-2:] == ["selection.panel-convened.1 document", "subjects.key-destroyed.1"]
    assert sum(name.startswith("evaluations.assigned") for name in found) == 3


def test_a_thing_that_nothing_happened_to_has_no_timeline() -> None:
    for of in Of:
        assert timeline_from(rows(recorded(scenes.LOCKED)), Asked(of, "nobody:none")) is None


def test_facts_stand_by_the_command_that_led_to_them_and_by_what_called_for_it() -> None:
    concluded = CallConcluded(CALL)
    pooled = [
        PoolEntered(city, CALL, Tier.IMPROVING, ("rank 3", "no slot")) for city in (COLOMBO, LIMA)
    ]
    *before, cause, first, second = recorded((*scenes.FINAL_APPROVED, concluded, *pooled))
    cause = replace(cause, meta=replace(cause.meta, correlation_id="request-1"))
    reacted = [
        replace(
            record,
            meta=replace(
                record.meta,
                actor=ActorId("reaction"),
                correlation_id="request-1",
                causation_id=cause.meta.id,
            ),
        )
        for record in (first, second)
    ]
    found = timeline_from(rows([*before, cause, *reacted]), Asked(Of.CALL, CALL))
    assert found is not None
    last = found.occasions[-1]
    assert last.correlation_id == "request-1"
    conclusion, pooling, _ = last.commands
    assert (conclusion.actor, conclusion.because_of) == ("officer-1", "")
    assert (pooling.actor, pooling.because_of) == ("reaction", cause.meta.id)
    assert pooling.because_at == cause.position
    assert pooling.reasons == ("rank 3", "no slot")
    colombo = timeline_from(rows([*before, cause, *reacted]), Asked(Of.APPLICATION, app(COLOMBO)))
    assert colombo is not None
    assert types(colombo)[-2:] == ["calls.concluded.1", "cities.pool-entered.1"]


def test_several_facts_of_one_command_stand_together() -> None:
    records = list(recorded(scenes.SCORED))
    note = replace(records[-1].meta.command, id="one", name="ImportScores")
    records[-2:] = [replace(r, meta=replace(r.meta, command=note)) for r in records[-2:]]
    found = timeline_from(rows(records), Asked(Of.CALL, CALL))
    assert found is not None
    (command,) = found.occasions[-1].commands
    assert (command.command, len(command.facts)) == ("ImportScores", 2)


def test_pages_put_together_are_the_whole() -> None:
    whole = rows(recorded(OBSERVED))
    start: int | None = 0
    seen: list[int] = []
    while start is not None:
        page = timeline_from(whole, Asked(Of.CALL, CALL, start, 7))
        assert page is not None
        seen += [fact.position for fact in happened(page)]
        start = page.next_position
    assert seen == [row.position for row in whole if row.call_id == CALL]
    beyond = timeline_from(whole, Asked(Of.CALL, CALL, len(OBSERVED)))
    assert beyond == Timeline("call", CALL, (), None)


def test_the_tables_give_the_timeline_that_memory_does(database_url: str) -> None:
    facts = (*OBSERVED, project_scenes.ISSUE, PROMOTED, ERASED)
    refill(database_url, facts)
    projector = Projector(database_url, (VIEW,), batch=9)
    projector.catch_up()
    projector.stop()
    asked = [
        Asked(Of.CALL, CALL, 0, 7),
        Asked(Of.CALL, CALL, 30, 7),
        Asked(Of.CALL, CALL),
        Asked(Of.CITY, LIMA, 12, 5),
        Asked(Of.APPLICATION, app(COLOMBO)),
        Asked(Of.PROJECT, PROJECT),
        Asked(Of.EVALUATOR, KIM),
        Asked(Of.EVALUATOR, "nobody"),
    ]
    with connect(database_url) as connection:
        for as_of in (0, 25, len(facts) - 1):
            known = rows(recorded(facts)[: as_of + 1])
            for one in asked:
                assert timeline(connection, as_of, one) == timeline_from(known, one), one
