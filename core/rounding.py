"""Where and how a rubric rounds, and when two numbers are the same.

Thirds and sevenths have no end in decimals, so the last digits of two equal totals can
differ by the way in which each was added up. A total is therefore brought to 20 digits
before it is compared or rounded: the other eight are guard digits.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from core.rubric import RoundAt, RoundMode, Rubric

EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_SETTLED = Context(prec=20, rounding=ROUND_HALF_EVEN)
_ROUNDING = {
    RoundMode.HALF_UP: ROUND_HALF_UP,
    RoundMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundMode.DOWN: ROUND_DOWN,
}


def settled(value: Decimal) -> Decimal:
    """Drop the guard digits, so that equals are equal and halves are halves."""
    return _SETTLED.plus(value)


def rounded(rubric: Rubric, at: RoundAt, value: Decimal) -> Decimal:
    """Round a number of that place, if the rubric rounds there."""
    for rounding in rubric.aggregation.roundings:
        if rounding.at is at:
            steps = settled(value / rounding.step).to_integral_value(_ROUNDING[rounding.mode])
            return steps * rounding.step
    return value
