"""What everything that is measured can do: bring its view up to the end of its log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Follower(Protocol):
    """A view that follows a log, open on a database that others follow too."""

    def grow(self, events: int, size: int) -> None:
        """Append events of so many bytes, where it has a log of its own."""
        ...

    def catch_up(self) -> int:
        """Fold everything there is, and return how many events were new."""
        ...

    def follow(self, until: Callable[[], None]) -> None:
        """Fold what comes, until that returns."""
        ...

    def close(self) -> None:
        """Disconnect."""
        ...
