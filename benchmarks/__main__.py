"""Run the benchmark: `make bench`, or `make bench ARGS=--quick` for a short one."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import peers, run
from benchmarks.chart import chart
from benchmarks.contenders.table import CONTENDERS
from benchmarks.places import BUILD, ROOT
from benchmarks.report import page, table


def main() -> None:
    """Measure, print the ratios, and write the page with its chart."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round; docs are not written"
    )
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, help="contenders to measure")
    given = parser.parse_args()
    sizes = run.QUICK if given.quick else run.FULL
    found = run.run(given.only or list(CONTENDERS), peers.absent(), sizes)
    print(table(found))  # noqa: T201  # what it is run for
    for name, why in found.absent.items():
        print(f"{'not measured':12}  {CONTENDERS[name].label}: {why}")  # noqa: T201  # as above
    # A short or partial run is no result to publish.
    folder: Path = BUILD if given.quick or given.only else ROOT / "docs"
    (folder / "performance.md").write_text(page(found, sizes))
    (folder / "performance.svg").write_text(chart(found))


if __name__ == "__main__":
    main()
