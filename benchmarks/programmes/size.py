"""How large a programme is: its years, cities, panels, and where its log is cut off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A programme with a call in each year; its log ends after `events`, wherever that is.

    `panel` evaluators share a call's applications, `seats` of them score each; `through` are
    let through to the second stage, `projects` are selected there.
    """

    events: int
    years: int = 20
    cities: int = 2_000
    applicants: int = 1_720
    panel: int = 160
    seats: int = 6
    through: int = 150
    final_seats: int = 7
    projects: int = 20
    appeals: int = 4
    first_year: int = 2005
    seed: int = 1

    def of(self, events: int) -> Size:
        """Return a programme of the same shape with about so many events in as many years."""
        part = events / self.events
        return Size(
            events,
            self.years,
            max(12, round(self.cities * part)),
            max(10, round(self.applicants * part)),
            max(12, round(self.panel * part)),
            self.seats,
            max(4, round(self.through * part)),
            self.final_seats,
            max(1, round(self.projects * part)),
            min(self.appeals, max(1, round(self.appeals * part * 4))),
            self.first_year,
            self.seed,
        )


MILLION = Size(1_000_000)
"""What the figures are about: 20 calls."""
