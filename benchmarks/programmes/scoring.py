"""A stage from its opening to its lock: who scores what, thinks again, and stands aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.programmes.applying import DAY, Round
from benchmarks.programmes.book import CHAIR, MANAGER, Book, Group
from benchmarks.programmes.world import grade
from core.calls.commands import LockStage, OpenStage
from core.evaluations import standing
from core.evaluations.commands import (
    AbstainFromEvaluation,
    ApproveReopening,
    AssignEvaluator,
    CertifyEvaluation,
    DeclareConflict,
    InvalidateEvaluation,
    LockEvaluation,
    RecuseEvaluator,
    RequestReopening,
    ReviseScore,
    SubmitScores,
    WaiveConflict,
)
from core.evaluations.events import ConflictKind, evaluator_stream
from core.handlers.table import Command
from core.ranking import Mark
from core.rubric import Rubric
from core.selection.commands import ConvenePanel
from core.vocabulary import ActorId, ApplicationId, EvaluatorId, Role, StageId

_SITTING = 500


@dataclass(frozen=True, slots=True)
class _Said:
    """A command, when in the stage's days it comes, and by whom."""

    after: float
    command: Command
    by: ActorId
    role: Role


@dataclass(frozen=True, slots=True)
class Scored:
    """A stage of a call as it is scored: by which rubric, from when, by how many each."""

    call: Round
    stage: StageId
    rubric: Rubric
    at: datetime
    seats: int


def scored(book: Book, setting: Scored, applications: Sequence[ApplicationId]) -> Iterator[Group]:
    """Open the stage, let every application be scored, and lock it."""
    call, stage, at = setting.call, setting.stage, setting.at
    book.do(OpenStage(call.call_id, stage), at, MANAGER, Role.MANAGER)
    book.do(ConvenePanel(call.call_id, stage, call.panel, CHAIR), at)
    yield book.record()
    said: list[_Said] = []
    for number, application in enumerate(applications):
        said += _evaluations(book, setting, application, number)
    said.sort(key=lambda one: one.after)
    for start in range(0, len(said), _SITTING):
        for one in said[start : start + _SITTING]:
            book.do(one.command, at + DAY * one.after, one.by, one.role)
        yield book.record()
    book.do(LockStage(call.call_id, stage), at + DAY * 41, MANAGER, Role.MANAGER)
    yield book.record()


def _evaluations(
    book: Book, setting: Scored, application: ApplicationId, number: int
) -> Iterator[_Said]:
    """Tell what happens to one application: at most one of its evaluations comes to nothing."""
    random = book.random
    worth, lost = random.random(), random.random()
    for seat, person in enumerate(_seated(book, setting, application, number)):
        key = (application, person, setting.stage)
        yield _Said(random.random(), AssignEvaluator(*key), ActorId("officer-1"), Role.OFFICER)
        if seat == 0 and lost < 0.08:  # noqa: PLR2004  # how often someone stands aside
            yield from _aside(setting, application, person, lost)
        else:
            yield from _evaluation(book, setting, application, person, worth)
            if seat == 0 and lost > 0.99:  # noqa: PLR2004  # how often scores turn out unsound
                void = InvalidateEvaluation(*key, "Copied from another sheet")
                yield _Said(39.5, void, MANAGER, Role.MANAGER)


def _seated(
    book: Book, setting: Scored, application: ApplicationId, number: int
) -> list[EvaluatorId]:
    """Choose in turn among the panel, and pass over who may not score."""
    panel = setting.call.panel
    first = number * setting.seats % len(panel)
    inturn = (*panel[first:], *panel[:first])
    streams = {evaluator_stream(person): person for person in inturn[: setting.seats + 3]}
    found = book.draft.each(standing.DECIDER, streams)
    free = [streams[name] for name, state in found.items() if not state.barred(application)]
    return free[: setting.seats]


def _aside(
    setting: Scored, application: ApplicationId, person: EvaluatorId, chance: float
) -> Iterator[_Said]:
    call_id = setting.call.call_id
    own = (person, Role.EVALUATOR)
    if chance < 0.04:  # noqa: PLR2004  # half of them say so themselves
        tie = DeclareConflict(person, call_id, ConflictKind.EMPLOYMENT, application)
        yield _Said(2 + chance, tie, *own)
        reason = "Worked for the city"
        if chance < 0.01:  # noqa: PLR2004  # some are let through
            waive = WaiveConflict(person, application, "Ten years ago")
            yield _Said(3 + chance, waive, MANAGER, Role.MANAGER)
        recuse = RecuseEvaluator(person, application, reason)
        yield _Said(4 + chance, recuse, MANAGER, Role.MANAGER)
    else:
        abstain = AbstainFromEvaluation(application, person, setting.stage, "Not my field")
        yield _Said(3 + chance, abstain, *own)


def _evaluation(
    book: Book, setting: Scored, application: ApplicationId, person: EvaluatorId, worth: float
) -> Iterator[_Said]:
    random, own = book.random, (person, Role.EVALUATOR)
    key = (application, person, setting.stage)
    severity = (int(person[3:]) % 7 - 3) / 4
    marks = [Mark(c.id, grade(random, worth, severity)) for c in setting.rubric.criteria]
    day = 5 + 25 * random.random()
    comment = "The plan is sound, the budget is not: the city expects more than it asks for."
    yield _Said(day, SubmitScores(*key, tuple(marks), comment), *own)
    chance = random.random()
    for _ in range(2 if chance < 0.08 else 1 if chance < 0.3 else 0):  # noqa: PLR2004  # how many
        day += 0.5
        at = random.randrange(len(marks))
        yield _Said(day, _revision(setting, key, marks, at), *own)
    if chance > 0.85:  # noqa: PLR2004  # some are done before the stage is
        day += 0.5
        yield _Said(day, LockEvaluation(*key), *own)
    if chance > 0.98:  # noqa: PLR2004  # and some of these are not
        why = RequestReopening(*key, "A page was missing")
        yield _Said(day + 0.1, why, *own)
        yield _Said(day + 0.2, ApproveReopening(*key), MANAGER, Role.MANAGER)
        yield _Said(day + 0.3, _revision(setting, key, marks, 0), *own)
        yield _Said(day + 0.4, LockEvaluation(*key), *own)
    if random.random() < 0.95:  # noqa: PLR2004  # a few forget
        yield _Said(38 + random.random(), CertifyEvaluation(*key), *own)


def _revision(
    setting: Scored,
    key: tuple[ApplicationId, EvaluatorId, StageId],
    marks: list[Mark],
    at: int,
) -> ReviseScore:
    """Move one mark by a step, away from the end of the scale."""
    scale, before = setting.rubric.criteria[at].scale, marks[at].value or 0
    after = before + scale.step if before < scale.best else before - scale.step
    marks[at] = Mark(marks[at].criterion, after)
    return ReviseScore(*key, marks[at].criterion, after, "After the discussion of the panel")
