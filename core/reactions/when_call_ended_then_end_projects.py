"""Projects that were opened early do not outlive a call that ends without their application.

While a call goes on, a revoked selection ends nothing: the stage is proposed anew, often with
the same applications, and a project that is not carried meanwhile cannot be planned or signed.
What the selection holds when the call ends is final.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.calls.events import CallCancelled, CallConcluded
from core.handlers.reading import Reader
from core.handlers.stages import confirmed
from core.monitoring.commands import IssueRecommendation
from core.projects.commands import CancelProject
from core.projects.events import project_id
from core.reactions.reaction import Reaction
from core.reactions.uncarried import ended, of_call
from core.vocabulary import Instant


def _concluded(
    fact: CallConcluded, at: Instant, read: Reader
) -> Iterator[CancelProject | IssueRecommendation]:
    chosen = confirmed(fact.call_id, read)
    for application_id, project in of_call(fact.call_id, read).items():
        if application_id not in chosen:
            why = "The call was concluded without a selection of this application"
            yield from ended(project_id(application_id), project, why, at, read)


def _cancelled(
    fact: CallCancelled, at: Instant, read: Reader
) -> Iterator[CancelProject | IssueRecommendation]:
    for application_id, project in of_call(fact.call_id, read).items():
        why = f"The call was cancelled ({fact.reason})"
        yield from ended(project_id(application_id), project, why, at, read)


REACTIONS = (
    Reaction("end-unselected-projects", CallConcluded, _concluded),
    Reaction("end-projects-of-cancelled-call", CallCancelled, _cancelled),
)
