"""Two verifiers that share no code: what one refuses the other refuses, and says where."""

from __future__ import annotations

import gzip
import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.calls.commands import LockStage
from core.evaluations.commands import ApproveReopening, RequestReopening, ReviseScore
from core.ledger.codec import EVENTS
from core.ledger.notes import Signer, sign
from core.ledger.upcasters import UPCASTERS
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    ProposeSelection,
)
from core.selection.events import Outcome, Override
from core.vocabulary import Role
from replay.verifier import ssp_verify
from tests import scenes
from tests.bundled import (
    KEY,
    SIGNER,
    STRANGER,
    MemoryLog,
    accepted,
    bundle_of,
    findings,
    forged,
    members_of,
)
from tests.projections.histories import COMMANDS, STEPS, Step
from tests.scenes import CALL, CHAIR, COLOMBO, DOCUMENT, KIM, LEE, LIMA, NEED, app
from tests.stories import MANAGER, OFFICER, OwnStatement

DECISION = f"{CALL}:{DOCUMENT}"
Documents = list[tuple[int, Any]]


def decided(log: MemoryLog) -> bool:
    """Count, rank, propose and approve the first stage; return whether the rules let it through."""
    select = Choice(app(LIMA), Outcome.SELECTED)
    reserve = Choice(app(COLOMBO), Outcome.RESERVE, Override("a second bus line", "the board"))
    return (
        log.do(ConfirmQuorum(CALL, DOCUMENT))
        and log.do(ComputeRanking(CALL, DOCUMENT))
        and log.do(ProposeSelection(CALL, DOCUMENT, (select, reserve)))
        and log.do(ApproveSelection(CALL, DOCUMENT), MANAGER, Role.MANAGER)
    )


@pytest.fixture(scope="module")
def bundle() -> bytes:
    """The bundle of a decision in which one outcome departs from the order, for a reason."""
    log = MemoryLog(scenes.LOCKED)
    assert decided(log)
    return log.bundle(DECISION)


def test_an_honest_bundle_is_accepted_by_both(bundle: bytes) -> None:
    assert accepted(bundle)


def issued(log: MemoryLog, step: Step) -> None:
    """Issue a random command in the name of whoever may."""
    command = COMMANDS[step[0]](step)
    if step[0] in {"allow", "approve"}:
        log.do(command, MANAGER, Role.MANAGER)
    elif isinstance(command, OwnStatement):
        log.do(command, step[2], Role.EVALUATOR)
    else:
        log.do(command)


# Few of the stories end in a decision: how few is chance.
@pytest.mark.uncounted
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from((scenes.SCORED, scenes.LOCKED, scenes.LOCKED)), STEPS)
def test_whatever_a_round_went_through_both_accept_what_the_rules_decided(
    start: scenes.Facts, steps: list[Step]
) -> None:
    log = MemoryLog(start)
    for step in steps:
        issued(log, step)
    log.do(ConvenePanel(CALL, DOCUMENT, (KIM, LEE), CHAIR))
    log.do(LockStage(CALL, DOCUMENT))
    assume(decided(log))
    assert accepted(log.bundle(DECISION))


def test_scores_that_change_after_the_decision_change_nothing_in_its_bundle() -> None:
    log = MemoryLog(scenes.LOCKED)
    assert decided(log)
    before = members_of(log.bundle(DECISION))
    assert log.do(RequestReopening(app(LIMA), KIM, DOCUMENT, "a page had been missed"))
    assert log.do(ApproveReopening(app(LIMA), KIM, DOCUMENT), MANAGER, Role.MANAGER)
    revised = ReviseScore(app(LIMA), KIM, DOCUMENT, NEED, Decimal(60), "read it again")
    assert log.do(revised, KIM, Role.EVALUATOR)
    bundle = log.bundle(DECISION)
    after = members_of(bundle)
    assert accepted(bundle)
    assert after["records.txt.gz"] == before["records.txt.gz"]
    assert after["checkpoint.txt"] != before["checkpoint.txt"]


def of_kind(documents: Documents, kind: str) -> tuple[int, Any]:
    """Return the last record of a kind."""
    return [d for d in documents if d[1]["type"].startswith(kind)][-1]


def edit(kind: str, change: Callable[[Any], object]) -> Callable[[Documents], None]:
    """Change the last record of a kind."""
    return lambda documents: void(change(of_kind(documents, kind)[1]))


def void(_: object) -> None:
    """Take no notice."""


def line(document: Any, index: int = 0) -> Any:  # noqa: ANN401  # JSON
    return document["data"]["lines"][index]


# What a forger with the log's own key could have signed. Each is refused by both, and named.
FORGERIES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a total": ("selection.ranking", lambda d: line(d)["scored"].update(total="99")),
    "a rank": ("selection.ranking", lambda d: line(d).update(rank=2)),
    "a tie": ("selection.ranking", lambda d: line(d).update(tied=True)),
    "what decided": ("selection.ranking", lambda d: line(d).update(decided_by="need")),
    "a standing": ("selection.ranking", lambda d: line(d)["scored"].update(standing="no-quorum")),
    "a mean": ("selection.ranking", lambda d: line(d)["scored"]["means"][0].update(mean="61")),
    "a floor": ("selection.ranking", lambda d: line(d)["scored"].update(floors_missed=["total"])),
    "a mark": (
        "selection.ranking",
        lambda d: line(d)["scored"]["sheets"][0]["weighted"][0].update(mark="60"),
    ),
    "points": (
        "selection.ranking",
        lambda d: line(d)["scored"]["sheets"][0]["weighted"][0].update(points="39"),
    ),
    "who counts": (
        "selection.ranking",
        lambda d: line(d)["scored"]["sheets"][0].update(kept=False),
    ),
    "the order": ("selection.ranking", lambda d: d["data"]["lines"].reverse()),
    "an application left out": ("selection.ranking", lambda d: d["data"]["lines"].pop()),
    "an input left out": ("selection.ranking", lambda d: d["data"]["inputs"].pop(0)),
    "an input's version": ("selection.ranking", lambda d: d["data"]["inputs"][0].update(version=9)),
    "an input's leaf": (
        "selection.ranking",
        lambda d: d["data"]["inputs"][3].update(leaf="00" * 32),
    ),
    "what was seen": ("selection.ranking", lambda d: d["data"].update(position=3)),
    "the algorithm": ("selection.ranking", lambda d: d["data"].update(algorithm="ranking.0")),
    "the framework": (
        "selection.ranking",
        lambda d: d["data"]["framework"].update(version=2),
    ),
    "a quorum's count": (
        "selection.quorum",
        lambda d: d["data"]["applications"][0].update(evaluations=7),
    ),
    "the quorum": ("selection.quorum", lambda d: d["data"].update(quorum=1)),
    "an outcome": (
        "selection.proposed",
        lambda d: d["data"]["proposals"][1].update(outcome="selected"),
    ),
    "an override": (
        "selection.proposed",
        lambda d: d["data"]["proposals"][2]["override"].update(reason="a favour"),
    ),
    "a proposal's rank": ("selection.proposed", lambda d: d["data"]["proposals"][0].update(rank=2)),
    "the ranking proposed from": ("selection.proposed", lambda d: d["data"].update(ranking=1)),
    "the proposer": ("selection.proposed", lambda d: d["data"].update(by="somebody")),
    "the approver": ("selection.approved", lambda d: d["data"].update(by="somebody")),
    "an approval in another's name": (
        "selection.approved",
        lambda d: d.update(on_behalf_of="somebody"),
    ),
    "an approval by the proposer": (
        "selection.approved",
        lambda d: (d.update(actor=OFFICER), d["data"].update(by=OFFICER)),
    ),
    "an approval by an evaluator": (
        "selection.approved",
        lambda d: (d.update(actor=KIM), d["data"].update(by=KIM)),
    ),
    "a command": ("selection.ranking", lambda d: d["command"].update(name="ConfirmQuorum")),
    "no command": ("selection.approved", lambda d: d["command"].update(body=None)),
    "what the approver saw": ("selection.approved", lambda d: d["command"].update(position=10_000)),
    "another stage": ("selection.approved", lambda d: d["data"].update(stage="final")),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_decision_that_does_not_follow_is_refused_by_both_at_its_record(
    bundle: bytes, what: str
) -> None:
    kind, change = FORGERIES[what]
    position = 0

    def forge(documents: Documents) -> None:
        nonlocal position
        position, document = of_kind(documents, kind)
        change(document)

    ours, alone = findings(forged(bundle, forge))
    assert f"record {position}:" in ours
    assert f"record {position}:" in alone


# Changes of what a decision rests on: the decision is then not the one that follows.
ELSEWHERE: dict[str, Callable[[Documents], None]] = {
    "a score": edit("evaluations.scores", lambda d: d["data"]["marks"][0].update(value="60")),
    "a weight": edit(
        "frameworks.drafted", lambda d: d["data"]["rubric"]["criteria"][0].update(weight="50")
    ),
    "slots": edit("calls.announced", lambda d: d["data"]["stages"][0].update(slots=0)),
    "an interest": edit("evaluations.conflict", lambda d: d["data"].update(kind="financial")),
    "eligibility": edit("applications.eligibility", lambda d: d["data"].update(eligible=False)),
    "a time": edit(
        "calls.stage-locked", lambda d: d.update(recorded_at="2020-01-01T00:00:00.000000Z")
    ),
    "a version": edit("calls.stage-locked", lambda d: d.update(version=9)),
    "a kind of fact that nobody knows": edit(
        "calls.stage-locked", lambda d: d.update(type="calls.stage-lost.1")
    ),
    "no lock": edit("calls.stage-locked", lambda d: d.update(type="calls.closed.1")),
    "a draft": edit("frameworks.published", lambda d: d.update(type="frameworks.superseded.1")),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_a_change_of_what_it_rests_on_is_refused_by_both(bundle: bytes, what: str) -> None:
    assert not accepted(forged(bundle, ELSEWHERE[what]))


def test_positions_that_do_not_rise_and_records_left_out_are_refused_by_both(
    bundle: bytes,
) -> None:
    members = members_of(bundle)
    lines = gzip.decompress(members["records.txt.gz"]).splitlines(keepends=True)
    for changed in (
        [*lines[:4], lines[5], lines[4], *lines[6:]],
        lines[1:],
        lines[:-1],
        [*lines[:7], *lines[8:]],
        [*lines, lines[-1]],
        [b"0" + lines[0], *lines[1:]],
        [lines[0].replace(b"{", b"{ ", 1), *lines[1:]],
    ):
        packed = gzip.compress(b"".join(changed), 9, mtime=0)
        assert not accepted(bundle_of({**members, "records.txt.gz": packed}))


def test_a_proof_with_a_hash_more_or_less_or_another_is_refused_by_both() -> None:
    log = MemoryLog((*scenes.LOCKED[:3], scenes.registered(scenes.TOKYO, "JP"), *scenes.LOCKED[3:]))
    assert decided(log)
    members = members_of(log.bundle(DECISION))
    first, *rest = members["proof.txt"].splitlines(keepends=True)
    for changed in (
        b"".join(rest),
        members["proof.txt"] + first,
        first.replace(first[:2], b"00") + b"".join(rest),
        members["proof.txt"].upper(),
        members["proof.txt"].rstrip(b"\n"),
        b"nonsense\n",
    ):
        assert not accepted(bundle_of({**members, "proof.txt": changed}))


NOTES: dict[str, Callable[[bytes], bytes]] = {
    "another name": lambda note: note.replace(b"log.example.org", b"log.example.com"),
    "signed twice": lambda note: note + note.splitlines(keepends=True)[-1],
    "cut": lambda note: note.rstrip(b"\n"),
    "one part": lambda note: note.replace(b"\n\n", b"\n"),
    "three parts": lambda note: b"\n" + note,
    "extended": lambda note: note.replace(b"\n\n", b"\nmore\n\n"),
}


@pytest.mark.parametrize("what", NOTES)
def test_a_checkpoint_that_is_not_as_it_was_signed_is_refused_by_both(
    bundle: bytes, what: str
) -> None:
    members = members_of(bundle)
    altered = {**members, "checkpoint.txt": NOTES[what](members["checkpoint.txt"])}
    assert not accepted(bundle_of(altered))


def test_another_key_under_the_same_name_is_refused_by_both(bundle: bytes) -> None:
    ours, alone = findings(forged(bundle, void, STRANGER))
    assert "no trusted key signed this" in ours
    assert "not once by your key" in alone
    assert not accepted(bundle, STRANGER.verifier)


def test_a_log_of_another_name_than_the_key_is_refused_by_both(bundle: bytes) -> None:
    members = members_of(bundle)
    text = members["checkpoint.txt"].decode().partition("\n\n")[0] + "\n"
    elsewhere = sign(text.replace(KEY.name, "log.example.com/other"), [SIGNER])
    ours, alone = findings(bundle_of({**members, "checkpoint.txt": elsewhere}))
    assert "log.example.com/other" in ours
    assert "log.example.com/other" in alone


def test_what_the_log_adds_to_a_checkpoint_does_not_trouble_either(bundle: bytes) -> None:
    members = members_of(bundle)
    text = members["checkpoint.txt"].decode().partition("\n\n")[0] + "\n"
    witness = Signer("witness.example.org", STRANGER.key)
    both = sign(text, [witness, SIGNER])
    assert accepted(bundle_of({**members, "checkpoint.txt": both}))


def test_a_framework_in_other_words_than_the_recorded_is_refused_by_both(bundle: bytes) -> None:
    members = members_of(bundle)
    other = members["framework.json"].replace(b'"weight": "40"', b'"weight": "41"')
    assert not accepted(bundle_of({**members, "framework.json": other}))


def test_every_fact_of_the_streams_that_a_ranking_reads_is_known_to_the_one_file() -> None:
    """A new event is given its effect there, or named as one without any."""
    slices = ("frameworks.", "calls.", "cities.", "applications.", "evaluations.", "selection.")
    elsewhere = ("selection.appeal-", "selection.re-evaluation-")
    source = inspect.getsource(ssp_verify)
    for wire in EVENTS.keys() | UPCASTERS.keys():
        kind = wire.rpartition(".")[0]
        if kind.startswith(slices) and not kind.startswith(elsewhere):
            assert f'"{kind}"' in source or kind in ssp_verify.WITHOUT_EFFECT, kind
