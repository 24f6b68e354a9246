"""Questions to the dossiers: what a decision rested on, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection, sql

from core.applications import events as applications
from core.calls import events as calls
from core.cities import events as cities
from core.evaluations import events as evaluations
from core.frameworks import events as frameworks
from core.ledger.flush import after_prefix
from core.selection import events as selection
from core.selection.events import PanelConvened
from projections.decision_dossier.arranging import arranged
from projections.decision_dossier.chain import Chain, chain_of, event_of, position_of, stages_of
from projections.decision_dossier.dossier import Asked, Dossier
from projections.decision_dossier.fold import VIEW, FactRow
from projections.tables import rows_at


def decision_dossier(connection: Connection[Any], as_of: int, asked: Asked) -> Dossier | None:
    """Return what a decision rested on, as it was when it was made.

    `as_of` decides which approvals are known, and what is known of their aftermath. None
    where no such approval is.
    """
    log = _Facts(connection, as_of)
    own = log.of([selection.stream(asked.call_id, asked.stage)])
    chain = chain_of(own, asked.approved_at)
    if chain is None:
        return None
    then = _Facts(connection, chain.approval.position)
    facts = _rested_on(then, asked, chain)
    appeals = log.under([selection.appeals_of_call(asked.call_id)])
    return _with_aftermath(asked, chain, facts, (*own, *appeals))


def dossier_from(rows: Iterable[FactRow], asked: Asked) -> Dossier | None:
    """Return a decision's dossier from the view's rows; None where there is no such approval."""
    facts = tuple(rows)
    own_stream = selection.stream(asked.call_id, asked.stage)
    chain = chain_of((fact for fact in facts if fact.stream == own_stream), asked.approved_at)
    return _with_aftermath(asked, chain, facts, facts) if chain else None


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts of the view as of a position, by streams."""

    connection: Connection[Any]
    as_of: int

    def of(self, streams: Iterable[str]) -> list[FactRow]:
        """Return the facts of streams."""
        where = sql.SQL(
            "key in (select f.key from unnest(%s::text[]) s(stream) cross join lateral "
            "(select d.key from views.decision_dossier d "
            "where d.key >= s.stream || '@' and d.key < s.stream || 'A') f)"
        )
        return self._rows(where, [sorted(streams)])

    def under(self, prefixes: Sequence[str]) -> list[FactRow]:
        """Return the facts of every stream under one of some prefixes."""
        where = sql.SQL(" or ").join([sql.SQL("(key >= %s and key < %s)")] * len(prefixes))
        return self._rows(where, [b for p in prefixes for b in (p, after_prefix(p))])

    def _rows(self, where: sql.Composable, given: Sequence[Any]) -> list[FactRow]:
        return [row for _, _, row in rows_at(self.connection, VIEW, self.as_of, where, given)]


def _rested_on(then: _Facts, asked: Asked, chain: Chain) -> list[FactRow]:
    """Read what the dossier is made of, and no other call's."""
    call = then.of([calls.stream(asked.call_id)])
    before, framework = stages_of(call, asked.stage)
    of_stage = evaluations.evaluations_of_stage(asked.call_id, asked.stage)
    applied = applications.streams_of_call(asked.call_id)
    appealed = selection.appeals_of_call(asked.call_id)
    if asked.application_id is None:
        prefixes = [applied, of_stage, appealed]
    else:
        city = asked.application_id.partition(":")[2]
        prefixes = [f"{applied}{city}@", f"{of_stage}{city}:", f"{appealed}{city}:"]
    facts = then.under(prefixes)
    panel = event_of(chain.panel, PanelConvened)
    evaluators = {str(e) for e in (panel.evaluators if panel else ())}
    evaluators |= {f.stream.rpartition(":")[2] for f in facts if f.stream.startswith(of_stage)}
    of = {f.stream.removeprefix(applied) for f in facts if f.stream.startswith(applied)}
    named = [
        *(selection.stream(asked.call_id, stage) for stage in (*before, asked.stage)),
        *([frameworks.stream(framework.framework_id)] if framework else []),
        *map(evaluations.evaluator_stream, evaluators),
        *map(cities.stream, of),
    ]
    return [*call, *facts, *then.of(named)]


def _with_aftermath(
    asked: Asked, chain: Chain, facts: Iterable[FactRow], known: Iterable[FactRow]
) -> Dossier | None:
    dossier = arranged(facts, asked, chain)
    if asked.application_id and not dossier.applications:
        return None
    own = selection.stream(asked.call_id, asked.stage)
    later = (
        fact
        for fact in known
        if fact.position > chain.approval.position and (fact.stream == own or _appeal(fact, asked))
    )
    return replace(dossier, afterwards=tuple(sorted(later, key=position_of)))


def _appeal(fact: FactRow, asked: Asked) -> bool:
    """Whether a fact is of an appeal against the stage's outcome, of the application if asked."""
    if not fact.stream.startswith(selection.appeals_of_call(asked.call_id)):
        return False
    application: str = fact.data["application_id"]
    return fact.stream == selection.appeal_stream(application, asked.stage) and (
        asked.application_id in {None, application}
    )
