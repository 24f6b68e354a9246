"""Groups of cities, by what is on record of a city when it applies.

A rubric may weigh its criteria otherwise for a group. Which group a city belongs to must be
settled before anyone scores and must not move afterwards: so the rule is part of the published
rubric, and what it looks at is recorded with the application.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class CityFacts:
    """What a rule of a group looks at, as it was when the city applied.

    `country` is ISO 3166-1 alpha-2, `region` as registered, `tier` None outside the pool,
    `capacity` 1 (low) to 4 (high) and None where nobody has assessed it.
    """

    country: str
    region: str = ""
    tier: Tier | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class CityGroup:
    """A group of cities: those for which everything that is listed holds.

    An empty list asks for nothing. What is not known of a city is in no list. `basis` says
    where the group comes from, such as the name and date of a published list.
    """

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    capacities: tuple[int, ...] = ()
    basis: str = ""

    def holds(self, city: CityFacts) -> bool:
        """Whether a city belongs to the group."""
        return (
            (not self.countries or city.country in self.countries)
            and (not self.regions or city.region in self.regions)
            and (not self.tiers or city.tier in self.tiers)
            and (not self.capacities or city.capacity in self.capacities)
        )

    @property
    def asks_nothing(self) -> bool:
        """Whether every city belongs to it."""
        return not (self.countries or self.regions or self.tiers or self.capacities)

    def overlaps(self, other: CityGroup) -> bool:
        """Whether some city could belong to both."""
        return (
            _share(self.countries, other.countries)
            and _share(self.regions, other.regions)
            and _share(self.tiers, other.tiers)
            and _share(self.capacities, other.capacities)
        )


def _share(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))
