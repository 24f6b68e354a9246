"""A selection reads a whole stage: its applications, evaluations and evaluators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from core.applications import events as application_events
from core.applications.rules import Application
from core.calls.rules import Call
from core.cities import events as city_events
from core.cities import rules as cities
from core.cities.rules import City
from core.decider import Act
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.evaluations import standing
from core.groups import CityFacts
from core.handlers.reading import Handler, Reader
from core.handlers.stages import call_of, rubric_of, taking_part
from core.indicators import Figures
from core.ranking import Candidate, Sheet, score
from core.rubric import Rubric
from core.selection import events, rules
from core.selection.commands import (
    ApproveSelection,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    PromoteReserve,
    ProposeSelection,
    SelectionCommand,
)
from core.selection.events import Input, SelectionEvent
from core.selection.state import Facts, Selection
from core.vocabulary import ActorId, ApplicationId, EvaluatorId, FrameworkId, FrameworkRef, StageId


def _stream(command: SelectionCommand) -> str:
    return events.stream(command.call_id, command.stage)


def _facts(  # noqa: PLR0911  # one match over all commands
    command: SelectionCommand, act: Act, read: Reader
) -> Facts:
    del act
    call = call_of(command.call_id, read)
    stage = call.stage(command.stage)
    rubric = rubric_of(stage, read)
    facts = Facts(
        rubric=rubric,
        framework=stage.framework if stage else FrameworkRef(FrameworkId(""), 0),
        stage=command.stage,
        slots=stage.slots if stage else 0,
        budget_krw=_budget(call, command.stage),
        locked=command.stage in call.locked,
        ended=call.ended,
        position=read.position,
        appointed=frozenset(),
    )
    if rubric is None:
        return facts
    match command:
        case ConvenePanel(evaluators=evaluators):
            return replace(facts, appointed=_appointed(command.call_id, evaluators, read))
        case ConfirmQuorum():
            return replace(
                facts,
                candidates=_candidates(command, call, rubric, read),
                reopened=_reopened(command, read),
            )
        case ComputeRanking():
            candidates = _candidates(command, call, rubric, read)
            reopened = _reopened(command, read)
            inputs = tuple(Input(e.stream, e.version, e.leaf) for e in read.evidence())
            return replace(facts, candidates=candidates, reopened=reopened, inputs=inputs)
        case ProposeSelection():
            return replace(
                facts,
                reopened=_reopened(command, read),
                outdated=_outdated(command, call, rubric, read),
                amounts=_amounts(command, call, read),
            )
        case ApproveSelection():
            return replace(
                facts,
                reopened=_reopened(command, read),
                outdated=_outdated(command, call, rubric, read),
                evaluators=_evaluators(command, read),
            )
        case PromoteReserve():
            return replace(facts, amounts=_amounts(command, call, read))
        case _:
            return facts


def _appointed(
    call_id: str, evaluators: tuple[EvaluatorId, ...], read: Reader
) -> frozenset[EvaluatorId]:
    streams = {e: evaluation_events.evaluator_stream(e) for e in evaluators}
    found = read.each(standing.DECIDER, streams.values())
    return frozenset(e for e, stream in streams.items() if call_id in found[stream].appointed)


def _candidates(
    command: SelectionCommand, call: Call, rubric: Rubric, read: Reader
) -> tuple[Candidate, ...]:
    """Read what counts: evaluations that were submitted, by evaluators who are not barred."""
    found = taking_part(command.call_id, call, command.stage, read)
    prefix = evaluation_events.evaluations_of_stage(command.call_id, command.stage)
    counted: list[tuple[ApplicationId, Sheet]] = []
    for name, evaluation in read.every(evaluations.DECIDER, prefix).items():
        if evaluation.counts and evaluation.marks is not None:
            city_id, evaluator = name.removeprefix(prefix).split(":")
            application = application_events.application_id(command.call_id, city_id)
            counted.append((application, Sheet(EvaluatorId(ActorId(evaluator)), evaluation.marks)))
    who = {s.evaluator: evaluation_events.evaluator_stream(s.evaluator) for _, s in counted}
    standings = read.each(standing.DECIDER, who.values())
    sheets: defaultdict[ApplicationId, list[Sheet]] = defaultdict(list)
    for application, sheet in counted:
        if not standings[who[sheet.evaluator]].barred(application):
            sheets[application].append(sheet)
    their = _cities(rubric, found, read)
    return tuple(
        Candidate(
            name,
            found[name].city or CityFacts(their[name].country),
            tuple(sheets[name]),
            Figures(their[name].figures, found[name].figures),
        )
        for name in sorted(found)
    )


def _cities(
    rubric: Rubric, found: Mapping[ApplicationId, Application], read: Reader
) -> Mapping[ApplicationId, City]:
    """Read the cities whose figures the rubric looks at, or whose facts it needs.

    Where an application does not say what was known of its city, its country does: that never
    changes, and older rubrics made their groups of countries.
    """
    streams = {
        name: city_events.stream(application.city_id)
        for name, application in found.items()
        if rubric.looks_at_cities or (rubric.variants and application.city is None)
    }
    states = read.each(cities.DECIDER, streams.values())
    unread = cities.DECIDER.initial
    return {name: states[streams[name]] if name in streams else unread for name in found}


def _outdated(
    command: ProposeSelection | ApproveSelection, call: Call, rubric: Rubric, read: Reader
) -> tuple[ApplicationId, ...]:
    """Name the applications that would be scored otherwise, were the stage ranked now."""
    ranking = read.one(rules.DECIDER, _stream(command)).ranking
    if ranking is None:
        return ()
    then = {line.scored.application: line.scored for line in ranking.lines}
    now = {c.application: score(rubric, c) for c in _candidates(command, call, rubric, read)}
    return tuple(a for a in sorted(then.keys() | now.keys()) if then.get(a) != now.get(a))


def _budget(call: Call, stage: StageId) -> int | None:
    """Return what a stage's selection may cost: only the last stage spends the budget."""
    if call.announced is None or call.announced.stages[-1].id != stage:
        return None
    return call.announced.budget_krw


def _amounts(
    command: ProposeSelection | PromoteReserve, call: Call, read: Reader
) -> tuple[tuple[ApplicationId, int | None], ...]:
    found = taking_part(command.call_id, call, command.stage, read)
    return tuple((a, application.amount_krw) for a, application in found.items())


def _reopened(command: SelectionCommand, read: Reader) -> tuple[str, ...]:
    """Name the evaluations of a stage that count and may still be revised."""
    prefix = evaluation_events.evaluations_of_stage(command.call_id, command.stage)
    found = read.every(evaluations.DECIDER, prefix)
    return tuple(name for name, e in found.items() if e.reopened and e.counts)


def _evaluators(command: ApproveSelection, read: Reader) -> frozenset[EvaluatorId]:
    prefix = evaluation_events.evaluations_of_stage(command.call_id, command.stage)
    found = read.every(evaluations.DECIDER, prefix)
    panel = read.one(rules.DECIDER, _stream(command)).panel
    scored = {EvaluatorId(ActorId(name.rpartition(":")[2])) for name, e in found.items() if e.marks}
    return frozenset(scored | set(panel))


HANDLER: Handler[SelectionCommand, Selection, SelectionEvent, Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
