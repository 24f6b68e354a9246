"""Which rules look at which fact, and what is kept of it afterwards.

Every rule runs in the same pass as all other views. A table of functions by type of event
keeps the cost of all rules to that of the few that a fact concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.applications import events as applications
from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    EligibilityDetermined,
)
from core.calls.events import (
    CallAnnounced,
    CallClosed,
    DeadlineExtended,
    StageLocked,
    StageOpened,
)
from core.cities import events as cities
from core.cities.events import CityRegistered
from core.evaluations.events import (
    ConflictDeclared,
    ConflictWaived,
    EvaluationCertified,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorRecused,
    ScoreRevised,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.ledger.records import Recorded
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    IndicatorDefined,
    IndicatorRevised,
    ObservationRecorded,
    RecommendationAnswered,
    RecommendationIssued,
)
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    PaymentMade,
    ProjectStarted,
    TrainingDelivered,
)
from core.selection.events import (
    AppealAdmitted,
    AppealDecided,
    AppealFiled,
    OutcomesNotified,
    QuorumConfirmed,
    RankingComputed,
    ReEvaluationOrdered,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
)
from projections.audit_findings import keeping, keys
from projections.audit_findings.past import Audit, call_of, stage_row
from projections.audit_findings.rows import FindingRow, Row
from projections.audit_findings.rules import (
    appeals,
    decisions,
    evaluators,
    intake,
    likeness,
    monitoring,
    projects,
    rankings,
    revisions,
    rubrics,
    scoring,
)
from projections.audit_findings.stages import names_of, read
from projections.view import Rows, View

Look = Callable[[Recorded, Any, Audit], None]


def _ranked(record: Recorded, event: RankingComputed, rows: Audit) -> None:
    stage = read(rows, event.call_id, event.stage)
    if stage is None:
        return
    for look in (
        rankings.computed,
        revisions.pivotal,
        revisions.one_directional,
        likeness.alike,
        likeness.same_comments,
        likeness.outlying,
    ):
        look(record, event, rows, stage)


def _approved(record: Recorded, event: SelectionApproved, rows: Audit) -> None:
    names = names_of(rows, event.call_id, event.stage)
    evaluators.declared_before_approval(record, event, rows, names)
    evaluators.certified(record, event, rows, names)
    decisions.quorum_kept(record, event, rows, names)


def _submitted(record: Recorded, event: ScoresSubmitted, rows: Audit) -> None:
    stage = stage_row(rows, call_of(event.application_id), event.stage)
    evaluators.assigned(record, event, rows)
    evaluators.entitled(record, event, rows)
    intake.eligible(record, event, rows)
    if stage is not None:
        scoring.in_the_stage(record, event, rows, stage)
        scoring.by_the_rubric(record, event, rows, stage)
    keeping.scores(record, event, rows, stage)


LOOKS: Mapping[type, Sequence[Look]] = {
    FrameworkDrafted: (rubrics.unchanged, keeping.framework),
    FrameworkPublished: (rubrics.weights,),
    CallAnnounced: (rubrics.same_rubric, keeping.announcement),
    DeadlineExtended: (keeping.call,),
    CallClosed: (keeping.call,),
    StageOpened: (keeping.stage,),
    StageLocked: (intake.asked_alike, keeping.stage),
    CityRegistered: (keeping.city,),
    cities.IndicatorRecorded: (keeping.figure,),
    cities.IndicatorCorrected: (keeping.figure,),
    applications.IndicatorRecorded: (keeping.figure,),
    applications.IndicatorCorrected: (keeping.figure,),
    ApplicationSubmitted: (intake.in_time, keeping.application),
    ApplicationAmended: (intake.not_amended_late, keeping.application),
    ApplicationWithdrawn: (keeping.application,),
    EligibilityDetermined: (intake.by_the_list, keeping.application),
    ClarificationRequested: (intake.asked,),
    ClarificationAnswered: (intake.answered_before_scoring,),
    ConflictDeclared: (evaluators.declared_after_approval, keeping.evaluator),
    ConflictWaived: (keeping.evaluator,),
    EvaluatorRecused: (keeping.evaluator,),
    ScoresSubmitted: (_submitted,),
    ScoreRevised: (evaluators.assigned, scoring.revisable, keeping.revision),
    EvaluationLocked: (keeping.evaluation,),
    EvaluationReopened: (keeping.evaluation,),
    EvaluationCertified: (keeping.certificate,),
    EvaluationInvalidated: (keeping.evaluation,),
    EvaluatorAbstained: (keeping.evaluation,),
    QuorumConfirmed: (decisions.keep,),
    RankingComputed: (rankings.after_quorum, _ranked, decisions.keep),
    SelectionProposed: (decisions.in_rank_order, decisions.decided_by_others, decisions.keep),
    SelectionApproved: (_approved, decisions.decided_by_others, decisions.keep),
    OutcomesNotified: (decisions.told_after_approval, decisions.keep),
    ReservePromoted: (decisions.next_reserve, decisions.keep),
    SelectionRevoked: (decisions.keep,),
    AppealFiled: (appeals.filed_in_time,),
    AppealAdmitted: (appeals.heard_by_others,),
    AppealDecided: (appeals.heard_by_others,),
    ReEvaluationOrdered: (appeals.annul,),
    AgreementSigned: (projects.implemented_by_others, projects.sign),
    ProjectStarted: (projects.under_agreement,),
    PaymentMade: (projects.under_agreement,),
    TrainingDelivered: (projects.implemented_by_others,),
    ConsultingDelivered: (projects.implemented_by_others,),
    IndicatorDefined: (monitoring.defined_once,),
    IndicatorRevised: (monitoring.unmoved,),
    ObservationRecorded: (monitoring.in_its_time,),
    RecommendationIssued: (monitoring.issue,),
    RecommendationAnswered: (monitoring.answer,),
    ActionReturned: (monitoring.returned,),
    ActionCompleted: (monitoring.done_with_evidence,),
    ActionVerified: (monitoring.verified_after_done,),
}


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Let every rule that a fact concerns look at it, then keep what later ones will need."""
    looks = LOOKS.get(type(record.event))
    if looks is None:
        return
    if (clock := rows.get(keys.CLOCK)) is not None:
        monitoring.look_at_the_clock(record, rows, clock)
    for look in looks:
        look(record, record.event, rows)


VIEW: View[Row] = View(
    "audit_findings",
    1,
    Row,
    fold,
    {
        "rule": lambda row: f"{row.rule:02}" if isinstance(row, FindingRow) else None,
        "call_id": lambda row: row.call_id if isinstance(row, FindingRow) else None,
    },
)
