"""How far an indicator has come: what was observed last, against its path and its target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from core.monitoring.events import Reading
from core.monitoring.path import expected
from core.results import Dimension, Direction, Measure, Target
from projections.moments import About
from projections.project_status.rows import VERIFIED, IndicatorRow, ObservationRow
from projections.steps import in_the_world

_SHOWN = Context(prec=12)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation as it stood; `cause` is the position of the event behind its row."""

    number: int
    reading: Reading
    verified: bool
    corrections: int
    cause: int


@dataclass(frozen=True, slots=True)
class Progress:
    """An indicator, of the whole or of one breakdown, by its latest observation.

    `target` is the one that the path leads to on the last day that was observed. `on_path` is
    where the path is on that day, and `ahead` how much better the observation is (less than
    zero: how much worse); both are None where nothing was promised for the day, and `ahead` is
    where an order of values has no meaning. `share` is the percentage of the way from the
    baseline to the last target; None for a breakdown, which has no baseline.
    """

    dimensions: tuple[Dimension, ...]
    latest: Observed | None
    target: Target | None
    on_path: Decimal | None
    ahead: Decimal | None
    share: Decimal | None


def observed(row: ObservationRow, cause: int, about: About) -> Observed | None:
    """Return an observation as it stood at the moment asked about; None before it was made."""
    said = list[Reading]()
    verified = False
    readings = iter(row.readings)
    for item, since in in_the_world(row.steps):
        if not about.had(since):
            break
        verified = item.status == VERIFIED
        if not verified:
            said.append(next(readings))
    if not said:
        return None
    return Observed(row.number, said[-1], verified, len(said) - 1, cause)


def progress(row: IndicatorRow, observations: Sequence[Observed]) -> tuple[Progress, ...]:
    """Return how far an indicator has come: the whole first, then each breakdown by name."""
    return tuple(_progress(row, d, observations) for d in _breakdowns(row, observations))


def _breakdowns(
    row: IndicatorRow, observations: Iterable[Observed]
) -> Iterator[tuple[Dimension, ...]]:
    promised = (_sorted(target.dimensions) for target in row.indicator.targets)
    seen = (_sorted(item.reading.dimensions) for item in observations)
    whole: tuple[Dimension, ...] = ()
    found = {whole, *promised, *seen}
    yield from sorted(found, key=lambda dims: [(d.name, d.value) for d in dims])


def _sorted(dimensions: Iterable[Dimension]) -> tuple[Dimension, ...]:
    return tuple(sorted(dimensions, key=lambda d: (d.name, d.value)))


def _progress(
    row: IndicatorRow, dimensions: tuple[Dimension, ...], observations: Iterable[Observed]
) -> Progress:
    own = [o for o in observations if _sorted(o.reading.dimensions) == dimensions]
    latest = max(own, key=lambda o: (o.reading.period.end, o.number), default=None)
    if latest is None:
        return Progress(dimensions, None, None, None, None, None)
    value = Fraction(latest.reading.value)
    path = expected(row.indicator, row.monitored.start, dimensions, latest.reading.period.end)
    return Progress(
        dimensions,
        latest,
        path.target if path else None,
        _shown(path.value) if path else None,
        _shown(_better(row, value - path.value)) if path and _ordered(row) else None,
        None if dimensions else _share(row, value),
    )


def _ordered(row: IndicatorRow) -> bool:
    return row.indicator.measure is not Measure.NOMINAL


def _better(row: IndicatorRow, difference: Fraction) -> Fraction:
    return difference if row.indicator.direction is Direction.INCREASING else -difference


def _share(row: IndicatorRow, value: Fraction) -> Decimal | None:
    whole = [target for target in row.indicator.targets if not target.dimensions]
    if not whole or not _ordered(row):
        return None
    last = max(whole, key=lambda target: target.period.end)
    baseline = Fraction(row.indicator.baseline.value)
    way = Fraction(last.value) - baseline
    return _shown((value - baseline) / way * _HUNDRED) if way else None


def _shown(value: Fraction) -> Decimal:
    return _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
