"""Whether a stage has its panel, and every application enough evaluations."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable

from core.errors import require
from core.ranking import Candidate
from core.rubric import Rubric
from core.selection.commands import ConfirmQuorum, ConvenePanel
from core.selection.events import ApplicationQuorum, PanelConvened, QuorumConfirmed
from core.vocabulary import EvaluatorId, filled


def convened(
    command: ConvenePanel,
    panel: Collection[EvaluatorId],
    rubric: Rubric,
    appointed: Container[EvaluatorId],
) -> PanelConvened:
    """Return the panel of a stage, or refuse it."""
    require(
        not panel,
        "panel-convened",
        "a panel is convened once",
        field="stage",
        value=command.stage,
    )
    require(
        len(set(command.evaluators)) >= rubric.quorum,
        "panel-too-small",
        f"the rubric needs {rubric.quorum} evaluators or more",
        field="evaluators",
        value=len(set(command.evaluators)),
    )
    for i, evaluator in enumerate(command.evaluators):
        require(
            evaluator in appointed,
            "not-appointed",
            "the evaluator was not appointed to this call",
            field=f"evaluators.{i}",
            value=evaluator,
        )
    filled(command.chair, "chair")
    return PanelConvened(command.call_id, command.stage, command.evaluators, command.chair)


def confirmed(
    command: ConfirmQuorum,
    panel: Collection[EvaluatorId],
    rubric: Rubric,
    candidates: Iterable[Candidate],
) -> QuorumConfirmed:
    """Return how many evaluations count for each application, or refuse where they are few."""
    require(
        panel,
        "panel-not-convened",
        "a stage's panel is convened before its quorum is counted",
        field="stage",
        value=command.stage,
    )
    counted = tuple(ApplicationQuorum(c.application, len(c.sheets)) for c in candidates)
    require(
        counted,
        "no-applications",
        "the stage has no application",
        field="stage",
        value=command.stage,
    )
    short = [c for c in counted if c.evaluations < rubric.quorum]
    require(
        not short,
        "quorum-missing",
        f"each application needs {rubric.quorum} evaluations that count, after recusals",
        field="stage",
        value=", ".join(f"{c.application_id} has {c.evaluations}" for c in short[:10]),
    )
    return QuorumConfirmed(command.call_id, command.stage, rubric.quorum, counted)
