"""Answers with pingouin's intraclass correlations and Kendall's W, for panels on standard input.

Run by the oracles' Python, with none of our code. A panel is a list of targets, each a list of
one mark from each evaluator; an answer has a value with its interval for each coefficient.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module
from typing import Any

pandas: Any = import_module("pandas")
pingouin: Any = import_module("pingouin")


def answer(panel: list[list[float]]) -> dict[str, Any]:
    """Return what pingouin makes of a panel."""
    marks = [
        (f"t{row:03}", f"e{column:03}", mark)
        for row, given in enumerate(panel)
        for column, mark in enumerate(given)
    ]
    data = pandas.DataFrame(marks, columns=["target", "evaluator", "mark"])
    icc = pingouin.intraclass_corr(data, targets="target", raters="evaluator", ratings="mark")
    order = pingouin.friedman(data, dv="mark", within="target", subject="evaluator")
    (w,), (q,), (p,) = order["W"], order["Q"], order["p_unc"]
    return {
        "icc": {row["Type"]: [row["ICC"], *map(float, row["CI95"])] for _, row in icc.iterrows()},
        "w": [w, q, p],
    }


if __name__ == "__main__":
    # Else it rounds its intervals to two digits.
    pingouin.options["round.column.CI95"] = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it divides by nought it says by a NaN, too
        answers = [answer(panel) for panel in json.load(sys.stdin)]
    print(json.dumps({"made_by": f"pingouin {pingouin.__version__}", "answers": answers}))  # noqa: T201  # this is its answer
