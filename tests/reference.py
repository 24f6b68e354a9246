"""Real data that tests read and the project does not carry: beside it, or where told.

Without the data those tests skip and say what is absent; nothing else depends on it.
"""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def reference(name: str) -> Path:
    """Find a file of `SSP_REFERENCE_DATA` or of ../shared/data, or skip the test."""
    folder = Path(os.environ.get("SSP_REFERENCE_DATA") or BESIDE)
    if not (folder / name).exists():
        pytest.skip(f"no reference data {folder / name}: set SSP_REFERENCE_DATA to its folder")
    return folder / name
