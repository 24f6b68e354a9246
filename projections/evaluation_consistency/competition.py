"""Who competes in a stage with which marks, as it was in the world at one moment.

Which sheets count, and who takes part, is the ranking view's to say, as of the same position;
what the marks were is this view's, which remembers each of them with its date. Marks that are
computed from figures are as of now, whatever the moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError
from core.ranking import Candidate, Mark, Ranked, Scored, Sheet, order, score
from core.rubric import Rubric
from core.vocabulary import ActorId, CriterionId, EvaluatorId, Instant
from projections.evaluation_consistency.rows import EvaluationRow
from projections.ranking.queries import Contest


@dataclass(frozen=True, slots=True)
class Competition:
    """A stage's candidates, scored and in order; `slots` is how many go through.

    Applications whose marks cannot be totalled are left out.
    """

    rubric: Rubric
    slots: int
    candidates: tuple[Candidate, ...]
    scored: tuple[Scored, ...]
    lines: tuple[Ranked, ...]


def competition(
    contest: Contest, evaluations: Sequence[EvaluationRow], at: Instant | None
) -> Competition:
    """Return the competition as it was in the world `at` an instant, or is now."""
    sheets: defaultdict[str, list[Sheet]] = defaultdict(list)
    for evaluation in evaluations:
        if given := evaluation.marks_at(at):
            marks = tuple(Mark(CriterionId(c), value) for c, value in given.items())
            evaluator = EvaluatorId(ActorId(evaluation.evaluator))
            sheets[evaluation.application_id].append(Sheet(evaluator, marks))
    candidates: list[Candidate] = []
    scored: list[Scored] = []
    for row in contest.rows:
        if row.outside:
            continue
        # What ended has no marks any more; who is barred is known as of now only.
        counting = {s.evaluator for s in row.sheets if not s.barred}
        found = tuple(s for s in sheets[row.application_id] if s.evaluator in counting)
        candidate = Candidate(row.application_id, row.city, found, row.figures)
        try:
            scored.append(score(contest.rubric, candidate))
        except DomainError:  # history may hold what the commands would have refused
            continue
        candidates.append(candidate)
    lines = order(contest.rubric, scored)
    return Competition(contest.rubric, contest.slots, tuple(candidates), tuple(scored), lines)
