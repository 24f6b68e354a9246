"""Examines the parts of a log beside each other, in processes of their own where it is long."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from replay.scan import PART, Part

Examine = Callable[[int, int], Part]
"""Given a start and a stop: the part of a log between them. It travels to other processes."""

_ALONE = 16 * PART
"""Shorter logs are done before other processes have begun."""
_MOST_PROCESSES = 4


def in_order(examine_part: Examine, size: int, *, alone: bool = False) -> Generator[Part]:
    """Yield the parts of a log of `size` records, in order; `alone`, in this process only."""
    bounds = [(start, min(start + PART, size)) for start in range(0, size, PART)]
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if alone or size <= _ALONE or processes == 1:
        for start, stop in bounds:
            yield examine_part(start, stop)
        return
    # Begun anew rather than forked: this process has threads and connections.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting: deque[Future[Part]] = deque()
        for start, stop in bounds:
            waiting.append(pool.submit(examine_part, start, stop))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
