"""No fault, at whatever moment, costs an acknowledged event or doubles one.

`make test` lets every fault happen once. `make faults` goes on for as many rounds as it is told,
with two servers on the database, on every PostgreSQL; it prints the seed, by which a failure can
be run again: `make faults SEED=… ROUNDS=…`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.campaign import campaign, new_seed
from tests.faults.faults import FAULTS, Fault
from tests.processes import needs_proc


def shuffled(seed: str, rounds: int) -> Iterator[Fault]:
    source = random.Random(seed)
    for _ in range(rounds):
        yield from source.sample(FAULTS, len(FAULTS))


@needs_proc
def test_every_fault_once(short_folder: Path) -> None:
    seed = new_seed()
    whole = campaign(
        short_folder, "18-embedded", seed, shuffled(seed, 1), ledgers=2, servers=1
    )
    assert whole.acknowledged > len(FAULTS)


@needs_proc
@pytest.mark.campaign
@pytest.mark.parametrize("version", ["18-embedded", "15-debian"])
def test_every_fault_many_times(
    short_folder: Path, version: str, pytestconfig: pytest.Config
) -> None:
    seed = pytestconfig.getoption("faults_seed") or new_seed()
    faults = shuffled(seed, pytestconfig.getoption("faults_rounds"))
    whole = campaign(short_folder, version, seed, faults, ledgers=2, servers=2)
    assert whole.acknowledged > len(FAULTS)
