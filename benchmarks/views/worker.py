"""One follower in a process of its own, so that its time and its memory are nobody else's.

It is told what to do line by line, and answers each by what it took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping

from benchmarks.views.follower import Follower
from benchmarks.views.ours import Ours
from benchmarks.views.plain import Plain
from benchmarks.views.stock import Stock
from projections.evaluation_consistency.fold import VIEW

FOLLOWERS: dict[str, Callable[[str], Follower]] = {
    "ours": Ours,
    "one": lambda url: Ours(url, (VIEW,)),
    "plain": Plain,
    "stock": Stock,
}


def main() -> None:
    """Follow the database that the arguments name, as the follower that they name."""
    name, url, how = sys.argv[1:]
    follower = FOLLOWERS[name](url)
    if how == "follow":
        follower.catch_up()
        follower.follow(_until_told)
    else:
        for line in sys.stdin:
            told = json.loads(line)
            follower.grow(told["events"], told["size"])
            _say(_caught_up(follower))
    follower.close()


def _until_told() -> None:
    _say({})
    sys.stdin.read()


def _say(what: Mapping[str, float]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # the answer


def _caught_up(follower: Follower) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    events = follower.catch_up()
    return {
        "events": events,
        "seconds": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
