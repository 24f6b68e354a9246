"""Who marks high and who marks low, compared with colleagues on the same applications.

An evaluator's mean says little where evaluators see different applications. The deviation from
the others on the same targets says more, but it still depends on who those others are, so the
report carries its own caution and must not be used to correct a mark.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from projections.evaluation_consistency.alpha import (
    EvaluatorId,
    Marks,
    ReliabilityData,
    TargetId,
    reliability_data,
)
from projections.evaluation_consistency.shrinkage import Leaning, Model, leanings


@dataclass(frozen=True, slots=True)
class Severity:
    """One evaluator against the others.

    ``deviation`` is in units of the mark: positive where the evaluator marks higher than the
    others, which is lenient on a scale where higher is better. It is the mean over ``n`` targets
    that someone else marked as well, and ``None`` with a ``reason`` where there is none.
    ``component`` numbers the connected part of the design, from 0, that the evaluator belongs to.
    ``leaning`` is the prediction with chance taken out, where the design allows one.
    """

    evaluator: str
    n: int
    deviation: float | None
    reason: str | None
    component: int
    leaning: Leaning | None = None


@dataclass(frozen=True, slots=True)
class SeverityReport:
    """Every evaluator in order of id, and whether they can be compared at all.

    ``connected`` says whether evaluators and targets form one graph; ``components`` counts its
    parts (0 where nobody marked anything). Deviations in different parts have no common yardstick.
    ``model`` says what the leanings rest on, or by its ``reason`` which precondition fails.
    ``advisory`` is always true and ``advice`` says why.
    """

    evaluators: tuple[Severity, ...]
    connected: bool
    components: int
    model: Model
    advisory: Literal[True]
    advice: str


def severities(marks: Marks[TargetId, EvaluatorId]) -> SeverityReport:
    """Mean of (own mark - mean of the others' marks) over the targets shared with others.

    These are raw means, not adjusted for the severity of those others; read ``n`` beside them.
    The leanings are adjusted, and shrunk by how little is known. Connectedness is that of the
    bipartite graph of evaluators and targets, as Linacre 1989, "Many-Facet Rasch Measurement",
    asks of a judging plan. Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    if not data.evaluators:
        return SeverityReport(
            evaluators=(),
            connected=False,
            components=0,
            model=Model("nobody has marked anything", None, None, 0),
            advisory=True,
            advice="Advisory: nobody has marked anything.",
        )
    components, labels = parts(data)
    sizes = data.marks_per_target
    shared = sizes[data.target_of] > 1
    own, target, evaluator = (
        data.values[shared],
        data.target_of[shared],
        data.evaluator_of[shared],
    )
    totals = np.bincount(target, weights=own, minlength=len(data.targets))
    deviations = own - (totals[target] - own) / (sizes[target] - 1)
    sums = np.bincount(evaluator, weights=deviations, minlength=len(data.evaluators))
    counts = np.bincount(evaluator, minlength=len(data.evaluators))
    model, found = leanings(data, components)
    rows = tuple(
        Severity(name, n, total / n, None, component, leaning)
        if n
        else Severity(name, 0, None, "no other evaluator marked the same targets", component)
        for name, n, total, component, leaning in zip(
            data.evaluators,
            counts.tolist(),
            sums.tolist(),
            labels,
            found or [None] * len(data.evaluators),
            strict=True,
        )
    )
    return SeverityReport(
        evaluators=rows,
        connected=components == 1,
        components=components,
        model=model,
        advisory=True,
        advice=_advice(components),
    )


def parts(data: ReliabilityData) -> tuple[int, list[int]]:
    """Return the number of connected parts of a design, and the part of each evaluator."""
    n_evaluators = len(data.evaluators)
    nodes = n_evaluators + len(data.targets)
    edges = (np.ones(data.values.size), (data.evaluator_of, n_evaluators + data.target_of))
    graph = coo_array(edges, shape=(nodes, nodes))
    components, labels = connected_components(graph, directed=False)
    return int(components), [int(label) for label in labels[:n_evaluators]]


def _advice(components: int) -> str:
    caution = (
        "Advisory: a deviation is relative to the colleagues who marked the same targets, and "
        "uncertain where there are few; it is no ground to change a mark."
    )
    if components == 1:
        return caution
    return (
        f"{caution} The design falls into {components} parts that share neither evaluators nor "
        "targets, so evaluators of different parts can't be compared."
    )
