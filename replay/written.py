"""Files that commands write: each takes its place once it is whole."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from replay.options import stop


@contextmanager
def written(path: Path) -> Generator[BinaryIO]:
    """Give a file that takes its place once it is whole; what is not whole leaves nothing."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}")
    finally:
        unfinished.unlink(missing_ok=True)
