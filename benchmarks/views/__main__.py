"""Run the benchmark of the views: `make bench-views`, or with ARGS=--quick a short one."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import stores
from benchmarks.places import BUILD, ROOT
from benchmarks.views import run
from benchmarks.views.figures import Measured
from benchmarks.views.lag import lags
from benchmarks.views.past import asked
from benchmarks.views.report import page, table


def measured(sizes: run.Sizes) -> Measured:
    """Let views catch up, be asked and be followed, on a server of their own."""
    with stores.postgres() as server:
        log = stores.new_database(server, "catch_up")
        caught = run.caught_up(log, sizes)
        caught.settings = stores.settings(server)
        past = asked(log, sizes.asked)
        ours, stock = (stores.new_database(server, name) for name in ("lag_ours", "lag_stock"))
        return Measured(caught, past, lags(ours, stock, sizes.lag_s, sizes.lag_rounds))


def main() -> None:
    """Measure, print the figures, and write the page."""
    parser = argparse.ArgumentParser(prog="make bench-views", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small log; docs are not written")
    sizes = run.QUICK if parser.parse_args().quick else run.FULL
    found = measured(sizes)
    print(table(found))  # noqa: T201  # what it is run for
    folder: Path = BUILD if sizes is run.QUICK else ROOT / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "performance-views.md").write_text(page(found, sizes))


if __name__ == "__main__":
    main()
