"""Rules about rubrics: what everyone is scored by is sound, and stays what it was (1, 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from core.calls.events import CallAnnounced
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.ledger.records import Recorded
from core.rubric import HUNDRED, Points, Rubric
from projections.audit_findings import keys
from projections.audit_findings.keeping import scored_by
from projections.audit_findings.past import Audit, found, row_at, stage_row
from projections.audit_findings.rows import FrameworkRow


def unchanged(record: Recorded, event: FrameworkDrafted, rows: Audit) -> None:
    """Rule 1: a version of a rubric is written anew after somebody scored by it."""
    key = keys.framework(event.framework_id, event.version)
    before, scored = row_at(rows, key, FrameworkRow), scored_by(rows, key)
    if before is None or scored is None or before.rubric == event.rubric:
        return
    found(
        rows,
        "rubric-changed",
        "",
        f"{event.framework_id}:{event.version}",
        (before.drafted, scored.first_score, record.position),
        framework=event.framework_id,
        version=event.version,
        parts=", ".join(_changed(before.rubric, event.rubric)),
    )


def _changed(before: Rubric, after: Rubric) -> Iterator[str]:
    was, now = before.aggregation, after.aggregation
    parts = {
        "criteria": [(c.id, c.scale, c.floor, c.na_allowed, c.banding) for c in before.criteria]
        != [(c.id, c.scale, c.floor, c.na_allowed, c.banding) for c in after.criteria],
        "weights": ([(c.id, c.weight) for c in before.criteria], before.variants)
        != ([(c.id, c.weight) for c in after.criteria], after.variants),
        "trimming": (was.trim, was.trim_ties, was.trim_from)
        != (now.trim, now.trim_ties, now.trim_from),
        "rounding": was.roundings != now.roundings,
        "tie-breaks": before.tie_breaks != after.tie_breaks,
        "quorum": before.quorum != after.quorum,
    }
    named = [part for part, changed in parts.items() if changed]
    yield from named or ["other parts"]


def same_rubric(record: Recorded, event: CallAnnounced, rows: Audit) -> None:
    """Rule 1: a stage is given another rubric after somebody scored in it."""
    for stage in event.stages:
        known = stage_row(rows, event.call_id, stage.id)
        ref = keys.framework(stage.framework.framework_id, stage.framework.version)
        if known is None or known.first_score is None or known.framework == ref:
            continue
        found(
            rows,
            "rubric-exchanged",
            event.call_id,
            f"{event.call_id}:{stage.id}",
            (known.first_score, record.position),
            stage=stage.id,
            before=known.framework.removeprefix("framework:"),
            after=ref.removeprefix("framework:"),
        )


def weights(record: Recorded, event: FrameworkPublished, rows: Audit) -> None:
    """Rule 2: the weights of a published rubric, or of one of its variants, are not 100."""
    row = row_at(rows, keys.framework(event.framework_id, event.version), FrameworkRow)
    if row is None or row.rubric.aggregation.points is Points.SUM:  # there weights multiply
        return
    groups = {"all cities": [c.weight for c in row.rubric.criteria]}
    groups |= {v.id: [w.weight for w in v.weights] for v in row.rubric.variants}
    for group, given in groups.items():
        total = _sum(given)
        if total != HUNDRED:
            found(
                rows,
                "weights-not-100",
                "",
                f"{event.framework_id}:{event.version}:{group}",
                (row.drafted, record.position),
                framework=event.framework_id,
                version=event.version,
                group=group,
                total=total,
            )


def _sum(weights: Iterable[Decimal]) -> Decimal:
    """Add weights; what is no number adds up to none."""
    total = Decimal(0)
    for weight in weights:
        if not weight.is_finite():
            return Decimal("NaN")
        total += weight
    return total
