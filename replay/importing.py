"""`ssp import`: shows a file's bad rows, or records the file whole with a bar."""

from __future__ import annotations
