"""The violations: each an edit of a clean history that the commands would have refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from core.applications.events import (
    ApplicationAmended,
    ClarificationAnswered,
    ClarificationRequested,
    EligibilityDetermined,
    RuleChecked,
)
from core.calls.events import StageLocked, StageOpened
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    EvaluationCertified,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorRecused,
    ScoreRevised,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    IndicatorRevised,
    ObservationRecorded,
)
from core.projects.events import AgreementSigned, Implementer, PaymentMade, ProjectStarted
from core.ranking import Mark, Ranked
from core.selection.events import (
    AppealDecided,
    AppealFiled,
    Outcome,
    Override,
    QuorumConfirmed,
    RankingComputed,
    ReEvaluationOrdered,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    Verdict,
)
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CriterionId,
    EvaluatorId,
    FrameworkId,
    FrameworkRef,
)
from tests import project_scenes as projects
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    APPEALS_UNTIL,
    CITIES,
    GRADES,
    LATER,
    PANEL,
    PARK,
    Grades,
    History,
    Told,
    told,
)
from tests.projections.audit_findings.edits import (
    Edit,
    at,
    before,
    both,
    changed,
    instead,
    then,
)
from tests.scenes import CALL, DEADLINE, DIGEST, DOCUMENT, FIT, KIM, LEE, NEED, SSP, app
from tests.stories import MANAGER, OFFICER

Start = Callable[[], History]
FIRST, SECOND, THIRD, FOURTH, FIFTH, *_, LAST = map(app, CITIES)
"""The cities' applications in the order of their ranks."""


@dataclass(frozen=True)
class Plant:
    """What a violation says in words, the finding that it is, and how it is made."""

    says: str
    code: str
    start: Start
    edit: Edit


def sheet(application: ApplicationId, evaluator: EvaluatorId) -> ScoresSubmitted:
    """Return the scores that an evaluator gives an application in the clean histories."""
    city, place = CITIES[[app(c) for c in CITIES].index(application)], PANEL.index(evaluator)
    return scenes.scored(city, evaluator, *GRADES[CITIES.index(city)][place])


def revised(
    application: ApplicationId, of: EvaluatorId, before_: int, after: int, reason: str = "a slip"
) -> ScoreRevised:
    return ScoreRevised(application, of, DOCUMENT, NEED, Decimal(before_), Decimal(after), reason)


def lines(change: Callable[[Ranked], Ranked]) -> Edit:
    """Change lines of the ranking."""

    def edit(history: History) -> History:
        ranking = next(f.event for f in reversed(history) if isinstance(f.event, RankingComputed))
        return changed(RankingComputed, lines=tuple(map(change, ranking.lines)))(history)

    return edit


def swapped(one: ApplicationId, other: ApplicationId) -> Edit:
    """Let two applications change places in the ranking."""

    def edit(history: History) -> History:
        ranking = next(f.event for f in reversed(history) if isinstance(f.event, RankingComputed))
        places = {line.scored.application: line.rank for line in ranking.lines}
        places[one], places[other] = places[other], places[one]
        return lines(lambda line: replace(line, rank=places[line.scored.application]))(history)

    return edit


def ranked_anew(history: History) -> History:
    """Rank as the real command would."""
    facts = tuple(fact.event for fact in history)
    return (*history, *map(told, scenes.ranked(facts)[len(facts) :]))


def graded(changes: dict[tuple[int, int], Grades]) -> Start:
    """Return a ranked history in which some sheets, by city and evaluator, say otherwise."""

    def start() -> History:
        grades = [
            [changes.get((c, e), own) for e, own in enumerate(panel)]
            for c, panel in enumerate(GRADES)
        ]
        return tuple(map(told, scenes.ranked(clean.scored(grades))))

    return start


def _one_more(line: Ranked) -> Ranked:
    if line.scored.application != FIRST or line.scored.total is None:
        return line
    return replace(line, scored=replace(line.scored, total=line.scored.total + 1))


def _na_as_zero(line: Ranked) -> Ranked:
    """Let an N/A count as a zero, and the total of the sheet follow from it."""
    sheets = tuple(
        replace(
            s,
            weighted=tuple(
                replace(w, mark=Decimal(0), points=Decimal(0)) if w.mark is None else w
                for w in s.weighted
            ),
        )
        for s in line.scored.sheets
    )
    return replace(line, scored=replace(line.scored, sheets=sheets))


def outcomes(*changes: tuple[ApplicationId, Outcome, Override | None]) -> Edit:
    """Let proposals say otherwise."""

    def edit(history: History) -> History:
        event = next(f.event for f in reversed(history) if isinstance(f.event, SelectionProposed))
        new = {a: (outcome, override) for a, outcome, override in changes}
        proposals = tuple(
            replace(p, outcome=new[p.application_id][0], override=new[p.application_id][1])
            if p.application_id in new
            else p
            for p in event.proposals
        )
        return changed(SelectionProposed, proposals=proposals)(history)

    return edit


def upheld(heard_by: str = MANAGER) -> tuple[Told, ...]:
    decided = AppealDecided(LAST, DOCUMENT, Verdict.UPHELD, (ActorId(heard_by),), "so it is")
    return told(AppealFiled(LAST, DOCUMENT, "a table was misread", ())), told(decided)


def _copied_comment(*evaluators: EvaluatorId) -> Edit:
    words = "A convincing plan, though the city has few engineers of its own."
    spaced = {e: words.upper() if e == KIM else f" {words}" for e in evaluators}
    return both(
        *(instead(sheet(FIRST, e), replace(sheet(FIRST, e), comment=spaced[e])) for e in evaluators)
    )


_INTEREST = ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, FIRST)
_OTHER = FrameworkId("other")
_LIGHT = replace(
    scenes.RUBRIC,
    criteria=(replace(scenes.RUBRIC.criteria[0], weight=Decimal(30)), *scenes.RUBRIC.criteria[1:]),
)
_ELSEWHERE = replace(
    scenes.ANNOUNCEMENT,
    stages=tuple(replace(s, framework=FrameworkRef(SSP, 2)) for s in scenes.STAGES),
)
_DOWN: Sequence[tuple[int, int]] = tuple((own[0][0], own[0][0] - 10) for own in GRADES)
_STARTED = ProjectStarted(projects.PROJECT, projects.STARTS)
_PAID = PaymentMade(projects.PROJECT, 1, 1_000_000, projects.STARTS, "I", "p", DIGEST)
_LATER = Told(scenes.registered(scenes.TOKYO, "JP"), OFFICER, LATER, LATER)

PLANTS: tuple[Plant, ...] = (
    Plant(
        "a tie-break is changed in a rubric that scores were given by",
        "rubric-changed",
        clean.selection,
        then(FrameworkDrafted(SSP, 1, replace(scenes.RUBRIC, tie_breaks=(FIT,)))),
    ),
    Plant(
        "a stage gets another rubric after it was scored",
        "rubric-exchanged",
        clean.selection,
        then(_ELSEWHERE),
    ),
    Plant(
        "a rubric is published with weights of 90",
        "weights-not-100",
        clean.locked,
        then(FrameworkDrafted(_OTHER, 1, _LIGHT), FrameworkPublished(_OTHER, 1)),
    ),
    Plant(
        "a total is one point more than its marks", "total-differs", clean.ranked, lines(_one_more)
    ),
    Plant(
        "a ranking counts scores that were invalidated",
        "ranking-of-other-scores",
        clean.ranked,
        before(RankingComputed, EvaluationInvalidated(LAST, PARK, DOCUMENT, "r")),
    ),
    Plant(
        "the first and the second change places",
        "places-differ",
        clean.ranked,
        swapped(FIRST, SECOND),
    ),
    Plant(
        "a mark is changed after the lock",
        "changed-after-lock",
        clean.selection,
        then(revised(LAST, PARK, 70, 80)),
    ),
    Plant(
        "a mark is changed after the lock, reopened by one person alone",
        "changed-after-lock",
        clean.selection,
        then(
            EvaluationReopened(LAST, PARK, DOCUMENT, OFFICER, OFFICER), revised(LAST, PARK, 70, 80)
        ),
    ),
    Plant(
        "an officer changes an evaluator's mark",
        "changed-by-another",
        clean.locked,
        before(StageLocked, Told(revised(LAST, PARK, 70, 80), OFFICER)),
    ),
    Plant(
        "a mark is changed without a reason",
        "changed-without-reason",
        clean.locked,
        before(StageLocked, revised(LAST, PARK, 70, 80, " ")),
    ),
    Plant(
        "scores come in after the lock",
        "scored-after-lock",
        clean.locked,
        both(
            instead(EvaluationCertified(LAST, PARK, DOCUMENT)),
            instead(sheet(LAST, PARK)),
            then(sheet(LAST, PARK)),
        ),
    ),
    Plant(
        "a late revision takes the second city's place away",
        "revised-late-pivotal",
        clean.ranked,
        both(
            then(
                EvaluationReopened(SECOND, KIM, DOCUMENT, OFFICER, MANAGER),
                revised(SECOND, KIM, 100, 60),
                EvaluationLocked(SECOND, KIM, DOCUMENT),
            ),
            ranked_anew,
        ),
    ),
    Plant(
        "an evaluator's revisions all go down",
        "revised-one-way",
        clean.locked,
        both(
            before(
                StageLocked,
                *(revised(app(c), KIM, *marks) for c, marks in zip(CITIES, _DOWN, strict=True)),
            ),
            ranked_anew,
        ),
    ),
    Plant(
        "somebody scores what was not assigned to them",
        "scored-unassigned",
        clean.selection,
        instead(scenes.assigned(CITIES[-1], PARK)),
    ),
    Plant(
        "an officer hands an evaluator's scores in",
        "scored-by-another",
        clean.selection,
        at(sheet(LAST, PARK), by=OFFICER),
    ),
    Plant(
        "somebody scores before declaring interests",
        "scored-undeclared",
        clean.selection,
        both(instead(scenes.declared(PARK)), before(sheet(SECOND, KIM), scenes.declared(PARK))),
    ),
    Plant(
        "somebody scores with an interest",
        "scored-conflicted",
        clean.selection,
        before(sheet(LAST, PARK), ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, LAST)),
    ),
    Plant(
        "somebody scores after a recusal",
        "scored-recused",
        clean.selection,
        before(sheet(LAST, PARK), EvaluatorRecused(PARK, LAST, "r")),
    ),
    *(
        Plant(
            f"an interest that is declared {when} changes nothing",
            "conflicted-counts",
            clean.selection,
            edit,
        )
        for when, edit in (
            ("before the ranking", before(RankingComputed, _INTEREST)),
            ("before the approval", before(SelectionApproved, _INTEREST)),
            ("after the approval", then(_INTEREST)),
        )
    ),
    Plant(
        "a selection is approved without one certificate",
        "uncertified",
        clean.selection,
        instead(EvaluationCertified(LAST, PARK, DOCUMENT)),
    ),
    Plant(
        "a stage is ranked without counting the quorum",
        "quorum-unconfirmed",
        clean.selection,
        instead(QuorumConfirmed),
    ),
    Plant(
        "two of three evaluators are recused before the approval",
        "quorum-lost",
        clean.selection,
        before(
            SelectionApproved,
            EvaluatorRecused(LEE, FIRST, "r"),
            EvaluatorRecused(PARK, FIRST, "r"),
        ),
    ),
    Plant(
        "a file had zero where a mark was missing",
        "zero-off-scale",
        clean.locked,
        instead(sheet(LAST, PARK), scenes.scored(CITIES[-1], PARK, 0, 60, 70)),
    ),
    Plant("a ranking counts N/A as zero", "missing-as-zero", clean.ranked, lines(_na_as_zero)),
    Plant(
        "an application is received at the deadline",
        "accepted-late",
        clean.selection,
        at(scenes.submitted(CITIES[-1]), DEADLINE),
    ),
    Plant(
        "an application is amended after closing",
        "amended-late",
        clean.selection,
        then(ApplicationAmended(LAST, scenes.project())),
    ),
    Plant(
        "an application is amended at the deadline",
        "amended-late",
        clean.selection,
        before(
            scenes.checked(CITIES[0]),
            Told(ApplicationAmended(LAST, scenes.project()), OFFICER, DEADLINE),
        ),
    ),
    Plant(
        "eligibility is determined by an older list",
        "wrong-list",
        clean.selection,
        instead(
            scenes.checked(CITIES[-1]),
            EligibilityDetermined(LAST, "DAC 2020", (RuleChecked("country", holds=True),), True),  # noqa: FBT003
        ),
    ),
    Plant(
        "an application is eligible though a check failed",
        "eligible-against-checks",
        clean.selection,
        instead(
            scenes.checked(CITIES[-1]),
            EligibilityDetermined(LAST, "DAC 2024", (RuleChecked("country", holds=False),), True),  # noqa: FBT003
        ),
    ),
    Plant(
        "an ineligible application is scored",
        "scored-ineligible",
        clean.selection,
        instead(scenes.checked(CITIES[-1]), scenes.checked(CITIES[-1], holds=False)),
    ),
    Plant(
        "an application is scored that nobody checked",
        "scored-unchecked",
        clean.selection,
        instead(scenes.checked(CITIES[-1])),
    ),
    Plant(
        "the third is selected before the second",
        "out-of-order",
        clean.selection,
        outcomes((SECOND, Outcome.POOL, None), (THIRD, Outcome.SELECTED, None)),
    ),
    Plant(
        "the last is selected, with an override that says nothing",
        "out-of-order",
        clean.selection,
        outcomes((LAST, Outcome.SELECTED, Override(" ", "mayor"))),
    ),
    Plant(
        "a tie is broken by another criterion than the published one",
        "tie-broken-otherwise",
        graded({(4, 0): (90, 80, 70), (4, 1): (80, 80, 80), (4, 2): (80, 70, 90)}),
        swapped(FOURTH, FIFTH),
    ),
    Plant(
        "the second reserve is promoted before the first",
        "reserve-out-of-order",
        clean.selection,
        then(ReservePromoted(CALL, DOCUMENT, FOURTH, SECOND, "r")),
    ),
    Plant(
        "a stage is ranked by another version of the rubric",
        "ranked-by-another-rubric",
        clean.selection,
        changed(RankingComputed, framework=FrameworkRef(SSP, 2)),
    ),
    Plant(
        "an evaluator marks a criterion that is not in the rubric",
        "other-criteria",
        clean.selection,
        instead(
            sheet(LAST, PARK),
            replace(
                sheet(LAST, PARK),
                marks=(*sheet(LAST, PARK).marks, Mark(CriterionId("charm"), Decimal(90))),
            ),
        ),
    ),
    Plant(
        "one city is asked to clarify while its stage is open",
        "clarified-unequally",
        clean.selection,
        before(StageLocked, ClarificationRequested(LAST, 1, "How many buses?")),
    ),
    Plant(
        "an answer comes when some have scored already",
        "clarified-midway",
        clean.selection,
        both(
            before(StageOpened, ClarificationRequested(LAST, 1, "How many buses?")),
            before(StageLocked, ClarificationAnswered(LAST, 1, "Four hundred")),
        ),
    ),
    *(
        Plant(
            f"an evaluator decides: {kind.__name__}",
            "decider-scored",
            clean.selection,
            changed(kind, by=KIM),
        )
        for kind in (SelectionProposed, SelectionApproved)
    ),
    Plant(
        "cities are told before anybody approved",
        "told-before-approval",
        clean.selection,
        instead(SelectionApproved),
    ),
    Plant(
        "an appeal is taken after its time",
        "appeal-late",
        clean.selection,
        then(Told(AppealFiled(LAST, DOCUMENT, "g", ()), OFFICER, APPEALS_UNTIL)),
    ),
    Plant(
        "an appeal is heard by an evaluator",
        "heard-by-scorer",
        clean.selection,
        then(*upheld(KIM)),
    ),
    Plant(
        "a re-evaluation counts annulled scores",
        "annulled-counts",
        clean.selection,
        both(
            then(*upheld(), ReEvaluationOrdered(LAST, DOCUMENT, (PARK,), MANAGER, "r")),
            lambda history: (
                *history,
                next(f for f in history if isinstance(f.event, RankingComputed)),
            ),
        ),
    ),
    Plant(
        "a project starts before it is signed",
        "started-before-agreement",
        clean.project,
        both(instead(_STARTED), before(AgreementSigned, _STARTED)),
    ),
    Plant(
        "a project is paid on the day before it is signed",
        "paid-before-agreement",
        clean.project,
        changed(PaymentMade, paid_on=projects.SIGNED_ON - timedelta(days=1)),
    ),
    Plant(
        "an evaluator carries the project out",
        "evaluator-implements",
        clean.project,
        changed(AgreementSigned, implementers=(Implementer(KIM, "Seoul Institute"),)),
    ),
    Plant(
        "a target is lowered after an observation",
        "target-moved",
        clean.project,
        then(
            IndicatorRevised(
                projects.PROJECT,
                projects.RIDERS,
                projects.BASELINE,
                projects.BASELINE,
                projects.TARGETS,
                projects.TARGETS[:1],
                "r",
            )
        ),
    ),
    Plant(
        "an observation is recorded 200 days after it says it was made",
        "observation-backdated",
        clean.project,
        at(ObservationRecorded, projects.IN_2025 - timedelta(days=200)),
    ),
    Plant(
        "nothing is done about a recommendation",
        "action-overdue",
        clean.project,
        both(instead(ActionCompleted), instead(ActionVerified), then(_LATER)),
    ),
    Plant(
        "what was recommended is done a day late",
        "action-overdue",
        clean.project,
        changed(ActionCompleted, completed_on=projects.ISSUE.due_on + timedelta(days=1)),
    ),
    Plant(
        "an action is sent back and never done again",
        "action-overdue",
        clean.project,
        both(
            instead(
                ActionVerified,
                Told(
                    ActionReturned(projects.PROJECT, projects.ASKED, MANAGER, "a table is missing"),
                    MANAGER,
                    clean.DONE_AT,
                    clean.DONE_AT,
                ),
            ),
            then(_LATER),
        ),
    ),
    Plant(
        "an action is called done without evidence",
        "closed-without-evidence",
        clean.project,
        changed(ActionCompleted, evidence=()),
    ),
    Plant(
        "an action is called checked that nobody did",
        "closed-without-evidence",
        clean.project,
        both(instead(ActionCompleted), at(ActionVerified, seen=projects.IN_2025)),
    ),
    Plant(
        "an evaluator copies another's marks",
        "marks-alike",
        graded({(city, 1): GRADES[city][0] for city in range(len(CITIES))}),
        lambda history: history,
    ),
    Plant(
        "two evaluators comment in the same words",
        "comments-alike",
        clean.ranked,
        _copied_comment(KIM, LEE),
    ),
    Plant(
        "one sheet lies far from its panel",
        "outlying",
        graded({(0, 2): (60, 60, 60)}),
        lambda history: history,
    ),
)
