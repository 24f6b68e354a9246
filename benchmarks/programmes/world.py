"""The world of a made-up programme: its cities, what they want, and who may score."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from benchmarks.programmes.book import Book, Group
from benchmarks.programmes.size import Size
from core.applications.events import Project
from core.cities.commands import AssessCapacity, IdentifyNeed, RegisterCity
from core.frameworks.commands import DraftFramework, PublishFramework
from core.vocabulary import (
    ActorId,
    Channel,
    CityId,
    EvaluatorId,
    FrameworkId,
    ProjectType,
    Text,
)
from replay.ready import ready

COUNTRIES = tuple(
    "AF AL AO AM AZ BD BR KH CM CO CR EC EG ET FJ GE GH HN ID IN JO KE LA LK MG MN MX NG PE PH".split()  # noqa: E501, SIM905  # a list to be read
)
SECTORS = ("21010", "14010", "14050", "43030", "41010", "23110", "15110", "11110")
CAP_KRW = 400_000_000
DOCUMENT_RUBRIC, FINAL_RUBRIC = FrameworkId("ssp-document"), FrameworkId("ssp-final")
_WHAT = ("bus corridor", "water supply", "waste plant", "master plan", "flood defence", "grid")
_REGIONS = ("Africa", "Asia-Pacific", "Eastern Europe and CIS", "Latin America", "Middle East")
_DAY = timedelta(days=1)


def city(number: int) -> CityId:
    """Name a city."""
    return CityId(f"{COUNTRIES[number % len(COUNTRIES)]}C{number:04}")


def evaluator(number: int) -> EvaluatorId:
    """Name an evaluator."""
    return EvaluatorId(ActorId(f"ev-{number:04}"))


def document(random: Random) -> str:
    """Return the digest of a document that nobody wrote."""
    return random.randbytes(32).hex()


def begun(book: Book, size: Size, at: datetime) -> Iterator[Group]:
    """Publish the rubrics and register the cities, each with what it needs."""
    for framework in (DOCUMENT_RUBRIC, FINAL_RUBRIC):
        book.do(DraftFramework(framework, ready()[framework].rubric), at)
        book.do(PublishFramework(framework, 1), at)
    yield book.record()
    for number in range(size.cities):
        _registered(book, number, at + _DAY)
        if number % 100 == 99:  # noqa: PLR2004  # an officer's afternoon
            yield book.record()
    yield book.record()


def _registered(book: Book, number: int, at: datetime) -> None:
    city_id, random = city(number), book.random
    name = Text(f"City {number}", f"도시 {number}")
    region = _REGIONS[number % len(_REGIONS)]
    book.do(RegisterCity(city_id, name, city_id[:2], region, "", illustrative=True), at)
    what = random.choice(_WHAT)
    sector, channel = random.choice(SECTORS), random.choice(tuple(Channel))
    book.do(IdentifyNeed(city_id, sector, channel, f"The city asked for a {what}"), at)
    book.do(AssessCapacity(city_id, random.randint(1, 4), "Questionnaire and interview"), at)


def project(random: Random) -> Project:
    """Return something that a city may apply for."""
    what = random.choice(_WHAT)
    return Project(
        Text(f"A {what} for the city", "도시를 위한 사업"),
        random.choice(SECTORS),
        f"The city wants to plan its {what} with the experience of Seoul, in three parts.",
        random.choice(tuple(ProjectType)),
        random.randrange(100_000_000, CAP_KRW, 1_000_000),
        (document(random), document(random)),
    )


def grade(random: Random, worth: float, severity: float) -> Decimal:
    """Return a mark from E (60) to A (100) for something of that worth, from 0 to 1."""
    step = round(4 * worth + random.gauss(0, 0.7) - severity)
    return Decimal(60 + 10 * min(max(step, 0), 4))
