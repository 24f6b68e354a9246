"""Random histories of a round: commands in any order, of which the rules let some through.

What views must hold for is then everything that can come about, not only what a test's
author thought of.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from core.applications.commands import (
    DetermineEligibility,
    HoldConsultation,
    RecordApplicationIndicator,
    RequestClarification,
    WithdrawApplication,
)
from core.applications.events import RuleChecked
from core.calls.commands import CancelCall, LockStage, OpenStage
from core.cities.commands import (
    AssessCapacity,
    CorrectCityIndicator,
    EnterPool,
    LeavePool,
    OfferOpportunity,
    ReactivateCity,
    RecordCityIndicator,
)
from core.cities.events import OpportunityKind, Tier
from core.evaluations.commands import (
    AbstainFromEvaluation,
    ApproveReopening,
    AssignEvaluator,
    DeclareConflict,
    InvalidateEvaluation,
    LockEvaluation,
    RecuseEvaluator,
    RequestReopening,
    ReviseScore,
    SubmitScores,
    WaiveConflict,
)
from core.evaluations.events import ConflictKind
from core.handlers.table import Command
from core.ledger.codec import Event
from core.selection.commands import (
    AdmitAppeal,
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    DecideAppeal,
    FileAppeal,
    NotifyOutcomes,
    OrderReEvaluation,
    PromoteReserve,
    ProposeSelection,
    RevokeSelection,
)
from core.selection.events import Outcome, QuorumConfirmed, RankingComputed, Verdict
from core.vocabulary import ActorId, CityId, EvaluatorId, StageId
from tests import scenes
from tests.scenes import CALL, COLOMBO, DOCUMENT, FINAL, KIM, LEE, LIMA, NEED, PHNOM_PENH, app
from tests.stories import MANAGER, NOON, given, recorded
from tests.tailored_scenes import own_share, spending

Step = tuple[str, CityId, EvaluatorId, StageId, int]
STARTS = (scenes.SCORING, scenes.SCORED, scenes.LOCKED, scenes.RANKED, scenes.ADVANCED)

_EVALUATION: dict[str, Callable[[Step], Command]] = {
    "assign": lambda s: AssignEvaluator(app(s[1]), s[2], s[3]),
    "submit": lambda s: SubmitScores(app(s[1]), s[2], s[3], scenes.marks(s[4], 80, None)),
    "revise": lambda s: ReviseScore(app(s[1]), s[2], s[3], NEED, Decimal(s[4]), "r"),
    "close": lambda s: LockEvaluation(app(s[1]), s[2], s[3]),
    "reopen": lambda s: RequestReopening(app(s[1]), s[2], s[3], "r"),
    "abstain": lambda s: AbstainFromEvaluation(app(s[1]), s[2], s[3], "r"),
    "invalidate": lambda s: InvalidateEvaluation(app(s[1]), s[2], s[3], "r"),
    "recuse": lambda s: RecuseEvaluator(s[2], app(s[1]), "r"),
    "conflict": lambda s: DeclareConflict(s[2], CALL, ConflictKind.FAMILY, app(s[1])),
    "conflict-call": lambda s: DeclareConflict(s[2], CALL, ConflictKind.OTHER),
    "waive": lambda s: WaiveConflict(s[2], app(s[1]), "r"),
}
_REST: dict[str, Callable[[Step], Command]] = {
    "withdraw": lambda s: WithdrawApplication(app(s[1]), "r"),
    "check": lambda s: DetermineEligibility(
        app(s[1]), "DAC 2024", (RuleChecked("country", s[4] < 100),)
    ),
    "figure": lambda s: RecordCityIndicator(s[1], spending(str(s[4] - 50))),
    "restate": lambda s: CorrectCityIndicator(s[1], spending(str(s[4] - 60)), "r"),
    "share": lambda s: RecordApplicationIndicator(app(s[1]), own_share(str(s[4] - 45))),
    "assess": lambda s: AssessCapacity(s[1], s[4] // 25, "b"),
    "ask": lambda s: RequestClarification(app(s[1]), "q"),
    "consult": lambda s: HoldConsultation(app(s[1]), "bank", ("21010",), "s"),
    "lock": lambda s: LockStage(CALL, s[3]),
    "convene": lambda s: ConvenePanel(CALL, s[3], (KIM, LEE), scenes.CHAIR),
    "quorum": lambda s: ConfirmQuorum(CALL, s[3]),
    "rank": lambda s: ComputeRanking(CALL, s[3]),
    "propose": lambda s: ProposeSelection(
        CALL, s[3], (Choice(app(LIMA), Outcome.SELECTED), Choice(app(PHNOM_PENH), Outcome.RESERVE))
    ),
    "open": lambda _: OpenStage(CALL, FINAL),
    "notify": lambda s: NotifyOutcomes(CALL, s[3], NOON + timedelta(days=30)),
    "appeal": lambda s: FileAppeal(app(s[1]), s[3], "g"),
    "promote": lambda s: PromoteReserve(CALL, s[3], app(PHNOM_PENH), app(LIMA), "r"),
    "revoke": lambda s: RevokeSelection(CALL, s[3], "r"),
    "pool": lambda s: EnterPool(s[1], CALL, Tier.IMPROVING, ("r",)),
    "offer": lambda s: OfferOpportunity(s[1], OpportunityKind.SEMINAR, "d"),
    "leave": lambda s: LeavePool(s[1], "r"),
    "return": lambda s: ReactivateCity(s[1], Tier.READY, "r"),
    "cancel": lambda _: CancelCall(CALL, "r"),
}
_BY_MANAGER: dict[str, Callable[[Step], Command]] = {
    "allow": lambda s: ApproveReopening(app(s[1]), s[2], s[3]),
    "approve": lambda s: ApproveSelection(CALL, s[3]),
}
_JUDGE = ActorId("manager-2")
# Whoever proposed or approved has no part in an appeal.
_BY_JUDGE: dict[str, Callable[[Step], Command]] = {
    "admit": lambda s: AdmitAppeal(app(s[1]), s[3]),
    "answer": lambda s: DecideAppeal(app(s[1]), s[3], Verdict.UPHELD, (_JUDGE,), "r"),
    "annul": lambda s: OrderReEvaluation(app(s[1]), s[3], (s[2],), "r"),
}
_ACTORS = dict.fromkeys(_BY_MANAGER, MANAGER) | dict.fromkeys(_BY_JUDGE, _JUDGE)
COMMANDS = _EVALUATION | _REST | _BY_MANAGER | _BY_JUDGE
# Evaluations make most of a round, and a cancelled call ends every story.
_KINDS = [*_EVALUATION, *_EVALUATION, *(k for k in COMMANDS if k != "cancel"), "cancel"]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(_KINDS),
        st.sampled_from((LIMA, PHNOM_PENH, COLOMBO)),
        st.sampled_from((KIM, LEE)),
        st.sampled_from((DOCUMENT, DOCUMENT, FINAL)),
        st.sampled_from((60, 70, 80, 90, 100)),
    ),
    min_size=5,
    max_size=40,
)


def history(start: tuple[Event, ...], steps: list[Step]) -> tuple[Event, ...]:
    """Return the facts of a start and of every command that was not refused."""
    facts = start
    for n, step in enumerate(steps):
        at, by = NOON + timedelta(hours=n), _ACTORS.get(step[0])
        facts = (*facts, *given(*facts).when(COMMANDS[step[0]](step), by=by, at=at).events)
    return facts


histories = st.builds(history, st.sampled_from(STARTS), STEPS)


def ranked_now(facts: tuple[Event, ...], stage: StageId) -> RankingComputed | None:
    """Return what the rules would rank now, were a quorum confirmed; None where they refuse."""
    confirmed = QuorumConfirmed(CALL, stage, 2, ())
    locked = (*facts, *given(*facts).when(LockStage(CALL, stage)).events, confirmed)
    found = given(*locked).when(ComputeRanking(CALL, stage)).events
    return found[0] if found and isinstance(found[0], RankingComputed) else None


__all__ = ["COMMANDS", "STARTS", "STEPS", "Step", "histories", "history", "ranked_now", "recorded"]
