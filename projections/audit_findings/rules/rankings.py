"""Rules about a ranking: it follows from the marks on record by the published rubric.

Every line is scored again by the same function that ranks (3, 9, 10, 15, 17, 21).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from core.errors import DomainError
from core.ledger.records import Recorded
from core.ranking import ALGORITHM, Candidate, Ranked, Scored, Sheet, order, score
from core.rubric import Rubric
from core.selection.events import RankingComputed
from core.vocabulary import EvaluatorId
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    conflict,
    evaluator_row,
    found,
    recusal,
    selection_row,
)
from projections.audit_findings.rules.evaluators import conflicted_counts
from projections.audit_findings.stages import Held, Stage, candidate_of


def after_quorum(record: Recorded, event: RankingComputed, rows: Audit) -> None:
    """Rule 9: a stage is ranked, and its quorum was never confirmed."""
    if selection_row(rows, event.call_id, event.stage).quorum is None:
        about, at = f"{event.call_id}:{event.stage}@{record.position}", (record.position,)
        found(rows, "quorum-unconfirmed", event.call_id, about, at, stage=event.stage)


def computed(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Rules 3, 10, 15, 17 and 21: everything else that can be wrong with a ranking."""
    about = f"{event.call_id}:{event.stage}@{record.position}"
    ranked_by = keys.framework(event.framework.framework_id, event.framework.version)
    if ranked_by != stage.row.framework:
        found(
            rows,
            "ranked-by-another-rubric",
            event.call_id,
            about,
            (stage.row.first_score, record.position),
            stage=event.stage,
            used=ranked_by.removeprefix("framework:"),
            announced=stage.row.framework.removeprefix("framework:"),
        )
    elif event.algorithm == ALGORITHM:  # what another arithmetic gives, this one cannot say
        wrong = [line for line in event.lines if not _line(record, event, rows, stage, line)]
        if not wrong:
            _order(record, event, rows, stage)


def _line(
    record: Recorded, event: RankingComputed, rows: Audit, stage: Stage, line: Ranked
) -> bool:
    """Judge one application's line; return whether it follows from the marks on record."""
    application = line.scored.application
    held = stage.sheets.get(application, {})
    traced = {sheet.evaluator for sheet in line.scored.sheets}
    _included(record, event, rows, line, held)
    about = f"{application}:{event.stage}@{record.position}"
    proof = (*(h.row.submitted for h in held.values()), record.position)
    stray = sorted(e for e in traced if _stray(held.get(e)))
    left_out = sorted(e for e, h in held.items() if e not in traced and h.counts)
    if stray or left_out:
        found(
            rows,
            "ranking-of-other-scores",
            event.call_id,
            about,
            proof,
            application=application,
            stage=event.stage,
            evaluators=", ".join((*stray, *left_out)),
        )
        return False
    sheets = [Sheet(e, stage.marks(held[e])) for e in sorted(traced)]
    candidate = candidate_of(rows, application, sheets)
    expected = _scored(stage.rubric, candidate)
    if expected == line.scored:
        return True
    code = "missing-as-zero" if _zeroed(line.scored, candidate) else "total-differs"
    found(
        rows,
        code,
        event.call_id,
        about,
        proof,
        application=application,
        stage=event.stage,
        stored=_said(line.scored),
        recomputed=_said(expected),
    )
    return False


def _stray(held: Held | None) -> bool:
    """Whether a ranking counts a sheet that is not there, or ended before; not: was annulled."""
    return held is None or (held.row.ended is not None and held.row.annulled is None)


def _included(
    record: Recorded,
    event: RankingComputed,
    rows: Audit,
    line: Ranked,
    held: Mapping[EvaluatorId, Held],
) -> None:
    """Rules 7 and 21: whose sheets a line counts, and should not."""
    for sheet in line.scored.sheets:
        own = held.get(sheet.evaluator)
        if own is None or own.counts:
            continue
        if own.row.annulled is not None:
            found(
                rows,
                "annulled-counts",
                event.call_id,
                f"{own.application_id}:{own.evaluator_id}:{event.stage}@{record.position}",
                (own.row.submitted, own.row.annulled, record.position),
                application=own.application_id,
                evaluator=own.evaluator_id,
                stage=event.stage,
            )
        evaluator, submitted = evaluator_row(rows, sheet.evaluator), own.row.submitted or 0
        later = conflict(evaluator, own.application_id) or recusal(evaluator, own.application_id)
        if later is not None and later.position > submitted:
            conflicted_counts(rows, own, event.stage, later.position, record.position)


def _scored(rubric: Rubric, candidate: Candidate) -> Scored | None:
    """Score anew; None where the rubric gives no total, as for a mark that it does not allow."""
    try:
        return score(rubric, candidate)
    except (DomainError, ArithmeticError):
        return None


def _zeroed(stated: Scored, candidate: Candidate) -> bool:
    """Whether a ranking counted a mark as zero that was not given."""
    missing = {
        (s.evaluator, m.criterion) for s in candidate.sheets for m in s.marks if m.value is None
    }
    return any(
        (sheet.evaluator, w.criterion) in missing
        and w.weight
        and w.points is not None
        and not w.points
        for sheet in stated.sheets
        for w in sheet.weighted
    )


def _said(scored: Scored | None) -> str:
    if scored is None or scored.total is None:
        return "none"
    return str(scored.total)


def _order(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Rules 3 and 15: places follow from totals, and ties from the published order."""
    stated = {line.scored.application: line for line in event.lines}
    expected = {
        line.scored.application: line
        for line in order(stage.rubric, [line.scored for line in event.lines])
    }
    wrong = sorted(a for a, line in stated.items() if _place(line) != _place(expected[a]))
    if not wrong:
        return
    equals = Counter(line.scored.total for line in event.lines)
    by_ties = all(equals[stated[application].scored.total] > 1 for application in wrong)
    found(
        rows,
        "tie-broken-otherwise" if by_ties else "places-differ",
        event.call_id,
        f"{event.call_id}:{event.stage}@{record.position}",
        (stage.row.first_score, record.position),
        stage=event.stage,
        applications=", ".join(wrong),
        order=", ".join(stage.rubric.tie_breaks) or "none",
    )


def _place(line: Ranked) -> tuple[int | None, bool, str]:
    return line.rank, line.tied, line.decided_by
