"""One fault after the other, each at a random moment, and after each the one check."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.faults.clusters import Cluster, programs, running
from tests.faults.faults import Fault
from tests.faults.stage import Stage, staged
from tests.faults.whole import Whole, assert_whole


def suffer(stage: Stage, fault: Fault) -> Whole:
    """Inject a fault and heal it; then all must write again, views follow, and the log be whole."""
    stage.pause()
    fault.inject(stage)
    stage.pause()
    fault.heal(stage)
    stage.until_all_write()
    stage.until_views_follow()
    return assert_whole(stage.cluster.url, stage.noted)


def campaign(  # noqa: PLR0913  # what is to happen, and to what
    folder: Path, version: str, seed: str, faults: Iterable[Fault], *, ledgers: int, servers: int
) -> Whole:
    """Let all faults happen to one log, and print what was counted."""
    print(f"\nPostgreSQL {version}, seed {seed}")  # noqa: T201  # so that it can be run again
    cluster = Cluster(folder / "pg", programs(version))
    cluster.folder.mkdir()
    with (
        running(cluster),
        staged(cluster, folder, seed, ledgers=ledgers, servers=servers) as stage,
    ):
        whole = Whole(0, 0, 0, 0, 0, ())
        for number, fault in enumerate(faults, 1):
            whole = suffer(stage, fault)
            told(number, fault, whole)
        return whole


def told(number: int, fault: Fault, whole: Whole) -> None:
    """Print what was counted up to and with a fault."""
    print(  # noqa: T201  # what the harness is run for
        f"{number:4} faults  {whole.acknowledged:7} acknowledged  {whole.lost} lost  "
        f"{whole.doubled} doubled  {whole.doubts:5} without an answer  after: {fault.name}"
    )
