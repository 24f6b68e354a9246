"""Who may evaluate: appointments, declared interests, waivers and recusals.

A stream of its own beside the evaluations, because an interest is declared once for
many applications.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.decider import Act, Decider, in_own_name
from core.errors import require
from core.evaluations.commands import (
    AppointEvaluator,
    DeclareConflict,
    EvaluatorCommand,
    RecuseEvaluator,
    WaiveConflict,
)
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    ConflictWaived,
    EvaluatorAppointed,
    EvaluatorEvent,
    EvaluatorRecused,
)
from core.evaluations.own_name import own_only, own_statement
from core.vocabulary import ApplicationId, CallId, composite, filled, slug


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What an evaluator's facts amount to."""

    appointed: frozenset[CallId] = frozenset()
    declared: frozenset[CallId] = frozenset()
    conflicted_calls: frozenset[CallId] = frozenset()
    conflicted: frozenset[ApplicationId] = frozenset()
    waived: frozenset[ApplicationId] = frozenset()
    recused: frozenset[ApplicationId] = frozenset()

    def barred(self, application_id: ApplicationId) -> str:
        """Say why this evaluator may not score an application; empty where they may."""
        if application_id in self.recused:
            return "recused"
        call_id = application_id.partition(":")[0]
        interested = application_id in self.conflicted or call_id in self.conflicted_calls
        return "conflicted" if interested and application_id not in self.waived else ""


def decide(
    command: EvaluatorCommand,
    act: Act,
    state: Evaluator,
    facts: bool,  # noqa: FBT001
) -> Sequence[EvaluatorEvent]:
    """Appoint, declare, waive and recuse; `facts` says whether the call is known."""
    own_only(act, command.evaluator_id)
    match command:
        case AppointEvaluator(evaluator_id=evaluator_id, call_id=call_id, expertise=expertise):
            slug(evaluator_id, "evaluator_id")
            require(
                facts,
                "unknown-call",
                "the call has not been announced",
                field="call_id",
                value=call_id,
            )
            require(
                call_id not in state.appointed,
                "already-appointed",
                "an evaluator is appointed once to a call",
                field="call_id",
                value=call_id,
            )
            return [EvaluatorAppointed(evaluator_id, call_id, expertise)]
        case DeclareConflict(
            evaluator_id=evaluator_id, call_id=call_id, kind=kind, application_id=application_id
        ):
            own_statement(act, evaluator_id, command.reason)
            require(
                call_id in state.appointed,
                "not-appointed",
                "the evaluator was not appointed to this call",
                field="call_id",
                value=call_id,
            )
            if application_id is not None:
                call_of, _ = composite(application_id, 2, "application_id")
                require(
                    call_of == call_id,
                    "other-call",
                    "the application belongs to another call",
                    field="application_id",
                    value=application_id,
                )
            return [ConflictDeclared(evaluator_id, call_id, kind, application_id)]
        case WaiveConflict(evaluator_id=evaluator_id, application_id=application_id, reason=reason):
            in_own_name(act)
            require(
                state.barred(application_id) == "conflicted",
                "no-conflict",
                "only a declared interest can be waived",
                field="application_id",
                value=application_id,
            )
            require(
                act.actor != evaluator_id,
                "same-person",
                "an interest is waived by another person",
                field="actor",
                value=act.actor,
            )
            return [
                ConflictWaived(evaluator_id, application_id, act.actor, filled(reason, "reason"))
            ]
        case RecuseEvaluator(
            evaluator_id=evaluator_id, application_id=application_id, reason=reason
        ):
            call_of, _ = composite(application_id, 2, "application_id")
            require(
                call_of in state.appointed,
                "not-appointed",
                "the evaluator was not appointed to this call",
                field="evaluator_id",
                value=evaluator_id,
            )
            require(
                application_id not in state.recused,
                "recused",
                "the evaluator is recused from this application already",
                field="application_id",
                value=application_id,
            )
            return [EvaluatorRecused(evaluator_id, application_id, filled(reason, "reason"))]
        case _:
            assert_never(command)


def evolve(state: Evaluator, event: EvaluatorEvent) -> Evaluator:
    """Fold one fact."""
    match event:
        case EvaluatorAppointed(call_id=call_id):
            return replace(state, appointed=state.appointed | {call_id})
        case ConflictDeclared(call_id=call_id, kind=kind, application_id=application_id):
            state = replace(state, declared=state.declared | {call_id})
            if kind is ConflictKind.NONE:
                return state
            # A waiver is for the interests that were known when it was given.
            if application_id is None:
                kept = frozenset(a for a in state.waived if a.partition(":")[0] != call_id)
                calls = state.conflicted_calls | {call_id}
                return replace(state, conflicted_calls=calls, waived=kept)
            kept = state.waived - {application_id}
            return replace(state, conflicted=state.conflicted | {application_id}, waived=kept)
        case ConflictWaived(application_id=application_id):
            return replace(state, waived=state.waived | {application_id})
        case EvaluatorRecused(application_id=application_id):
            return replace(state, recused=state.recused | {application_id})
        case _:
            assert_never(event)


DECIDER: Decider[EvaluatorCommand, Evaluator, EvaluatorEvent, bool] = Decider(
    Evaluator(), decide, evolve
)
