"""Events that a tailing reader never saw, while twelve writers in two processes appended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import jobs

PROCESSES, CLIENTS = 2, 6
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Losses:
    """How many events were acknowledged, and how many of those the reader never saw."""

    acknowledged: int
    unseen: int


def losses(name: str, url: str, seconds: float) -> Losses:
    """Let one process follow while two write; raises `JobFailed`."""
    reader = jobs.start(name, "tail", url)
    try:
        _follows(name, reader.stdout)
        written = _written(name, url, seconds)
        total = sum(written.values())
        out, errors = reader.communicate(f"{total}\n", timeout=_PATIENCE_S)
    finally:
        reader.kill()
        reader.wait()
    if reader.returncode != 0:
        raise jobs.JobFailed(f"{name}: the reader ended with {errors.strip()[-200:]!r}")
    return compared(written, json.loads(out.splitlines()[-1]))


def compared(written: Mapping[str, int], seen: Mapping[str, Sequence[int]]) -> Losses:
    """Count what was acknowledged, by stream, and of that what was not seen."""
    unseen = sum(
        len(set(range(1, count + 1)).difference(seen.get(stream, ())))
        for stream, count in written.items()
    )
    return Losses(sum(written.values()), unseen)


def _written(name: str, url: str, seconds: float) -> dict[str, int]:
    writers = [
        jobs.start(name, "write", url, prefix=f"w{n}", clients=CLIENTS, seconds=seconds)
        for n in range(PROCESSES)
    ]
    written: dict[str, int] = {}
    for writer in writers:
        out, errors = writer.communicate(timeout=_PATIENCE_S)
        if writer.returncode != 0:
            raise jobs.JobFailed(f"{name}: a writer ended with {errors.strip()[-200:]!r}")
        written |= json.loads(out.splitlines()[-1])
    return written


def _follows(name: str, lines: Any) -> None:  # noqa: ANN401  # a text stream
    if lines is None or lines.readline().strip() != "following":
        raise jobs.JobFailed(f"{name}: the reader did not start")
