"""Plays the 2024 round through the rules that everyone's commands go through.

What was published is carried over. What was not, is filled in and says so: cities are
marked illustrative, evaluators are called `simulated-N`, every score sheet carries a
comment, and dates, weights and scores are ours. The seed is fixed, so each demo is the
same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from core.applications.commands import DetermineEligibility, SubmitApplication
from core.applications.events import RuleChecked, application_id
from core.calls.commands import AnnounceCall, CloseCall, ConcludeCall, LockStage, OpenStage
from core.calls.events import Eligibility, Stage
from core.cities.commands import IdentifyNeed, RegisterCity
from core.evaluations.commands import (
    AppointEvaluator,
    AssignEvaluator,
    CertifyEvaluation,
    DeclareConflict,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import ConflictKind
from core.frameworks.commands import DraftFramework, PublishFramework
from core.handlers.table import Command
from core.ledger.ledger import Ledger
from core.ledger.reactor import Reactor
from core.ranking import Standing
from core.reactions.table import REACTIONS
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
from core.selection.events import Outcome
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    EvaluatorId,
    FrameworkId,
    FrameworkRef,
    Role,
    StageId,
    Text,
)
from replay.demo.facts import DemoCity, round_2024
from replay.demo.game import Game, key_of
from replay.demo.panel import EVALUATORS, Panel
from replay.ready import ready

CALL = CallId("seoul-oda-2024")
DOCUMENT_STAGE, FINAL_STAGE = StageId("document"), StageId("final")
FINALISTS, PREFERRED = 12, 3
COMMANDS = 2_673
"""How many commands the whole round takes, those that follow by themselves not counted."""
EVENTS = COMMANDS + 2 * 92 + PREFERRED
"""How many events it leaves: each of 92 cities enters the pool and is offered what comes next, and
the projects of the three others are opened."""
SIMULATED = "Simulated score from a fixed seed; the real scores were not published."

_NAME = "demo-2024"
_KST = timezone(timedelta(hours=9))
_OPENS = datetime(2024, 3, 4, 9, tzinfo=_KST)
_FRAMEWORKS = {
    DOCUMENT_STAGE: FrameworkId("ssp-document"),
    FINAL_STAGE: FrameworkId("ssp-final"),
}
_READING_DAYS, _SHEET_DAYS = 0.08, 0.009
_OFFICER, _MANAGER = ActorId("demo-officer"), ActorId("demo-manager")


def may_play(ledger: Ledger) -> bool:
    """Whether the log is empty, or holds the beginning of a play that was interrupted."""
    first, last = key_of(_NAME, 1), key_of(_NAME, COMMANDS)
    known = ledger.store.known([first, last])
    return last not in known and (first in known or ledger.store.size() == 0)


def play(ledger: Ledger, progress: Callable[[int, str], None] = lambda _n, _what: None) -> int:
    """Record the whole round and return how many commands that took.

    `progress` is told the number of commands so far and what they are about.
    """
    facts = round_2024()
    panel = Panel([city.id for city in facts.cities], facts.preferred)
    game = _Round(Game(ledger, _NAME, _OPENS, progress), panel)
    game.announce()
    game.apply()
    game.appoint()
    game.evaluate(DOCUMENT_STAGE, list(facts.cities))
    game.revise()
    game.certify(DOCUMENT_STAGE, list(facts.cities))
    finalists = game.decide(DOCUMENT_STAGE, FINALISTS)
    last = [c for c in facts.cities if _application(c) in finalists]
    game.evaluate(FINAL_STAGE, last)
    game.certify(FINAL_STAGE, last)
    game.decide(FINAL_STAGE, PREFERRED)
    game.conclude()
    return game.game.issued


@dataclass(slots=True)
class _Round:
    """The round, one act after the other."""

    game: Game
    panel: Panel

    def announce(self) -> None:
        facts = round_2024()
        for name in _FRAMEWORKS.values():
            self._officer(DraftFramework(name, ready()[name].rubric))
            self._manager(PublishFramework(name, 1))
        self._officer(
            AnnounceCall(
                CALL,
                2024,
                facts.title,
                _OPENS,
                _OPENS + timedelta(days=40),
                (
                    Stage(
                        DOCUMENT_STAGE,
                        Text("Document evaluation (simulated scores)", "서류 평가 (모의 점수)"),
                        _ref(DOCUMENT_STAGE),
                        FINALISTS,
                    ),
                    Stage(
                        FINAL_STAGE,
                        Text("Final evaluation (simulated scores)", "최종 평가 (모의 점수)"),
                        _ref(FINAL_STAGE),
                        PREFERRED,
                    ),
                ),
                Eligibility(facts.list_version, facts.countries),
                None,
                facts.cap_krw,
            )
        )
        self.game.record("the call")

    def apply(self) -> None:
        facts = round_2024()
        for number, city in enumerate(facts.cities):
            self.game.day = 1 + number * 0.35
            self._officer(
                RegisterCity(
                    city.id, city.name, city.country, city.region, city.unlocode, city.illustrative
                )
            )
            self._officer(IdentifyNeed(city.id, city.project.sector, city.channel, city.need))
            self._officer(SubmitApplication(CALL, city.id, city.channel, city.project))
            self.game.record("applications")
        self.game.day = 40
        self._officer(CloseCall(CALL))
        self.game.record("applications")
        for city in facts.cities:
            checked = (
                RuleChecked("country on the list of ODA recipients", holds=True, note=city.country),
                RuleChecked("a local government's only project", holds=True),
            )
            self._officer(DetermineEligibility(_application(city), facts.list_version, checked))
        self.game.record("eligibility")

    def appoint(self) -> None:
        self.game.day = 42
        for evaluator in EVALUATORS:
            self._officer(AppointEvaluator(evaluator, CALL))
            self._evaluator(evaluator, DeclareConflict(evaluator, CALL, ConflictKind.NONE))
        self.game.record("the panel")

    def evaluate(self, stage: StageId, cities: list[DemoCity]) -> None:
        """Let the whole panel score each application, one evaluator after the other."""
        self.game.day += 3
        self._officer(OpenStage(CALL, stage))
        self._officer(ConvenePanel(CALL, stage, EVALUATORS, _MANAGER))
        self.game.record(f"{stage} evaluation")
        rubric, begun = ready()[_FRAMEWORKS[stage]].rubric, self.game.day
        for number, city in enumerate(cities):
            application = _application(city)
            for place, evaluator in enumerate(EVALUATORS):
                self.game.day = begun + number * _READING_DAYS + place * _SHEET_DAYS
                self._officer(AssignEvaluator(application, evaluator, stage))
                marks = self.panel.marks(city.id, rubric, application, evaluator, stage)
                sheet = SubmitScores(application, evaluator, stage, marks, SIMULATED)
                self._evaluator(evaluator, sheet)
            self.game.record(f"{stage} evaluation")

    def revise(self) -> None:
        """Let a few marks be put right, so that the round has revisions to look at."""
        self.game.day += 1
        for number, city in enumerate(round_2024().cities[4::11]):
            self.game.day += 0.1
            application, evaluator = _application(city), EVALUATORS[(number * 3) % len(EVALUATORS)]
            criterion, after = self.panel.second_reading(application, evaluator, DOCUMENT_STAGE)
            reason = "Simulated: second reading of the application"
            self._evaluator(
                evaluator,
                ReviseScore(application, evaluator, DOCUMENT_STAGE, criterion, after, reason),
            )
        self.game.record("revisions")

    def certify(self, stage: StageId, cities: list[DemoCity]) -> None:
        """Let each evaluator confirm that there was no interest besides those declared."""
        self.game.day += 0.5
        for city in cities:
            for evaluator in EVALUATORS:
                self._evaluator(evaluator, CertifyEvaluation(_application(city), evaluator, stage))
        self.game.record(f"{stage} evaluation")

    def decide(self, stage: StageId, slots: int) -> list[ApplicationId]:
        """Lock, rank, propose the best in order, and have another person approve."""
        self.game.day += 4
        for command in (LockStage(CALL, stage), ConfirmQuorum(CALL, stage)):
            self._alone(command)
        self._alone(ComputeRanking(CALL, stage))
        # Another play may have recorded it, unseen by this one's ledger.
        self.game.ledger.forget()
        draft = self.game.ledger.draft()
        state = draft.one(selection.DECIDER, selection_events.stream(CALL, stage))
        lines = state.ranking.lines if state.ranking else ()
        ranked = [line.scored for line in lines if line.scored.standing is Standing.RANKED]
        chosen = [scored.application for scored in ranked[:slots]]
        self._alone(
            ProposeSelection(CALL, stage, tuple(Choice(a, Outcome.SELECTED) for a in chosen))
        )
        self.game.day += 1
        self._alone(ApproveSelection(CALL, stage), _MANAGER, Role.MANAGER)
        self._alone(NotifyOutcomes(CALL, stage))
        return chosen

    def conclude(self) -> None:
        """Conclude the call; by itself three projects then open, and other cities are pooled."""
        self._alone(ConcludeCall(CALL), _MANAGER, Role.MANAGER)
        Reactor(self.game.ledger, REACTIONS).catch_up()

    def _officer(self, command: Command) -> None:
        self.game.do(command, _OFFICER, Role.OFFICER)

    def _manager(self, command: Command) -> None:
        self.game.do(command, _MANAGER, Role.MANAGER)

    def _evaluator(self, evaluator: EvaluatorId, command: Command) -> None:
        self.game.do(command, evaluator, Role.EVALUATOR)

    def _alone(
        self, command: Command, actor: ActorId = _OFFICER, role: Role = Role.OFFICER
    ) -> None:
        """Record a command of its own: a decision sees only what was recorded before it."""
        self.game.do(command, actor, role)
        self.game.record("selection")


def _ref(stage: StageId) -> FrameworkRef:
    return FrameworkRef(_FRAMEWORKS[stage], 1)


def _application(city: DemoCity) -> ApplicationId:
    return application_id(CALL, city.id)
