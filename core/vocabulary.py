"""The words that every slice shares: ids, instants, money, bilingual text, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NewType, TypeVar

from core.errors import refuse, require
from core.personal import About, Personal, blank

P = TypeVar("P", bound=Personal)

ActorId = NewType("ActorId", str)
CallId = NewType("CallId", str)
CityId = NewType("CityId", str)
ApplicationId = NewType("ApplicationId", str)
EvaluatorId = NewType("EvaluatorId", ActorId)
FrameworkId = NewType("FrameworkId", str)
CriterionId = NewType("CriterionId", str)
StageId = NewType("StageId", str)
ProjectId = NewType("ProjectId", str)
ResultId = NewType("ResultId", str)
MilestoneId = NewType("MilestoneId", str)
IndicatorId = NewType("IndicatorId", str)
RecommendationId = NewType("RecommendationId", str)
Instant = datetime
"""A moment in the world or in the ledger: always aware, always UTC."""

OfContact = Annotated[Personal, About("contact_id")]
"""Text by or about the person that was spoken with, sealed with that person's key.

Where nobody is named it is the actor's own note, and sealed with the actor's key.
"""

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PURPOSE = re.compile(r"[0-9]{5}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_SEOUL = timezone(timedelta(hours=9))
_DIGITS_BEFORE, _DIGITS_AFTER = 15, 9


class Role(StrEnum):
    """In which capacity someone acts."""

    OFFICER = "officer"
    MANAGER = "manager"
    CHAIR = "chair"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    CITY = "city"
    SYSTEM = "system"


class Channel(StrEnum):
    """How a need or an application reached the programme."""

    OPEN_CALL = "open-call"
    EMBASSY = "embassy"
    DEVELOPMENT_BANK = "development-bank"
    CITY_NETWORK = "city-network"
    SITE_VISIT = "site-visit"
    PRIOR_CONSULTATION = "prior-consultation"


class Tier(StrEnum):
    """How close a pooled city is to a project.

    After FP7's A, B and C: ready to be funded, worth improving, to be kept in touch.
    """

    READY = "ready"
    IMPROVING = "improving"
    IN_TOUCH = "in-touch"


class ProjectType(StrEnum):
    """The six project types of the 2024 Seoul ODA Challenge."""

    MASTER_PLAN = "master-plan"
    PRE_FEASIBILITY_STUDY = "pre-feasibility-study"
    POLICY_ADVISORY = "policy-advisory"
    CONCEPT_PLAN = "concept-plan"
    PILOT_PROJECT = "pilot-project"
    CAPACITY_BUILDING = "capacity-building"


@dataclass(frozen=True, slots=True)
class Text:
    """A title or name in English and, where there is one, in Korean."""

    en: str
    ko: str = ""


@dataclass(frozen=True, slots=True)
class FrameworkRef:
    """One published version of a framework; versions count from 1."""

    framework_id: FrameworkId
    version: int


def slug(value: str, field: str) -> str:
    """Return `value` if it can be part of a stream's name.

    A colon joins the parts of a composite id, so no part may hold one: two
    different composites can then never be the same text.
    """
    require(
        _SLUG.fullmatch(value),
        "malformed-id",
        "an id is 1 to 80 letters, digits, dots, underscores or hyphens, "
        "beginning with a letter or a digit",
        field=field,
        value=value,
    )
    return value


def composite(value: str, parts: int, field: str) -> tuple[str, ...]:
    """Split an id such as `call:city` into its parts, each a slug."""
    found = value.split(":")
    if len(found) != parts:
        refuse(
            "malformed-id",
            f"this id has {parts} parts joined by colons",
            field=field,
            value=value,
        )
    return tuple(slug(part, field) for part in found)


def country(value: str, field: str) -> str:
    """Return `value` if it has the form of an ISO 3166-1 alpha-2 code."""
    require(
        _COUNTRY.fullmatch(value),
        "malformed-country",
        "a country is an ISO 3166-1 code of two capital letters",
        field=field,
        value=value,
    )
    return value


def purpose_code(value: str, field: str) -> str:
    """Return `value` if it has the form of a DAC purpose code (five digits)."""
    require(
        _PURPOSE.fullmatch(value),
        "malformed-sector",
        "a sector is a DAC purpose code of five digits",
        field=field,
        value=value,
    )
    return value


def digest(value: str, field: str) -> str:
    """Return `value` if it is a SHA-256 digest in lower-case hexadecimal."""
    require(
        _DIGEST.fullmatch(value),
        "malformed-digest",
        "a digest is SHA-256 in 64 lower-case hexadecimal digits",
        field=field,
        value=value,
    )
    return value


def filled(value: P, field: str) -> P:
    """Return `value` if it holds more than white space."""
    require(
        not blank(value),
        "empty-text",
        "this text must not be empty",
        field=field,
        value=value,
    )
    return value


def contact(contact_id: str, name: Personal, email: Personal) -> None:
    """Refuse a contact's id that cannot be one, and the name or address of a contact without."""
    if contact_id:
        slug(contact_id, "contact_id")
        return
    require(
        not name and not email,
        "contact-without-id",
        "a contact's name and address are kept under the contact's pseudonymous id",
        field="contact_id",
        value=contact_id,
    )


def krw(value: int, field: str) -> int:
    """Return `value` if it is a whole, positive number of won."""
    require(
        value > 0,
        "amount-not-positive",
        "an amount is a positive whole number of KRW",
        field=field,
        value=value,
    )
    return value


def finite(value: Decimal, field: str) -> Decimal:
    """Return `value` unless it is NaN or infinite."""
    require(
        value.is_finite(),
        "not-a-number",
        "a score, weight or floor is a finite decimal number",
        field=field,
        value=value,
    )
    return value


def quantity(value: Decimal, field: str) -> Decimal:
    """Return `value` if it is a number that can be measured, compared and drawn.

    A decimal of a million digits is finite too, and whoever folds it pays for each.
    """
    finite(value, field)
    exponent = int(value.as_tuple().exponent)
    require(
        value.adjusted() < _DIGITS_BEFORE and exponent >= -_DIGITS_AFTER,
        "quantity-out-of-range",
        f"a quantity has at most {_DIGITS_BEFORE} digits before the point "
        f"and {_DIGITS_AFTER} after it",
        field=field,
        value=value,
    )
    return value


def currency(value: str, field: str) -> str:
    """Return `value` if it has the form of an ISO 4217 code."""
    require(
        _CURRENCY.fullmatch(value),
        "malformed-currency",
        "a currency is an ISO 4217 code of three capital letters",
        field=field,
        value=value,
    )
    return value


def evidence(value: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Return `value` if it names at least one document by its digest."""
    require(value, "no-evidence", "this rests on at least one document", field=field)
    for i, document in enumerate(value):
        digest(document, f"{field}.{i}")
    return value


def seoul_day(value: Instant) -> date:
    """Return the day in Seoul, whose calendar the programme keeps; Seoul is always at +09:00."""
    try:
        return value.astimezone(_SEOUL).date()
    except OverflowError:
        return date.max


def utc(value: Instant, field: str) -> Instant:
    """Return `value` in UTC; an instant without an offset is refused, never guessed."""
    require(
        value.tzinfo is not None,
        "instant-without-offset",
        "an instant names its offset from UTC, such as 2024-05-01T09:00:00+09:00",
        field=field,
        value=value,
    )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        refuse(
            "instant-out-of-range",
            "an instant lies, in UTC, in the years 1 to 9999",
            field=field,
            value=value,
        )
