"""Rule 5: late revisions without which the result were another, and revisions that all go one way.

Both are looked at when a stage is ranked, since only then does anything rest on them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import DomainError
from core.ledger.records import Recorded
from core.ranking import Key, Scored, Sheet, Standing, key, score, with_mark
from core.selection.events import RankingComputed
from core.vocabulary import ApplicationId, CriterionId
from projections.audit_findings.past import Audit, found
from projections.audit_findings.rows import Change
from projections.audit_findings.stages import Held, Stage, candidate_of

_UNLIKELY = 0.01
"""How likely a run of one direction may be by chance before it is a finding."""


@dataclass(frozen=True, slots=True)
class _Revision:
    """A revision that moved a mark up or down."""

    held: Held
    change: Change
    up: bool


def pivotal(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find late revisions each of which, taken back alone, moves a floor or the funding line."""
    stated = {line.scored.application: line.scored for line in event.lines}
    order = sorted(key(stage.rubric, s) for s in stated.values() if s.standing is Standing.RANKED)
    for held, change in _late(stage, stated):
        now = stated[held.application_id]
        without = _without(rows, stage, now, held, change)
        crossed = _crossed(stage, order, now, without) if without else ""
        if crossed:
            found(
                rows,
                "revised-late-pivotal",
                event.call_id,
                f"{held.application_id}:{held.evaluator_id}:{event.stage}:{change.position}",
                (held.row.submitted, change.position, record.position),
                application=held.application_id,
                evaluator=held.evaluator_id,
                stage=event.stage,
                criterion=change.criterion,
                before="N/A" if change.before is None else change.before,
                after="N/A" if change.after is None else change.after,
                crossed=crossed,
            )


def _late(stage: Stage, stated: Mapping[ApplicationId, Scored]) -> Iterator[tuple[Held, Change]]:
    """Yield late revisions that a ranking counts, where they still say what a mark is."""
    for held in _revised(stage):
        now = stated.get(held.application_id)
        if now is not None and held.evaluator_id in {sheet.evaluator for sheet in now.sheets}:
            last = {change.criterion: change for change in held.row.changes}
            yield from ((held, change) for change in last.values() if change.late)


def _without(rows: Audit, stage: Stage, now: Scored, held: Held, change: Change) -> Scored | None:
    """Score an application again without a change; None where that has no total."""
    own = stage.sheets[held.application_id]
    sheets = [
        Sheet(sheet.evaluator, stage.marks(own[sheet.evaluator]))
        for sheet in now.sheets
        if sheet.evaluator in own
    ]
    taken_back = [
        replace(s, marks=with_mark(s.marks, CriterionId(change.criterion), change.before))
        if s.evaluator == held.evaluator_id
        else s
        for s in sheets
    ]
    try:
        return score(stage.rubric, candidate_of(rows, now.application, taken_back))
    except (DomainError, ArithmeticError):  # the mark before was one that has no total
        return None


def _crossed(stage: Stage, order: Sequence[Key], now: Scored, without: Scored) -> str:
    """Name the floors, and the line, that lie between what is and what would be.

    `order` are the keys of all ranked applications, `now` among them.
    """

    def through(it: Scored) -> bool:
        if it.standing is not Standing.RANKED:
            return False
        own = key(stage.rubric, it)
        before = now.standing is Standing.RANKED and key(stage.rubric, now) < own
        return bisect_left(order, own) - before < stage.row.slots

    floors = sorted(set(now.floors_missed) ^ set(without.floors_missed))
    line = ["line"] if through(now) != through(without) else []
    return ", ".join((*floors, *line))


def one_directional(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find evaluators and cities whose revisions in a stage all go one way, beyond chance.

    A sign test (Dixon and Mood 1946) against the way that all other revisions of the
    stage go, since there may be a good reason for all of them to rise, such as a
    clarification: with r others, of which s the same way, chance is ((s + 1) / (r + 2))^n
    for n revisions, which is Laplace's rule of succession; never less than one half. The
    limit is shared by all groups that are large enough to be told (Tarone 1990), so that
    chance makes a finding in one stage of a hundred, however many groups it has.
    """
    revisions = list(_directed(stage))
    ups = sum(revision.up for revision in revisions)
    groups: defaultdict[tuple[str, str], list[_Revision]] = defaultdict(list)
    for revision in revisions:
        groups["evaluator", revision.held.evaluator_id].append(revision)
        groups["city", revision.held.application_id].append(revision)
    large = {name: group for name, group in groups.items() if 0.5 ** len(group) < _UNLIKELY}
    for (of, name), group in large.items():
        up = group[0].up
        if any(revision.up != up for revision in group):
            continue
        rest = len(revisions) - len(group)
        same = (ups if up else len(revisions) - ups) - len(group)
        chance = max(0.5, (same + 1) / (rest + 2))
        if chance ** len(group) < _UNLIKELY / len(large):
            found(
                rows,
                "revised-one-way",
                event.call_id,
                f"{event.call_id}:{event.stage}:{of}:{name}",
                (*(revision.change.position for revision in group), record.position),
                stage=event.stage,
                of=of,
                name=name,
                revisions=len(group),
                way="up" if up else "down",
            )


def _directed(stage: Stage) -> Iterator[_Revision]:
    for held in _revised(stage):
        for change in held.row.changes:
            before, after = change.before, change.after
            if before is not None and after is not None and before != after:
                yield _Revision(held, change, after > before)


def _revised(stage: Stage) -> Iterator[Held]:
    return (held for held in stage.all_sheets() if held.row.changes)
