"""Figures about a city or an application, and how a rubric turns one into a mark.

A quantitative criterion is not a matter of opinion: the rubric declares beforehand which
indicator it looks at and which mark each band of values has, and the figure comes from a named
source. So nobody scores it, and everyone can work the mark out. (What a project's own
indicators are to become is another thing: see `core.results`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.errors import refuse, require
from core.results import Direction
from core.vocabulary import IndicatorId, digest, filled, quantity, slug


class Holder(StrEnum):
    """Whose figure an indicator is."""

    CITY = "city"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number from a source: `on` is the day that it is about, or the last of its year.

    `documents` are the SHA-256 digests of what shows it.
    """

    indicator: IndicatorId
    unit: str
    value: Decimal
    on: date
    source: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """What is on record of a city and of its application, by indicator and day."""

    city: tuple[Figure, ...] = ()
    application: tuple[Figure, ...] = ()

    def latest(self, banding: Banding) -> Figure | None:
        """Return the figure about the latest day that a banding looks at."""
        held = self.city if banding.of is Holder.CITY else self.application
        found = (figure for figure in held if figure.indicator == banding.indicator)
        return max(found, key=lambda figure: figure.on, default=None)


@dataclass(frozen=True, slots=True)
class Band:
    """The mark of every value from `at_least` on, up to where the next band begins.

    The lowest band has no lower end.
    """

    mark: Decimal
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Banding:
    """How an indicator becomes a mark.

    `bands` rise, the first without a lower end, so that every value lies in exactly one.
    `direction` says which way is better; no better value has a worse mark.
    """

    indicator: IndicatorId
    unit: str
    of: Holder
    direction: Direction
    bands: tuple[Band, ...]

    def band(self, value: Decimal) -> Band:
        """Return the band that a value lies in."""
        return next(
            band for band in reversed(self.bands) if band.at_least is None or value >= band.at_least
        )


def recorded(figure: Figure, known: Sequence[Figure], today: date) -> Figure:
    """Return a figure that may be put on record, or refuse it."""
    _sound(figure, known, today)
    require(
        _same(figure, known) is None,
        "figure-recorded",
        "an indicator has one figure a day; it is corrected with a reason",
        field="figure.on",
        value=figure.on,
    )
    return figure


def corrected(figure: Figure, known: Sequence[Figure], today: date) -> tuple[Figure, Figure]:
    """Return the figure that was on record for that day and the one in its place, or refuse."""
    _sound(figure, known, today)
    before = _same(figure, known)
    if before is None:
        refuse(
            "unknown-figure",
            "only a figure that is on record for that day can be corrected",
            field="figure.on",
            value=figure.on,
        )
    require(
        before != figure,
        "nothing-changed",
        "a correction changes the figure or where it comes from",
        field="figure.value",
        value=figure.value,
    )
    return before, figure


def with_figure(known: tuple[Figure, ...], figure: Figure) -> tuple[Figure, ...]:
    """Return what is known once a figure was recorded or corrected, in a fixed order."""
    others = (f for f in known if (f.indicator, f.on) != (figure.indicator, figure.on))
    return tuple(sorted((*others, figure), key=lambda f: (f.indicator, f.on)))


def _same(figure: Figure, known: Sequence[Figure]) -> Figure | None:
    key = figure.indicator, figure.on
    return next((other for other in known if (other.indicator, other.on) == key), None)


def _sound(figure: Figure, known: Sequence[Figure], today: date) -> None:
    slug(figure.indicator, "figure.indicator")
    filled(figure.unit, "figure.unit")
    quantity(figure.value, "figure.value")
    filled(figure.source, "figure.source")
    for i, document in enumerate(figure.documents):
        digest(document, f"figure.documents.{i}")
    require(
        figure.on <= today,
        "figure-in-future",
        f"a figure is about a day that has come: {today} or before",
        field="figure.on",
        value=figure.on,
    )
    for other in known:
        require(
            other.indicator != figure.indicator or other.unit == figure.unit,
            "wrong-unit",
            f"this indicator is counted in {other.unit!r}",
            field="figure.unit",
            value=figure.unit,
        )
