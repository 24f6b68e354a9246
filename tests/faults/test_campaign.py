"""No fault, at whatever moment, costs an acknowledged event or doubles one.

`make test` lets most faults happen once, to writers in two processes. `make faults` lets all of
them happen for as many rounds as it is told, on every PostgreSQL, with two servers on the database
as well. It prints the seed, by which the same faults can be tried again: `make faults SEED=…`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.campaign import campaign
from tests.faults.faults import FAULTS, Fault
from tests.processes import needs_proc

pytestmark = pytest.mark.uncounted


def shuffled(faults: Sequence[Fault], seed: str, rounds: int) -> Iterator[Fault]:
    source = random.Random(seed)
    for _ in range(rounds):
        yield from source.sample(faults, len(faults))


@needs_proc
def test_most_faults_once(short_folder: Path, seed: str) -> None:
    faults = shuffled([fault for fault in FAULTS if not fault.rare], seed, 1)
    whole = campaign(short_folder, "18-embedded", seed, faults, ledgers=2, servers=0)
    assert whole.acknowledged > len(FAULTS)


@needs_proc
@pytest.mark.campaign
@pytest.mark.parametrize("version", ["18-embedded", "15-debian"])
def test_all_faults_many_times(short_folder: Path, version: str, seed: str, rounds: int) -> None:
    faults = shuffled(FAULTS, seed, rounds)
    whole = campaign(short_folder, version, seed, faults, ledgers=2, servers=2)
    assert whole.acknowledged > len(FAULTS)
