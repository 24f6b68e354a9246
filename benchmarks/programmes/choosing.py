"""A locked stage from its quorum to its outcomes, and a call from these to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from benchmarks.programmes.applying import DAY, FINAL, Round
from benchmarks.programmes.book import MANAGER, OFFICER, Book, Group
from benchmarks.programmes.size import Size
from core.calls.commands import ConcludeCall
from core.calls.events import CallConcluded
from core.cities.commands import ChangeTier, RecordEngagement
from core.cities.events import Tier
from core.ranking import Ranked
from core.reactions.table import REACTIONS
from core.selection import rules
from core.selection.commands import (
    AdmitAppeal,
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    DecideAppeal,
    FileAppeal,
    NotifyOutcomes,
    PromoteReserve,
    ProposeSelection,
)
from core.selection.events import Outcome, RankingComputed, Verdict, stream
from core.vocabulary import ActorId, ApplicationId, CityId, Role, StageId

_RESERVES = 3
_SITTING = 250
_JUDGES = (ActorId("judge-1"), ActorId("judge-2"))


def chosen(book: Book, size: Size, call: Round, stage: StageId, at: datetime) -> Iterator[Group]:
    """Rank a stage, propose in order, and let another person approve."""
    key = (call.call_id, stage)
    slots = size.projects if stage == FINAL else size.through
    book.do(ConfirmQuorum(*key), at)
    yield book.record()
    (ranking,) = book.do(ComputeRanking(*key), at + DAY)
    yield book.record()
    if not isinstance(ranking, RankingComputed):
        raise TypeError(ranking)
    selected, reserves = in_order(ranking.lines, slots)
    choices = (
        *(Choice(a, Outcome.SELECTED) for a in selected),
        *(Choice(a, Outcome.RESERVE) for a in reserves),
    )
    book.do(ProposeSelection(*key, choices), at + 2 * DAY)
    yield book.record()
    book.do(ApproveSelection(*key), at + 3 * DAY, MANAGER, Role.MANAGER)
    yield book.record()
    until = at + 14 * DAY if stage == FINAL else None
    book.do(NotifyOutcomes(*key, until), at + 4 * DAY)
    yield book.record()


def in_order(
    lines: Sequence[Ranked], slots: int
) -> tuple[tuple[ApplicationId, ...], tuple[ApplicationId, ...]]:
    """Return who can be selected without splitting a tie, and the reserves after them."""
    ranked = [line for line in lines if line.rank is not None]
    ties = [[line.scored.application for line in tie] for _, tie in groupby(ranked, _rank)]
    selected: list[ApplicationId] = []
    while ties and len(selected) + len(ties[0]) <= slots:
        selected += ties.pop(0)
    reserves: list[ApplicationId] = []
    while ties and len(reserves) < _RESERVES:
        reserves += ties.pop(0)
    return tuple(selected), tuple(reserves)


def appealed(book: Book, size: Size, call: Round, at: datetime) -> Iterator[Group]:
    """Let some cities appeal in vain, and one reserve take the place of a city that cannot."""
    lines = _final(book, call)
    for application in [line.scored.application for line in lines][-size.appeals :]:
        home = application.partition(":")[2]
        filed = FileAppeal(application, FINAL, "The panel overlooked our budget")
        book.do(filed, at + 6 * DAY, ActorId(f"focal-{home}"), Role.CITY)
        yield book.record()
        book.do(AdmitAppeal(application, FINAL), at + 7 * DAY, _JUDGES[0], Role.MANAGER)
        yield book.record()
        answer = DecideAppeal(application, FINAL, Verdict.REJECTED, _JUDGES, "It was read")
        book.do(answer, at + 9 * DAY, _JUDGES[0], Role.MANAGER)
        yield book.record()
    selected, reserves = in_order(lines, size.projects)
    if selected and reserves:
        step_in = PromoteReserve(
            call.call_id, FINAL, reserves[0], selected[-1], "The city cannot pay its share"
        )
        book.do(step_in, at + 10 * DAY, MANAGER, Role.MANAGER)
        yield book.record()


def concluded(book: Book, call: Round, at: datetime) -> Iterator[Group]:
    """Conclude the call: projects are opened, and all other cities enter the pool."""
    (fact,) = book.do(ConcludeCall(call.call_id), at, MANAGER, Role.MANAGER)
    yield book.record()
    if not isinstance(fact, CallConcluded):
        raise TypeError(fact)
    reactions = [reaction for reaction in REACTIONS if reaction.fact is CallConcluded]
    follow = [command for r in reactions for command in r.then(fact, at, book.draft)]
    for start in range(0, len(follow), _SITTING):
        for command in follow[start : start + _SITTING]:
            book.do(command, at, ActorId("reactions"), Role.SYSTEM)
        yield book.record()


def kept_in_touch(book: Book, call: Round, at: datetime) -> Iterator[Group]:
    """Speak with cities of the pool, and move some of them closer to a project."""
    lines = {line.scored.application for line in _final(book, call)}
    for application in call.applications:
        if book.random.random() > 0.5:  # noqa: PLR2004  # one in two is reached
            continue
        home = CityId(application.partition(":")[2])
        spoke = RecordEngagement(
            home, "seminar", "The city sent two of its planners", f"contact-{home}", "A B"
        )
        book.do(spoke, at + DAY * book.random.random() * 20, OFFICER)
        if application not in lines and book.random.random() < 0.02:  # noqa: PLR2004  # a few
            book.do(ChangeTier(home, Tier.READY, "A bank will lend"), at + 21 * DAY)
    yield book.record()


def _final(book: Book, call: Round) -> Sequence[Ranked]:
    """Return the lines of the last stage's ranking."""
    state = book.draft.one(rules.DECIDER, stream(call.call_id, FINAL))
    return state.ranking.lines if state.ranking else ()


def _rank(line: Ranked) -> int:
    return line.rank or 0
