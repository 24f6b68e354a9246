"""Plays the 2024 round through the commands that everyone uses.

What was published is carried over. What was not, is filled in and says so: cities are
marked illustrative, evaluators are called `simulated-N`, every score sheet carries a
comment, and dates, weights and scores are ours. The seed is fixed, so each demo is the
same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from core.applications.commands import DetermineEligibility, SubmitApplication
from core.applications.events import RuleChecked, application_id
from core.calls.commands import AnnounceCall, CloseCall, ConcludeCall, LockStage, OpenStage
from core.calls.events import Eligibility, Stage
from core.cities.commands import EnterPool, IdentifyNeed, OfferOpportunity, RegisterCity
from core.cities.events import OpportunityKind, Tier
from core.decider import Act
from core.evaluations import rules as evaluations
from core.evaluations.commands import (
    AppointEvaluator,
    AssignEvaluator,
    DeclareConflict,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import ConflictKind, evaluation_stream
from core.frameworks.commands import DraftFramework, PublishFramework
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ranking import Mark, Standing
from core.selection import events as selection_events
from core.selection import rules as selection
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    NotifyOutcomes,
    ProposeSelection,
)
from core.selection.events import Outcome, Override
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    EvaluatorId,
    FrameworkRef,
    Role,
    StageId,
    Text,
)
from replay.demo.facts import DemoCity, round_2024
from replay.demo.rubrics import DOCUMENT, FINAL

CALL = CallId("seoul-oda-2024")
DOCUMENT_STAGE, FINAL_STAGE = StageId("document"), StageId("final")
FINALISTS = 12
SIMULATED = "Simulated score from a fixed seed; the real scores were not published."
_LOTS = Override("Shared rank at the line: drawn by lot (simulated).", "demo-manager")
_KST = timezone(timedelta(hours=9))
_OPENS = datetime(2024, 3, 4, 9, tzinfo=_KST)
_EVALUATORS = tuple(EvaluatorId(ActorId(f"simulated-{n}")) for n in range(1, 8))
_PREFERRED, _OTHERS = (0.93, 0.97), (0.1, 0.72)
"""Ranges of simulated quality, 0 to 1: the published three come out first, by design."""
_OFFICER, _MANAGER = ActorId("demo-officer"), ActorId("demo-manager")


@dataclass(slots=True)
class _Play:
    """Issues commands on a day of the round, and tells how far it is."""

    ledger: Ledger
    progress: Callable[[int, str], None]
    random: random.Random
    day: float = 0
    issued: int = 0
    doing: str = ""
    quality: dict[str, float] = field(default_factory=dict)

    def do(self, command: Command, actor: ActorId = _OFFICER, role: Role = Role.OFFICER) -> None:
        act = Act(actor, role, _OPENS + timedelta(days=self.day))
        self.ledger.handle(Envelope(command, act, correlation_id="demo-2024", policy="demo"))
        self.issued += 1
        self.progress(self.issued, self.doing)


def play(ledger: Ledger, progress: Callable[[int, str], None] = lambda _n, _what: None) -> int:
    """Record the whole round and return how many commands that took.

    `progress` is told the number of commands so far and what they are about.
    """
    game = _Play(ledger, progress, random.Random(2024))  # noqa: S311  # a fixed seed is the point
    for city in round_2024().cities:
        best = city.id in round_2024().preferred
        game.quality[city.id] = game.random.uniform(*(_PREFERRED if best else _OTHERS))
    _announce(game)
    _apply(game)
    _appoint(game)
    _stage(game, DOCUMENT_STAGE, [application_id(CALL, c.id) for c in round_2024().cities])
    _revise(game)
    finalists = _decide(game, DOCUMENT_STAGE, FINALISTS)
    _stage(game, FINAL_STAGE, finalists)
    _decide(game, FINAL_STAGE, 3)
    game.do(ConcludeCall(CALL), _MANAGER, Role.MANAGER)
    _pool(game, finalists)
    return game.issued


def _announce(game: _Play) -> None:
    game.doing = "call"
    facts = round_2024()
    for draft in (DOCUMENT, FINAL):
        game.do(draft)
        game.do(PublishFramework(draft.framework_id, 1), _MANAGER, Role.MANAGER)
    game.do(AnnounceCall(
        CALL, 2024, facts.title, _OPENS, _OPENS + timedelta(days=40),
        (
            Stage(DOCUMENT_STAGE, Text("Document evaluation", "서류 평가"), _ref(DOCUMENT),
                  FINALISTS),
            Stage(FINAL_STAGE, Text("Final evaluation", "최종 평가"), _ref(FINAL), 3),
        ),
        Eligibility(facts.list_version, facts.countries), None, facts.cap_krw,
    ))


def _ref(draft: DraftFramework) -> FrameworkRef:
    return FrameworkRef(draft.framework_id, 1)


def _apply(game: _Play) -> None:
    game.doing = "applications"
    facts = round_2024()
    for number, city in enumerate(facts.cities):
        game.day = 1 + number * 0.35
        game.do(RegisterCity(city.id, city.name, city.country, city.region, city.unlocode,
                             city.illustrative))
        game.do(IdentifyNeed(city.id, city.project.sector, city.channel, city.need))
        game.do(SubmitApplication(CALL, city.id, city.channel, city.project))
    game.day = 40
    game.do(CloseCall(CALL))
    for city in facts.cities:
        game.do(DetermineEligibility(application_id(CALL, city.id), facts.list_version, (
            RuleChecked("country on the list of ODA recipients", holds=True, note=city.country),
            RuleChecked("a local government's only project", holds=True),
        )))


def _appoint(game: _Play) -> None:
    game.doing = "panel"
    game.day = 42
    for evaluator in _EVALUATORS:
        game.do(AppointEvaluator(evaluator, CALL))
        game.do(DeclareConflict(evaluator, CALL, ConflictKind.NONE), evaluator, Role.EVALUATOR)


def _stage(game: _Play, stage: StageId, applications: list[ApplicationId]) -> None:
    game.doing = f"{stage} evaluation"
    game.day += 3
    game.do(OpenStage(CALL, stage))
    game.do(ConvenePanel(CALL, stage, _EVALUATORS, _MANAGER))
    rubric = (DOCUMENT if stage == DOCUMENT_STAGE else FINAL).rubric
    for evaluator in _EVALUATORS:
        severity = game.random.uniform(-0.08, 0.08)
        for application in applications:
            game.do(AssignEvaluator(application, evaluator, stage))
            quality = game.quality[application.partition(":")[2]]
            marks = tuple(
                Mark(criterion.id, _grade(quality + severity + game.random.gauss(0, 0.1)))
                for criterion in rubric.criteria
            )
            game.do(SubmitScores(application, evaluator, stage, marks, SIMULATED),
                    evaluator, Role.EVALUATOR)


def _grade(quality: float) -> Decimal:
    """Return a grade's worth, 60 to 100 in steps of 10, for a quality from 0 to 1."""
    return Decimal(60 + 10 * min(4, max(0, int(quality * 5))))


def _revise(game: _Play) -> None:
    """Let a few marks be put right, so that the round has revisions to look at."""
    game.doing = "revisions"
    game.day += 2
    for number, city in enumerate(round_2024().cities[5::19]):
        evaluator = _EVALUATORS[number % len(_EVALUATORS)]
        application = application_id(CALL, city.id)
        sheet = evaluation_stream(application, evaluator, DOCUMENT_STAGE)
        mark = _mark_of(game.ledger, sheet)
        after = mark - 10 if mark > 60 else mark + 10  # noqa: PLR2004  # one grade down, or up
        game.do(ReviseScore(application, evaluator, DOCUMENT_STAGE, DOCUMENT.rubric.criteria[0].id,
                            after, "simulated: second reading of the application"),
                evaluator, Role.EVALUATOR)


def _mark_of(ledger: Ledger, sheet: str) -> Decimal:
    marks = ledger.draft().one(evaluations.DECIDER, sheet).marks
    value = marks[0].value if marks else None
    return value if value is not None else Decimal(60)


def _decide(game: _Play, stage: StageId, slots: int) -> list[ApplicationId]:
    """Lock, rank, propose the best in order, and have another person approve."""
    game.doing = f"{stage} selection"
    game.day += 4
    game.do(LockStage(CALL, stage))
    game.do(ConfirmQuorum(CALL, stage))
    game.do(ComputeRanking(CALL, stage))
    state = game.ledger.draft().one(selection.DECIDER, selection_events.stream(CALL, stage))
    lines = state.ranking.lines if state.ranking else ()
    chosen = [line.scored.application for line in lines
              if line.scored.standing is Standing.RANKED][:slots]
    at_line = {line.rank for line in lines if line.scored.application not in chosen}
    game.do(ProposeSelection(CALL, stage, tuple(
        Choice(line.scored.application, Outcome.SELECTED, _LOTS if line.rank in at_line else None)
        for line in lines if line.scored.application in chosen
    )))
    game.day += 1
    game.do(ApproveSelection(CALL, stage), _MANAGER, Role.MANAGER)
    game.do(NotifyOutcomes(CALL, stage))
    return chosen


def _pool(game: _Play, finalists: list[ApplicationId]) -> None:
    """Keep every city that was not selected, with its reasons and a next opportunity."""
    game.doing = "pool"
    game.day += 7
    state = game.ledger.draft().one(
        selection.DECIDER, selection_events.stream(CALL, DOCUMENT_STAGE))
    ranks = {line.scored.application: line.rank for line in state.ranking.lines} \
        if state.ranking else {}
    for city in round_2024().cities:
        if city.id in round_2024().preferred:
            continue
        application = application_id(CALL, city.id)
        rank = ranks.get(application)
        tier = _tier(application in finalists, rank)
        reason = (f"Rank {rank} of {len(ranks)} in the document evaluation (simulated scores)"
                  + ("; in the final, not among the three preferred." if application in finalists
                     else f"; the {FINALISTS} best went on to the final."))
        game.do(EnterPool(city.id, CALL, tier, (reason,)))
        game.do(OfferOpportunity(city.id, *_next(city, tier)))


def _tier(finalist: bool, rank: int | None) -> Tier:  # noqa: FBT001
    if finalist:
        return Tier.READY
    return Tier.IMPROVING if rank is not None and rank <= 48 else Tier.IN_TOUCH  # noqa: PLR2004


def _next(city: DemoCity, tier: Tier) -> tuple[OpportunityKind, str]:
    sector = city.project.sector
    match tier:
        case Tier.READY:
            return OpportunityKind.CHALLENGE_SEAT, f"A seat in the next SSP Challenge ({sector})"
        case Tier.IMPROVING:
            return OpportunityKind.STUDY_VISIT, f"A study visit to Seoul on sector {sector}"
        case Tier.IN_TOUCH:
            return OpportunityKind.WEBINAR, f"A webinar on sector {sector} before the next call"
