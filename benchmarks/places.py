"""Where the benchmark puts what it fetches, and what it measures."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
PEERS = BUILD / "peers"
"""The peers' own Python environment."""
NODE = BUILD / "node"
"""Where npm puts the peers that it has."""
