"""Asks pingouin about panels, and keeps its answers for the tests that run without it.

`python -m tests.foreign.second_opinions PYTHON`, with a Python that has pingouin, writes the file.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

from tests.reference import reference

SCRIPT = Path(__file__).with_name("ask_pingouin.py")
KEPT = Path(__file__).parents[1] / "projections" / "evaluation_consistency" / "pingouin.json"

Panel = list[list[float]]

# Shrout and Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS: Panel = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def drawn(seed: int, panels: int) -> list[Panel]:
    """Draw panels of all sizes: coarse and fine scales, evaluators who differ much or little."""
    random = Random(seed)
    return [_drawn(random) for _ in range(panels)]


def _drawn(random: Random) -> Panel:
    top = random.choice((5, 10, 100))
    leanings = [random.gauss(0, top / random.choice((6, 30))) for _ in range(random.randint(2, 7))]
    noise = top / random.choice((4, 10, 40))
    worths = [random.uniform(0.2, 0.8) * top for _ in range(random.randint(3, 30))]
    return [
        [float(round(min(max(worth + lean + random.gauss(0, noise), 0), top))) for lean in leanings]
        for worth in worths
    ]


def aibs() -> Panel:
    """A real panel of 72 applications with three reviews each, by many reviewers."""
    marks: dict[str, list[float]] = {}
    with reference("AIBS.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            marks.setdefault(row["ID"], []).append(float(row["Score"]))
    return list(marks.values())


def ask(python: Path, panels: list[Panel]) -> dict[str, Any]:
    """Return pingouin's answers, and which version gave them."""
    done = subprocess.run(
        [python, SCRIPT], input=json.dumps(panels), check=True, capture_output=True, text=True
    )
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


def main(python: str) -> None:
    """Write the file anew; the real panel's marks are not ours to keep, so it has answers only."""
    panels = [SHROUT_FLEISS, *drawn(1979, 24)]
    found = ask(Path(python), [*panels, aibs()])
    *answers, real = found["answers"]
    lines = [
        json.dumps({"panel": panel, **answer})
        for panel, answer in zip(panels, answers, strict=True)
    ]
    KEPT.write_text(
        f'{{"made_by": {json.dumps(found["made_by"])},\n"aibs": {json.dumps(real)},\n"panels": [\n'
        + ",\n".join(lines)
        + "\n]}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1])
