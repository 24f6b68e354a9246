"""The machine as a reader elsewhere needs it: no names, no paths."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks.stores import DISK

_KIB_PER_GIB = 1 << 20


def described() -> str:
    """Return processor, memory, disk and system in one line."""
    return (
        f"{os.cpu_count()} cores of {_processor()}, {_memory_gib():.0f} GiB of memory, "
        f"{_file_system()} on disk, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return int(line.split()[1]) / _KIB_PER_GIB
    return 0


def _file_system() -> str:
    """Return the kind of the file system that the measured data lies on."""
    found, longest = "an unknown file system", ""
    for line in _lines("/proc/mounts"):
        _, point, kind, *_ = line.split()
        if DISK.is_relative_to(point) and len(point) >= len(longest):
            found, longest = kind, point
    return found


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
