"""A call from its announcement to the applications that may be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.programmes.book import MANAGER, Book, Group
from benchmarks.programmes.size import Size
from benchmarks.programmes.world import CAP_KRW, COUNTRIES, city, document, evaluator, project
from core.applications.commands import (
    AmendApplication,
    AnswerClarification,
    DetermineEligibility,
    HoldConsultation,
    RequestClarification,
    SubmitApplication,
    WithdrawApplication,
)
from core.applications.events import RuleChecked, application_id
from core.calls.commands import AnnounceCall, CloseCall, ExtendDeadline, PublishGuideline
from core.calls.events import Eligibility, Stage
from core.evaluations.commands import AppointEvaluator, DeclareConflict
from core.evaluations.events import ConflictKind
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    Channel,
    EvaluatorId,
    FrameworkId,
    FrameworkRef,
    Role,
    StageId,
    Text,
)

DOCUMENT, FINAL = StageId("document"), StageId("final")
DAY = timedelta(days=1)
_SITTING = 250


@dataclass(frozen=True, slots=True)
class Round:
    """A call, and who takes part in it."""

    call_id: CallId
    year: int
    applications: tuple[ApplicationId, ...]
    panel: tuple[EvaluatorId, ...]

    def on(self, month: int, day: int = 1) -> datetime:
        """Return a moment of the call's year."""
        return datetime(self.year, month, day, 1, tzinfo=UTC)


def new_round(random: Random, size: Size, year: int) -> Round:
    """Return the call of a year: who will apply, and who will score."""
    call_id = CallId(f"ssp-{year}")
    applicants = sorted(random.sample(range(size.cities), size.applicants))
    panel = sorted(random.sample(range(size.panel * 2), size.panel))
    return Round(
        call_id,
        year,
        tuple(application_id(call_id, city(number)) for number in applicants),
        tuple(evaluator(number) for number in panel),
    )


def announced(book: Book, size: Size, call: Round) -> Iterator[Group]:
    """Announce the call, publish its guideline, and appoint those who will score."""
    stages = (
        Stage(
            DOCUMENT, Text("Document evaluation", "서류 평가"), _rubric("document"), size.through
        ),
        Stage(FINAL, Text("Final evaluation", "최종 평가"), _rubric("final"), size.projects),
    )
    book.do(
        AnnounceCall(
            call.call_id,
            call.year,
            Text(f"{call.year} Seoul ODA Challenge", f"{call.year} 서울 ODA 챌린지"),
            call.on(1, 15),
            call.on(3),
            stages,
            Eligibility(f"DAC {call.year}", COUNTRIES),
            None,
            CAP_KRW,
        ),
        call.on(1, 10),
        MANAGER,
        Role.MANAGER,
    )
    guideline = document(book.random)
    book.do(PublishGuideline(call.call_id, Text("Guideline"), guideline), call.on(1, 11))
    for person in call.panel:
        book.do(
            AppointEvaluator(
                person, call.call_id, ("urban planning",), f"Evaluator {person}", "someone@example"
            ),
            call.on(1, 12),
        )
        declaration = DeclareConflict(person, call.call_id, ConflictKind.NONE)
        book.do(declaration, call.on(1, 13), person, Role.EVALUATOR)
    yield book.record()


def applied(book: Book, call: Round) -> Iterator[Group]:
    """Let every city apply, ask back, and check what it applied for."""
    order = list(call.applications)
    book.random.shuffle(order)
    for sitting in _sittings(order):
        for application in sitting:
            _received(book, call, application)
        yield book.record()
    book.do(ExtendDeadline(call.call_id, call.on(3, 8), "A holiday"), call.on(2, 27))
    book.do(CloseCall(call.call_id), call.on(3, 9))
    yield book.record()
    for sitting in _sittings(order):
        for application in sitting:
            _checked(book, call, application)
        yield book.record()


def _received(book: Book, call: Round, application: ApplicationId) -> None:
    random, at = book.random, call.on(2) + DAY * book.random.random() * 20
    home = application.partition(":")[2]
    by, spoken_for = ActorId(f"focal-{home}"), Role.CITY
    channel = random.choice(tuple(Channel))
    asked = SubmitApplication(call.call_id, city(_number(home)), channel, project(random))
    book.do(asked, at, by, spoken_for)
    if random.random() < 0.2:  # noqa: PLR2004  # how often a city thinks again
        book.do(AmendApplication(application, project(random)), at + DAY, by, spoken_for)
    if random.random() < 0.3:  # noqa: PLR2004  # how often something is unclear
        question = RequestClarification(application, "Who will run what is built?")
        book.do(question, at + 2 * DAY)
        answer = AnswerClarification(application, 1, "The city's own company, as it does today.")
        book.do(answer, at + 3 * DAY, by, spoken_for)
    if random.random() < 0.3:  # noqa: PLR2004  # how often a bank was asked
        held = HoldConsultation(
            application, "A development bank", ("21010",), "It would lend", f"contact-{home}", "A B"
        )
        book.do(held, at + 4 * DAY)


def _checked(book: Book, call: Round, application: ApplicationId) -> None:
    holds = book.random.random() > 0.03  # noqa: PLR2004  # how many hand in too little
    checks = (
        RuleChecked("country on the list", holds=True),
        RuleChecked("complete documents", holds, "" if holds else "no letter of the mayor"),
    )
    at = call.on(3, 10)
    book.do(DetermineEligibility(application, f"DAC {call.year}", checks), at)
    if book.random.random() < 0.01:  # noqa: PLR2004  # how many give up
        by = ActorId(f"focal-{application.partition(':')[2]}")
        book.do(WithdrawApplication(application, "A new mayor"), at + DAY, by, Role.CITY)


def _rubric(stage: str) -> FrameworkRef:
    return FrameworkRef(FrameworkId(f"ssp-{stage}"), 1)


def _number(city_id: str) -> int:
    return int(city_id.rpartition("C")[2])


def _sittings(items: Sequence[ApplicationId]) -> Iterator[Sequence[ApplicationId]]:
    yield from (items[at : at + _SITTING] for at in range(0, len(items), _SITTING))
