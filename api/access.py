"""Who may do what: one decision function for every route.

| role      | may                                                                       |
|-----------|---------------------------------------------------------------------------|
| officer   | prepare: frameworks, calls, cities, applications, panels, rankings; plan  |
|           | and deliver projects, observe, recommend, and verify what others did      |
| manager   | what officers may, and decide: publish, approve, revoke, conclude; sign,  |
|           | start, pay, suspend, complete and cancel projects                         |
| chair     | lead a panel: assign, lock, confirm quorum, rank, propose, allow reopening |
| evaluator | declare interests and score, in their own name only                        |
| auditor   | read everything                                                           |
| analyst   | read everything                                                           |
| city      | apply and answer for its own city, observe its project and act on what is |
|           | recommended, and read its own records                                     |

The exact table is made of the routes: each names the roles of its action. An evaluator
acts on what carries their own id and on nothing else, so that no route, refusal, ETag
or 404 tells them of another's scores; whether something exists is never looked up
before this decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.vocabulary import ActorId, Role

POLICY = "access.4"
"""Recorded with every event that a decision allowed; a change of any rule is a new name."""

OFFICER = frozenset({Role.OFFICER})
MANAGER = frozenset({Role.MANAGER})
STAFF = OFFICER | MANAGER
CHAIR = frozenset({Role.CHAIR})
EVALUATOR = frozenset({Role.EVALUATOR})
CITY = frozenset({Role.CITY})
AUDITOR = frozenset({Role.AUDITOR})
ANALYST = frozenset({Role.ANALYST})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent a request, by a token that was verified.

    `actor` is a pseudonym; `cities` are the ids that a city's focal point speaks for.
    """

    actor: ActorId
    role: Role
    cities: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be asked of the server, and the roles that may ask it."""

    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action touches: whose evaluation, which city's record.

    `terms` marks what every evaluator needs in order to score: calls and rubrics.
    """

    evaluator_id: str | None = None
    city_id: str | None = None
    terms: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """The action may go on; `policy` goes into the events' metadata."""

    policy: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The action may not go on: the refusal's code and the rule."""

    code: str
    rule: str


READ_FEED = Action("feed.read", STAFF | AUDITOR | ANALYST)
READ_STREAM = Action("streams.read", STAFF | CHAIR | AUDITOR | ANALYST | EVALUATOR | CITY)
RECORD_PAST = Action("occurred-at.past", STAFF | CHAIR)


def decide(principal: Principal, action: Action, resource: Resource) -> Allowed | Denied:
    """Allow or deny an action on a resource; nothing is read but the arguments."""
    if principal.role not in action.roles:
        roles = ", ".join(sorted(action.roles))
        return Denied("role-not-allowed", f"{action.name} is for the roles {roles}")
    if principal.role is Role.EVALUATOR:
        own = resource.evaluator_id == principal.actor
        if not (own or resource.terms):
            return Denied("not-own-evaluation", "an evaluator sees and does what is their own only")
    if principal.role is Role.CITY and resource.city_id not in principal.cities:
        return Denied("not-own-city", "a focal point sees and does what concerns their city only")
    return Allowed(POLICY)
