"""What was done, said or found once: each fact a row, as it was told."""

from __future__ import annotations

from core.ledger.records import Recorded
from core.monitoring.events import (
    EvaluationRated,
    FeedbackReceived,
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
)
from core.projects.events import (
    ConsultingDelivered,
    FollowUpLinked,
    PaymentMade,
    SiteSurveyed,
    TrainingDelivered,
)
from projections.project_status.rows import (
    BehindRow,
    ConsultingRow,
    FeedbackRow,
    FollowUpRow,
    MissedRow,
    PaymentRow,
    RatingRow,
    Row,
    SurveyRow,
    TrainingRow,
    UnobservedRow,
)

Deed = (
    SiteSurveyed
    | PaymentMade
    | TrainingDelivered
    | ConsultingDelivered
    | FollowUpLinked
    | EvaluationRated
    | FeedbackReceived
    | MilestoneMissed
    | IndicatorUnobserved
    | IndicatorBehind
)


def deed(  # noqa: C901, PLR0911  # one match over all facts is a table
    event: Deed, record: Recorded
) -> Row:
    """Return the row of a fact."""
    at = record.meta.occurred_at
    match event:
        case SiteSurveyed():
            return SurveyRow(event.project_id, event, at)
        case PaymentMade():
            return PaymentRow(event.project_id, event, at)
        case TrainingDelivered():
            return TrainingRow(event.project_id, event, at)
        case ConsultingDelivered():
            return ConsultingRow(event.project_id, event, at)
        case FollowUpLinked():
            return FollowUpRow(event.project_id, event, at)
        case EvaluationRated():
            return RatingRow(event.project_id, event, at)
        case FeedbackReceived():
            return FeedbackRow(event.project_id, event, at)
        case MilestoneMissed():
            return MissedRow(event.project_id, event, at)
        case IndicatorUnobserved():
            return UnobservedRow(event.project_id, event, at)
        case IndicatorBehind():
            return BehindRow(event.project_id, event, at)
