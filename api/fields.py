"""The words of the commands: what each field means, and an example of it.

Paths, bodies and the interactive documentation are described from this one list. A
field that means something else in one command is listed under that command's name too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SLUG = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}"

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_TARGETS = [
    {
        "period": {"start": "2025-01-01", "end": "2025-12-31"},
        "value": "75",
        "dimensions": [{"name": "sex", "value": "female"}],
    }
]
_PLAN = {
    "starts_on": "2024-04-01",
    "ends_on": "2025-12-31",
    "monitored_until": "2028-12-31",
    "results": [{"id": "ridership", "kind": "outcome", "title": {"en": "More riders"}}],
    "milestones": [{"id": "report", "title": {"en": "Report"}, "due_on": "2025-11-30"}],
    "indicators": [
        {
            "id": "riders",
            "result": "ridership",
            "title": {"en": "Riders a day"},
            "unit": "thousand riders",
            "measure": "unit",
            "direction": "increasing",
            "baseline": {"year": 2023, "value": "120.5"},
            "targets": _TARGETS,
        }
    ],
}
_READING = {
    "period": {"start": "2024-04-15", "end": "2024-04-19"},
    "value": "131",
    "unit": "thousand riders",
    "source": "ticket machines",
    "evidence": [_DIGEST],
    "dimensions": [{"name": "sex", "value": "female"}],
}
_FIGURE = {
    "indicator": "gni-per-capita",
    "unit": "USD",
    "value": "7790",
    "on": "2024-12-31",
    "source": "World Bank, World Development Indicators, July 2025",
    "documents": [_DIGEST],
}
_DAC = ("relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability")
_RATINGS = [{"criterion": dac, "grade": "3", "evidence": [_DIGEST]} for dac in _DAC]
_MARK_SCALE = {"worst": "0", "best": "100", "step": "1"}


@dataclass(frozen=True, slots=True)
class Word:
    """What a field means, an example, and for ids the pattern of the whole."""

    meaning: str
    example: Any
    pattern: str = f"^{SLUG}$"


_FOR_ANOTHER = Word(
    "Why another person records it; empty where the evaluator does.", "The sheet came on paper."
)

_WORDS: dict[str, Word] = {
    "action": Word(
        "What will be done; empty where the recommendation is rejected.",
        "Counters on two lines by autumn.",
    ),
    "addressee": Word("Which office or organisation is asked.", "Bus company"),
    "amount": Word(
        "What the follow-up is worth, where that is known.",
        {"amount": "50000000", "currency": "USD"},
    ),
    "amount_krw": Word("The amount, in KRW.", 180_000_000),
    "annulled": Word("The evaluators whose scores no longer count.", ["evaluator-1"]),
    "answer": Word("The answer.", "The bus company and the city share the cost."),
    "AnswerRecommendation.answer": Word(
        "Whether it will be done, wholly or partly, or not.", "partly"
    ),
    "appeals_until": Word(
        "Appeals are taken until before this instant; null where none is.",
        "2024-06-30T18:00:00+09:00",
    ),
    "application_id": Word(
        "The application: the call's id, a colon and the city's id.",
        "seoul-2024:lima",
        f"^{SLUG}:{SLUG}$",
    ),
    "baseline": Word(
        "What the indicator was before the project, and in which year.",
        {"year": 2023, "value": "120.5"},
    ),
    "basis": Word("What the judgement rests on.", "Interview with the planning office."),
    "budget_krw": Word("What all selected projects may cost together, in KRW.", 900_000_000),
    "call_id": Word("The call.", "seoul-2024"),
    "cap_krw": Word("What one project may cost, in KRW.", 300_000_000),
    "chair": Word("The actor id of the panel's chair.", "chair-1"),
    "channel": Word("How it reached the programme.", "open-call"),
    "checks": Word(
        "Each rule of eligibility, whether it holds, and on what evidence.",
        [{"rule": "country on the list", "holds": True, "note": "OECD DAC 2024"}],
    ),
    "choices": Word(
        "The outcome of each application that does not get `otherwise`.",
        [{"application_id": "seoul-2024:lima", "outcome": "selected"}],
    ),
    "city_id": Word("The city.", "lima"),
    "comment": Word("What the evaluator wants to say with the scores.", "A sound plan."),
    "contact_email": Word("The contact's e-mail address; sealed.", "a.quispe@example.org"),
    "contact_id": Word("The contact's pseudonymous id; empty where nobody is named.", "contact-7"),
    "contact_name": Word("The contact's name; sealed.", "Ana Quispe"),
    "country": Word("ISO 3166-1 alpha-2 code of the country.", "PE"),
    "criterion": Word("The criterion whose mark is changed.", "feasibility"),
    "days": Word("Person-days of experts.", "7.5"),
    "deadline_at": Word(
        "Applications are received until before this instant.", "2024-03-31T18:00:00+09:00"
    ),
    "delivered_by": Word("The actor id of the implementer that the agreement names.", "expert-1"),
    "description": Word("What may go wrong.", "The budget for buses may be cut."),
    "detail": Word("What is offered.", "Study visit in May 2025."),
    "document": Word("SHA-256 of the document, in hexadecimal.", _DIGEST),
    "documents": Word("SHA-256 of each document handed in, in hexadecimal.", [_DIGEST]),
    "due_on": Word("The day by which it is to be done.", "2025-09-30"),
    "eligibility": Word(
        "The dated list of countries whose cities may apply; null where all may.",
        {"version": "dac-2024", "countries": ["PE", "KH", "LK"]},
    ),
    "email": Word("The evaluator's e-mail address; sealed.", "kim@example.org"),
    "evaluator_id": Word("The evaluator's pseudonymous actor id.", "evaluator-1"),
    "evaluators": Word("The panel's evaluators.", ["evaluator-1", "evaluator-2", "evaluator-3"]),
    "evidence": Word("SHA-256 of each document that shows it, in hexadecimal.", [_DIGEST]),
    "expertise": Word("What the evaluator is expert in.", ["transport"]),
    "feedback": Word("What the city says.", "The new lanes help."),
    "figure": Word(
        "A number about a day (the last one of its year), in a unit, from a source.",
        _FIGURE,
    ),
    "framework_id": Word("The framework.", "ssp"),
    "grounds": Word("Why the outcome should be looked at again.", "An annex was not read."),
    "heard_by": Word("Who heard the appeal: none of them scored or decided.", ["director-1"]),
    "held_with": Word("Whom the consultation was held with.", "Ministry of transport"),
    "illustrative": Word(
        "Whether the city stands in for one whose name was not published.",
        False,  # noqa: FBT003
    ),
    "impact": Word("How bad it would be.", "high"),
    "implementers": Word(
        "Who carries the project out: pseudonymous actor ids and organisations.",
        [{"actor": "expert-1", "organisation": "Seoul Institute"}],
    ),
    "in_place_of": Word("The selected application that gives way.", "seoul-2024:colombo"),
    "indicator_id": Word("The indicator, as the plan names it.", "riders"),
    "kind": Word("What kind of contact it was.", "meeting"),
    "DeclareConflict.kind": Word("The interest; `none` declares that there is none.", "none"),
    "LinkFollowUp.kind": Word("What the project led to.", "bank-loan"),
    "OfferOpportunity.kind": Word("What is offered.", "study-visit"),
    "level": Word("From 1 (low) to 4 (high).", 3),
    "likelihood": Word("How likely it is.", "low"),
    "list_version": Word("The version of the list that the call was announced with.", "dac-2024"),
    "marks": Word(
        "A mark for each criterion; null is N/A.", [{"criterion": "feasibility", "value": "85"}]
    ),
    "AppointEvaluator.name": Word("The evaluator's name; sealed.", "Kim Jiwon"),
    "EraseSubject.reason": Word(
        "Why; stays readable, so it holds no personal data.", "The person asked for it."
    ),
    "milestone": Word("The milestone, as the plan names it.", "report"),
    "name": Word("The city's name.", {"en": "Lima", "ko": "리마"}),
    "number": Word("The question's number; questions count from 1.", 1),
    "CorrectObservation.number": Word("The observation's number; they count from 1.", 1),
    "ResolveRisk.number": Word("The risk's number; risks count from 1.", 1),
    "VerifyObservation.number": Word("The observation's number; they count from 1.", 1),
    "opens_at": Word("Applications are received from this instant.", "2024-03-01T09:00:00+09:00"),
    "otherwise": Word("The outcome of every application that is not named.", "pool"),
    "owner": Word("The office that watches the risk.", "Planning office"),
    "participants": Word("How many people were trained.", 24),
    "partner": Word("Who pays for it or carries it out.", "Inter-American Development Bank"),
    "period": Word("From the first to the last day.", {"start": "2024-04-15", "end": "2024-04-19"}),
    "phase": Word("When in the project's life it was evaluated.", "mid-term"),
    "plan": Word(
        "Results, milestones and indicators, with the days of work and of monitoring.", _PLAN
    ),
    "project": Word(
        "What is applied for.",
        {
            "title": {"en": "Bus network", "ko": "버스망"},
            "sector": "21010",
            "summary": "A master plan for the city's buses.",
            "project_type": "master-plan",
            "amount_krw": 250_000_000,
        },
    ),
    "project_id": Word(
        "The project, by its application's id: the call's id, a colon and the city's id.",
        "seoul-2024:lima",
        f"^{SLUG}:{SLUG}$",
    ),
    "purpose": Word("What was paid for.", "First part"),
    "question": Word("The question.", "Who pays for the operation?"),
    "raters": Word("The pseudonymous actor ids of the evaluators.", ["rater-1"]),
    "ratings": Word("A grade for each criterion of the scheme.", _RATINGS),
    "reading": Word("The number, its days and breakdown, its source and evidence.", _READING),
    "reason": Word("Why.", "The figures of 2023 came in."),
    "CertifyEvaluation.reason": _FOR_ANOTHER,
    "DeclareConflict.reason": _FOR_ANOTHER,
    "SubmitScores.reason": _FOR_ANOTHER,
    "reasons": Word("The reasons that the city was given.", ["Rank 4 of 3 places."]),
    "recipient": Word("Which organisation was paid.", "Seoul Institute"),
    "recommendation": Word("What is recommended.", "Count riders by sex."),
    "recommendation_id": Word("The recommendation.", "count-by-sex"),
    "region": Word("The programme's name of the region.", "Latin America"),
    "report": Word("SHA-256 of the report, in hexadecimal.", _DIGEST),
    "resolution": Word("Why it is no risk any more.", "The council passed the budget."),
    "rubric": Word(
        "Criteria, weights, aggregation, tie-breaks and quorum.",
        {
            "title": {"en": "Document evaluation"},
            "criteria": [
                {
                    "id": "feasibility",
                    "title": {"en": "Feasibility"},
                    "weight": "60",
                    "scale": _MARK_SCALE,
                },
                {"id": "impact", "title": {"en": "Impact"}, "weight": "40", "scale": _MARK_SCALE},
            ],
            "aggregation": {"roundings": [{"at": "total", "step": "0.01"}]},
            "tie_breaks": ["feasibility"],
            "quorum": 3,
        },
    ),
    "scheme_id": Word("The rating scheme.", "plain-four-points"),
    "scheme_version": Word("The version of the rating scheme.", 1),
    "score": Word("The new mark; null is N/A.", "90"),
    "sector": Word("DAC purpose code of five digits.", "21010"),
    "signatories": Word(
        "The offices that signed, of both cities.",
        [{"party": "seoul", "office": "Director"}, {"party": "partner", "office": "Mayor"}],
    ),
    "stage": Word("The stage of the call.", "documents"),
    "stages": Word(
        "The rounds of evaluation, in order.",
        [
            {
                "id": "documents",
                "title": {"en": "Documents"},
                "framework": {"framework_id": "ssp", "version": 1},
                "slots": 3,
            }
        ],
    ),
    "standard_id": Word("The standard of what is late.", "ssp-progress"),
    "standard_version": Word("The version of that standard.", 1),
    "statement": Word("What is needed, in words.", "Buses that arrive on time."),
    "subject": Word("The person's pseudonymous id.", "evaluator-1"),
    "summary": Word("What it was about.", "Talked about the next call."),
    "targets": Word("What the indicator is to be, by period and breakdown.", _TARGETS),
    "tier": Word("How close the city is to a project.", "improving"),
    "title": Word("The title.", {"en": "2024 Seoul ODA Challenge"}),
    "topic": Word("What the advice was about.", "Fares"),
    "unlocode": Word("The UN/LOCODE, where there is one.", "PELIM"),
    "url": Word("A web address that tells more.", "https://example.org/loans/7"),
    "validated": Word("The sectors of the needs that were validated.", ["21010"]),
    "verdict": Word("What becomes of the appeal.", "upheld"),
    "version": Word("The version of the framework; versions count from 1.", 1),
    "women": Word("How many of them were women; null where that was not counted.", 11),
    "year": Word("The year of the call.", 2024),
}


def word(command: str, field: str) -> Word:
    """Return what a field means in a command; raises `KeyError` for one without words."""
    return _WORDS.get(f"{command}.{field}") or _WORDS[field]
