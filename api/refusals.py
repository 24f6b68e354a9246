"""Which HTTP status each refusal has: the one table.

A value that breaks a rule by itself is 400; a rule that depends on what is recorded
is 409; what the path names and is not there is 404; a person who may not is 403.
422 is kept for bodies that do not parse or do not have the command's shape.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

_CODES: dict[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: """
        action-rejected amount-missing amount-not-positive appeals-until-past
        application-repeated banding-against-direction banding-unsound baseline-after-start
        capacity-off-scale contact-without-id criterion-computed criterion-missing
        criterion-repeated criterion-reserved deadline-before-opening dimension-repeated
        due-in-past empty-text figure-in-future floor-off-scale grid-out-of-range group-of-all
        implementer-repeated instant-in-future instant-out-of-range instant-without-offset
        malformed-country malformed-currency malformed-digest malformed-header malformed-id
        malformed-instant malformed-key malformed-parameter malformed-position malformed-sector
        malformed-url milestone-outside mixed-directions more-women-than-participants
        na-excludes-all na-not-allowed na-undefined no-checks no-criteria no-evidence
        no-implementers no-participants no-raters no-reasons no-slots no-stages no-targets
        not-a-number not-positive nothing-to-score nul-character occurred-in-future off-scale
        on-behalf-unreasoned other-call override-unreasoned panel-too-small period-in-future
        period-reversed plan-dates plan-incomplete plan-part-repeated position-beyond-head
        quantity-out-of-range quorum-too-small reserved-id rounding-unsound scale-unsound
        share-of-best-undefined signatory-missing stage-repeated trim-leaves-none
        unknown-criterion unknown-result unknown-scheme unknown-standard variant-ambiguous
        variant-incomparable variant-incomplete weight-negative weight-off-scheme
        weights-not-100
        """,
    HTTPStatus.UNAUTHORIZED: "not-authenticated token-expired token-refused",
    HTTPStatus.FORBIDDEN: """
        decider-scored heard-by-decider heard-by-scorer not-in-own-name not-own-city
        not-own-evaluation occurred-at-not-allowed role-not-allowed same-person
        """,
    HTTPStatus.NOT_FOUND: """
        not-covered not-found unknown-application unknown-call unknown-city unknown-decision
        unknown-figure unknown-indicator unknown-milestone unknown-observation unknown-project
        unknown-recommendation unknown-revision unknown-stage unknown-stream unknown-variant
        unknown-version
        """,
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.CONFLICT: """
        action-completed action-not-completed actuals-recorded agreement-not-signed
        agreement-signed already-admitted already-announced already-answered already-appealed
        already-appointed already-approved already-assigned already-erased already-issued
        already-notified already-ordered already-pooled already-preferred already-published
        already-rated already-registered already-started already-submitted already-verified
        amount-over-cap appeal-answered appeal-late appeals-open appeals-pending
        application-ineligible application-withdrawn before-agreement before-rest before-start
        below-floor call-closed call-ended call-not-closed city-selected conflicted
        deadline-not-later deadline-not-reached eligibility-undetermined evaluation-ended
        evaluation-reopened evaluation-too-early evaluator-implements figure-recorded
        framework-not-published grades-undecided idempotency-key-reused indicator-defined
        indicator-missing indicator-not-defined ineligible-country key-not-signing
        key-of-other-log key-used-before last-key mark-missing milestone-reached milestones-open
        no-appeal no-applications no-conflict no-declaration no-open-question no-open-risk
        no-reopening-requested nobody-heard not-accepted not-admitted not-advanced not-appointed
        not-approved not-assigned not-decided not-evaluated not-in-pool not-in-ranking
        not-in-time not-left not-let-through not-locked not-proposed not-ranked not-selected
        not-suspended not-upheld nothing-annulled nothing-changed nothing-to-certify
        nothing-to-invalidate nothing-to-lock nothing-to-revise one-project-per-city
        out-of-rank-order over-agreement over-budget over-slots panel-convened
        panel-not-convened period-of-rest period-outside period-overlap plan-not-agreed
        previous-stage-undecided project-ended project-not-started project-suspended
        quorum-missing quorum-not-confirmed ranking-outdated rater-implements reads-unrecorded
        recused reserve-out-of-order selection-not-approved stage-locked stage-not-locked
        stage-not-open stage-opened-before subject-erased unknown-implementer version-superseded
        wrong-list-version wrong-unit
        """,
    HTTPStatus.PRECONDITION_FAILED: "stale-version",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "malformed-json malformed-value missing-field unknown-field",
    HTTPStatus.PRECONDITION_REQUIRED: "precondition-required",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal-error log-forked no-instant",
    HTTPStatus.SERVICE_UNAVAILABLE: """
        contended database-unavailable keys-unavailable not-ready not-visible-yet
        outcome-unknown too-busy
        """,
}

STATUS: dict[str, HTTPStatus] = {
    code: status for status, codes in _CODES.items() for code in codes.split()
}


def status_of(code: str) -> HTTPStatus:
    """Return a refusal's status; a rule that this table does not know is a conflict."""
    return STATUS.get(code, HTTPStatus.CONFLICT)


def title_of(code: str) -> str:
    """Return a refusal's title: its code in words."""
    return code.replace("-", " ").capitalize()


def explanations() -> dict[str, str]:
    """Return what docs/refusals.md says of each code, where the file is at hand."""
    here = Path(__file__).parent
    places = (here / "refusals.md", here.parent / "docs" / "refusals.md")
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        return {}
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in found.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): " ".join(row[1:]) for row in rows}
