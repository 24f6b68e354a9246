"""About when a question is: the second of the two clocks, beside `as_of`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.vocabulary import Instant, seoul_day


@dataclass(frozen=True, slots=True)
class About:
    """The moment in the world that a question is about.

    With `effective_at`, only what had happened by then counts, among what was known. Without,
    all that was known does, and `present` is the moment by which something is late or not:
    now, or when the position asked about was recorded.
    """

    present: Instant
    effective_at: Instant | None = None

    @property
    def day(self) -> date:
        """The day in Seoul by which something is late or not."""
        return seoul_day(self.effective_at or self.present)

    def had(self, occurred_at: Instant) -> bool:
        """Whether something had happened by the moment asked about."""
        return self.effective_at is None or occurred_at <= self.effective_at
