"""Scores that an appeal annulled stop counting, whoever forgets to say so."""

from __future__ import annotations

from collections.abc import Iterator

from core.evaluations import rules as evaluations
from core.evaluations.commands import InvalidateEvaluation
from core.evaluations.events import evaluation_stream
from core.handlers.reading import Reader
from core.reactions.reaction import Reaction
from core.selection.events import ReEvaluationOrdered
from core.vocabulary import Instant


def _then(fact: ReEvaluationOrdered, at: Instant, read: Reader) -> Iterator[InvalidateEvaluation]:
    del at
    streams = {
        evaluator: evaluation_stream(fact.application_id, evaluator, fact.stage)
        for evaluator in fact.annulled
    }
    found = read.each(evaluations.DECIDER, streams.values())
    for evaluator, stream in streams.items():
        if found[stream].counts:
            reason = f"Annulled after an appeal: {fact.reason}"
            yield InvalidateEvaluation(fact.application_id, evaluator, fact.stage, reason)


REACTION = Reaction("invalidate-annulled-scores", ReEvaluationOrdered, _then)
