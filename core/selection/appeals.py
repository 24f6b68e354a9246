"""An appeal is filed in time, heard by people who had no part, and answered once.

A stream of its own beside the selection, because appeals of one stage go their own ways.
What it leads to stays with others: a re-evaluation annuls scores, after which the stage is
revoked, ranked and decided anew by the rules that hold for every selection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.decider import Act, Decider, in_own_name
from core.errors import require
from core.selection.commands import (
    AdmitAppeal,
    AppealCommand,
    DecideAppeal,
    FileAppeal,
    OrderReEvaluation,
)
from core.selection.events import (
    AppealAdmitted,
    AppealDecided,
    AppealEvent,
    AppealFiled,
    ReEvaluationOrdered,
    Verdict,
)
from core.vocabulary import ActorId, EvaluatorId, Instant, digest, filled


@dataclass(frozen=True, slots=True)
class Appeal:
    """What an appeal's facts amount to."""

    filed: bool = False
    admitted: bool = False
    verdict: Verdict | None = None
    annulled: tuple[EvaluatorId, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether it was filed and has no answer yet."""
        return self.filed and self.verdict is None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an appeal's rules read elsewhere.

    `until` is None where cities were not told, or told that they may not appeal;
    `decided` says that the stage's selection gave the application an outcome; `scorers`
    scored in the stage or sit on its panel, `deciders` proposed or approved its
    selection; `counting` are the evaluators whose scores for the application count.
    """

    until: Instant | None = None
    decided: bool = False
    ended: bool = False
    scorers: frozenset[ActorId] = frozenset()
    deciders: frozenset[ActorId] = frozenset()
    counting: frozenset[EvaluatorId] = frozenset()


def decide(command: AppealCommand, act: Act, state: Appeal, facts: Facts) -> Sequence[AppealEvent]:
    """Take an appeal from its filing to its answer, and to a re-evaluation."""
    require(
        not facts.ended,
        "call-ended",
        "a call that was concluded or cancelled does not change",
        field="application_id",
        value=command.application_id,
    )
    if isinstance(command, FileAppeal):
        return [_file(command, act, state, facts)]
    require(
        state.filed,
        "no-appeal",
        "no appeal was filed for this application in this stage",
        field="application_id",
        value=command.application_id,
    )
    in_own_name(act)
    _apart(act.actor, "actor", facts)
    match command:
        case AdmitAppeal():
            _unanswered(command, state)
            require(
                not state.admitted,
                "already-admitted",
                "an appeal is admitted once",
                field="application_id",
                value=command.application_id,
            )
            return [AppealAdmitted(command.application_id, command.stage, act.actor)]
        case DecideAppeal():
            return [_answer(command, state, facts)]
        case OrderReEvaluation():
            return [_order(command, act, state, facts)]
        case _:
            assert_never(command)


def _file(command: FileAppeal, act: Act, state: Appeal, facts: Facts) -> AppealFiled:
    require(
        facts.decided,
        "not-decided",
        "the stage has no outcome for this application that could be appealed",
        field="application_id",
        value=command.application_id,
    )
    require(
        facts.until is not None and act.at < facts.until,
        "appeal-late",
        f"appeals are taken until {facts.until}" if facts.until else "no appeals are taken",
        field="occurred_at",
        value=act.at,
    )
    require(
        not state.filed,
        "already-appealed",
        "an outcome is appealed once",
        field="application_id",
        value=command.application_id,
    )
    documents = tuple(digest(d, f"documents.{i}") for i, d in enumerate(command.documents))
    return AppealFiled(
        command.application_id, command.stage, filled(command.grounds, "grounds"), documents
    )


def _answer(command: DecideAppeal, state: Appeal, facts: Facts) -> AppealDecided:
    _unanswered(command, state)
    require(
        state.admitted or command.verdict in {Verdict.INADMISSIBLE, Verdict.WITHDRAWN},
        "not-admitted",
        "an appeal is admitted before it is heard",
        field="verdict",
        value=command.verdict,
    )
    require(
        not (state.admitted and command.verdict is Verdict.INADMISSIBLE),
        "already-admitted",
        "an appeal that was admitted is upheld, rejected or withdrawn",
        field="verdict",
        value=command.verdict,
    )
    require(
        command.heard_by,
        "nobody-heard",
        "an answer names who heard the appeal",
        field="heard_by",
    )
    for i, person in enumerate(command.heard_by):
        _apart(person, f"heard_by.{i}", facts)
    return AppealDecided(
        command.application_id,
        command.stage,
        command.verdict,
        command.heard_by,
        filled(command.reason, "reason"),
    )


def _order(
    command: OrderReEvaluation, act: Act, state: Appeal, facts: Facts
) -> ReEvaluationOrdered:
    require(
        state.verdict is Verdict.UPHELD,
        "not-upheld",
        "a re-evaluation follows from an appeal that was upheld",
        field="application_id",
        value=command.application_id,
    )
    require(
        not state.annulled,
        "already-ordered",
        "a re-evaluation is ordered once",
        field="application_id",
        value=command.application_id,
    )
    require(
        command.annulled,
        "nothing-annulled",
        "a re-evaluation names the evaluators whose scores are annulled",
        field="annulled",
    )
    for i, evaluator in enumerate(command.annulled):
        require(
            evaluator in facts.counting,
            "not-evaluated",
            "only scores that count for the application can be annulled",
            field=f"annulled.{i}",
            value=evaluator,
        )
    return ReEvaluationOrdered(
        command.application_id,
        command.stage,
        command.annulled,
        act.actor,
        filled(command.reason, "reason"),
    )


def _unanswered(command: AppealCommand, state: Appeal) -> None:
    require(
        state.verdict is None,
        "appeal-answered",
        "an appeal is answered once",
        field="application_id",
        value=command.application_id,
    )


def _apart(person: ActorId, field: str, facts: Facts) -> None:
    """Refuse whoever had a part in what is appealed."""
    require(
        person not in facts.scorers,
        "heard-by-scorer",
        "whoever scored in a stage has no part in its appeals",
        field=field,
        value=person,
    )
    require(
        person not in facts.deciders,
        "heard-by-decider",
        "whoever proposed or approved a selection has no part in its appeals",
        field=field,
        value=person,
    )


def evolve(state: Appeal, event: AppealEvent) -> Appeal:
    """Fold one fact."""
    match event:
        case AppealFiled():
            return replace(state, filed=True)
        case AppealAdmitted():
            return replace(state, admitted=True)
        case AppealDecided(verdict=verdict):
            return replace(state, verdict=verdict)
        case ReEvaluationOrdered(annulled=annulled):
            return replace(state, annulled=annulled)
        case _:
            assert_never(event)


DECIDER: Decider[AppealCommand, Appeal, AppealEvent, Facts] = Decider(Appeal(), decide, evolve)
