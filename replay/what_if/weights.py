"""Weights that are supposed: what becomes of the others, and a grid of weightings around them.

A weight that is named is held; the others share what is left of the whole in proportion to
what they had. Shares are brought to hundredths so that they add up exactly: each is rounded
down, and what is missing goes, a hundredth each, to those that lost most by it. Where marks are
added up there is no whole, and the others stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import count

from core.errors import DomainError, refuse, require
from core.frameworks.soundness import violations
from core.rubric import Points, Rubric, VariantWeight
from core.vocabulary import CriterionId
from replay.what_if.question import NewWeight

Weights = Mapping[CriterionId, Decimal]

_STEP = Decimal("0.01")
_DECIMALS = 9
_FINEST = Decimal(1).scaleb(-_DECIMALS)
_MOST = 10_000


def weights_of(rubric: Rubric) -> dict[str, dict[CriterionId, Decimal]]:
    """Return the weights of each variant, and under "" the rubric's own."""
    own = {c.id: c.weight for c in rubric.criteria}
    return {"": own} | {v.id: {w.criterion: w.weight for w in v.weights} for v in rubric.variants}


def with_weights(rubric: Rubric, weights: Mapping[str, Weights]) -> Rubric:
    """Return the rubric with other weights, by variant as `weights_of` gives them."""
    criteria = tuple(replace(c, weight=weights[""][c.id]) for c in rubric.criteria)
    variants = tuple(
        replace(
            variant,
            weights=tuple(
                VariantWeight(w.criterion, weights[variant.id][w.criterion])
                for w in variant.weights
            ),
        )
        for variant in rubric.variants
    )
    return replace(rubric, criteria=criteria, variants=variants)


def reweighed(rubric: Rubric, changes: Sequence[NewWeight]) -> Rubric:
    """Return the rubric with the named weights, the others brought along."""
    known, said = weights_of(rubric), set[tuple[str, str | None]]()
    for i, change in enumerate(changes):
        field = f"weights.{i}"
        require(
            rubric.criterion(change.criterion),
            "unknown-criterion",
            f"the rubric's criteria are {', '.join(c.id for c in rubric.criteria)}",
            field=f"{field}.criterion",
            value=change.criterion,
        )
        require(
            change.variant is None or change.variant in known,
            "unknown-variant",
            f"the rubric's variants are {', '.join(filter(None, known)) or 'none'}",
            field=f"{field}.variant",
            value=change.variant,
        )
        require(
            sane(change.weight),
            "weight-negative",
            "a weight is a number from 0 to 100 (more, where marks are added up), of nine decimals "
            "at most",
            field=f"{field}.weight",
            value=change.weight,
        )
        require(
            all(
                (c.criterion, c.variant) != (change.criterion, change.variant) for c in changes[:i]
            ),
            "criterion-repeated",
            "each criterion has one weight for the same cities",
            field=f"{field}.criterion",
            value=change.criterion,
        )
        said.add((change.criterion, change.variant))
    summed = rubric.aggregation.points is Points.SUM
    changed: dict[str, dict[CriterionId, Decimal]] = {}
    for variant, weights in known.items():
        # What is said of one variant goes before what is said of everybody.
        by_reach = sorted(changes, key=lambda change: change.variant is not None)
        named = {
            CriterionId(c.criterion): c.weight for c in by_reach if c.variant in {None, variant}
        }
        changed[variant] = weights | named if summed else _balanced(weights, named)
    return with_weights(rubric, changed)


def sane(weight: Decimal) -> bool:
    """Whether a number is one to reckon with exactly: 1E+999999999 has a billion digits."""
    exponent = weight.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DECIMALS and 0 <= weight <= _MOST


def _balanced(weights: Weights, named: Weights) -> dict[CriterionId, Decimal]:
    if not named:
        return dict(weights)
    others = {criterion: Fraction(w) for criterion, w in weights.items() if criterion not in named}
    left = _sum(weights) - _sum(named)
    if left < 0 or (left and not any(others.values())):
        refuse(
            "weights-not-100",
            "the weights sum to 100: what is named leaves the others less than nothing, or "
            "leaves something and no other criterion that counts",
            field="weights",
            value=", ".join(f"{c} {w}" for c, w in named.items()),
        )
    shared = _shared(others, left)
    return {c: named[c] if c in named else shared[c] for c in weights}


def _sum(weights: Weights) -> Fraction:
    return sum(map(Fraction, weights.values()), Fraction())


def _shared(parts: Mapping[CriterionId, Fraction], whole: Fraction) -> dict[CriterionId, Decimal]:
    """Divide a whole in proportion, in hundredths, or finer where the whole itself is."""
    step = next(s for s in (_STEP, _FINEST, None) if s is None or whole % Fraction(s) == 0)
    if step is None:
        refuse("weights-not-100", "weights have nine decimals at most", field="weights")
    units, total = whole / Fraction(step), sum(parts.values(), Fraction())
    exact = {c: part * units / total if total else Fraction() for c, part in parts.items()}
    floors = {c: int(share) for c, share in exact.items()}
    missing = int(units) - sum(floors.values())
    by_loss = sorted(exact, key=lambda c: floors[c] - exact[c])  # stable: the rubric's order
    for criterion in by_loss[:missing]:
        floors[criterion] += 1
    return {c: (n * step).normalize() + 0 for c, n in floors.items()}


def grid_around(rubric: Rubric, size: int, spread: Decimal) -> list[Rubric]:
    """Return the rubric under different weightings, spread evenly around its own.

    The n-th moves each weight by a share of itself from minus to plus `spread` percent that
    is the n-th of Halton's sequence, whose base is the criterion's prime; then all are brought
    back to the whole that they had. Nothing is drawn by lot: anybody gets the same weightings,
    and a variant is moved as the rubric's own weights are. Those that come out equal count once.
    """
    known = weights_of(rubric)
    found: dict[tuple[tuple[Decimal, ...], ...], Rubric] = {}
    bases = dict(zip(known[""], _primes(), strict=False))
    for n in range(1, size + 1):
        factors = {
            c: 1 + Fraction(spread) / 100 * (2 * _halton(n, base) - 1) for c, base in bases.items()
        }
        moved = {
            variant: _shared(
                {c: Fraction(w) * factors[c] for c, w in weights.items()},
                _sum(weights),
            )
            for variant, weights in known.items()
        }
        made = with_weights(rubric, moved)
        if broken := tuple(violations(made)):
            raise DomainError(*broken)
        found.setdefault(tuple(tuple(w.values()) for w in moved.values()), made)
    return list(found.values())


def _halton(n: int, base: int) -> Fraction:
    """Return the n-th number of the sequence: its digits mirrored at the point."""
    value, digit = Fraction(), Fraction(1, base)
    while n:
        n, rest = divmod(n, base)
        value += rest * digit
        digit /= base
    return value


def _primes() -> Iterator[int]:
    return (n for n in count(2) if all(n % d for d in range(2, int(n**0.5) + 1)))


def distance(one: Rubric, other: Rubric) -> Decimal:
    """Return how many points of weight lie elsewhere, in the variant where most do."""
    there = weights_of(other)
    return max(
        sum((abs(w - there[variant][c]) for c, w in weights.items()), Decimal(0)) / 2
        for variant, weights in weights_of(one).items()
    )
