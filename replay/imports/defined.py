"""What rows say of how an indicator is measured: held against the plan, or history itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from core.errors import DomainError, Violation
from core.results import Baseline, Direction, Indicator, Measure, Period, Target
from core.vocabulary import IndicatorId, ResultId, Text


@dataclass(frozen=True, slots=True)
class Defined:
    """What is said, under the mapping's own names; None where nothing is."""

    result: str | None
    title: str | None
    title_ko: str
    unit: str | None
    measure: Measure | None
    direction: Direction | None
    baseline_year: int | None
    baseline_value: Decimal | None
    monitored: Period | None
    targets: tuple[Target, ...] = ()

    def compare(self, planned: Indicator, days: Period) -> None:
        """Refuse where the signed plan says otherwise, with all that differs."""
        if differs := tuple(self._differing(planned, days)):
            raise DomainError(*differs)

    def whole(self, indicator_id: IndicatorId) -> tuple[Indicator, Period]:
        """Return the indicator and the days in which it is observed, or refuse to guess at them."""
        match self:
            case Defined(
                result=str() as result,
                title=str() as title,
                unit=str() as unit,
                measure=Measure() as measure,
                direction=Direction() as direction,
                baseline_year=int() as year,
                baseline_value=Decimal() as value,
                monitored=Period() as days,
                targets=(_, *_),
            ):
                indicator = Indicator(
                    indicator_id,
                    ResultId(result),
                    Text(title, self.title_ko),
                    unit,
                    measure,
                    direction,
                    Baseline(year, value),
                    self.targets,
                )
                return indicator, days
            case _:
                raise DomainError(*self._unsaid())

    def _unsaid(self) -> Iterator[Violation]:
        rule = "history has no plan that says it, so the file has to"
        for field in fields(self):
            if getattr(self, field.name) in (None, ()):
                yield Violation("not-said", rule, field.name)

    def _differing(self, planned: Indicator, days: Period) -> Iterator[Violation]:
        pairs: tuple[tuple[str, object, object], ...] = (
            ("result", self.result, planned.result),
            ("title", self.title, planned.title.en),
            ("title_ko", self.title_ko or None, planned.title.ko),
            ("unit", self.unit, planned.unit),
            ("measure", self.measure, planned.measure),
            ("direction", self.direction, planned.direction),
            ("baseline_year", self.baseline_year, planned.baseline.year),
            ("baseline_value", self.baseline_value, planned.baseline.value),
            ("monitored", self.monitored, days),
        )
        for field, said, agreed in pairs:
            if said is not None and said != agreed:
                yield Violation(
                    "differs-from-plan", f"the signed plan has {agreed}", field, str(said)
                )
        if self.targets and set(self.targets) != set(_sorted(planned.targets)):
            agreed = ", ".join(map(_said, planned.targets))
            yield Violation(
                "differs-from-plan",
                f"the signed plan has the targets {agreed}",
                "targets",
                ", ".join(map(_said, self.targets)),
            )


def _sorted(targets: Iterable[Target]) -> Iterator[Target]:
    """Yield targets with their dimensions in the order of names, as rows give them."""
    for target in targets:
        by_name = tuple(sorted(target.dimensions, key=lambda dimension: dimension.name))
        yield Target(target.period, target.value, by_name)


def _said(target: Target) -> str:
    by = "".join(f" for {d.name} {d.value}" for d in target.dimensions)
    return f"{target.value} in {target.period}{by}"
