"""The demo is the published round, filled in openly, decided by the rules, the same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from core.applications.events import ApplicationSubmitted
from core.cities.events import CityRegistered, OpportunityOffered, PoolEntered
from core.evaluations.events import ScoreRevised, ScoresSubmitted
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from core.ledger.records import Recorded, as_dict
from core.ledger.sealing import reveal
from core.projects.events import ProjectPreferred
from core.selection.events import Outcome, PanelConvened, RankingComputed, SelectionProposed
from projections.audit_findings.fold import VIEW as AUDIT_FINDINGS
from projections.audit_findings.rows import FindingRow
from projections.evaluation_consistency.fold import VIEW as CONSISTENCY
from projections.evaluation_consistency.queries import report_from
from projections.projector import Projector
from projections.ranking.fold import VIEW as RANKING
from projections.time_travel import fold, fold_all
from projections.views import VIEWS
from replay.decisions import replay_decision
from replay.demo import round_2024
from replay.verify import verify, verify_views
from tests.rounds import Round

PREFERRED = {"Lima", "Phnom Penh", "Colombo"}
COUNTS = {
    "Latin America": 35,
    "Asia-Pacific": 28,
    "Africa": 15,
    "Middle East and South-West Asia": 9,
    "Eastern Europe and CIS": 8,
}


@contextmanager
def database(server: str) -> Generator[str]:
    name = f"demo_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            url = urlsplit(server)._replace(path=f"/{name}").geturl()
            migrate(url)
            yield url
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


@pytest.fixture(scope="module")
def played(postgres_url: str) -> Iterator[Ledger]:
    with database(postgres_url) as url, Ledger(url) as ledger:
        round_2024.play(ledger)
        yield ledger


@pytest.fixture(scope="module")
def log(played: Ledger) -> list[Recorded]:
    return list(played.read())


@pytest.fixture(scope="module")
def cities(log: list[Recorded]) -> dict[str, CityRegistered]:
    return {r.event.city_id: r.event for r in log if isinstance(r.event, CityRegistered)}


def test_the_audit_finds_nothing_in_a_round_that_the_rules_let_through(
    log: list[Recorded],
) -> None:
    assert [row for row in fold(AUDIT_FINDINGS, log).values() if isinstance(row, FindingRow)] == []


def test_cities_are_as_many_as_were_published_in_each_region(
    log: list[Recorded], cities: dict[str, CityRegistered]
) -> None:
    assert Counter(city.region for city in cities.values()) == COUNTS
    assert len({city.country for city in cities.values()}) == 31
    applied = [r.event.city_id for r in log if isinstance(r.event, ApplicationSubmitted)]
    assert sorted(applied) == sorted(cities)


def test_only_the_published_cities_are_not_marked_as_illustrative(
    cities: dict[str, CityRegistered],
) -> None:
    assert {c.name.en for c in cities.values() if not c.illustrative} == PREFERRED


def test_every_evaluator_and_score_sheet_says_that_it_is_simulated(
    log: list[Recorded], played: Ledger
) -> None:
    sheets = [r.event for r in log if isinstance(r.event, ScoresSubmitted)]
    panels = [r.event for r in log if isinstance(r.event, PanelConvened)]
    revisions = [r.event for r in log if isinstance(r.event, ScoreRevised)]
    assert len(panels) == 2
    for panel in panels:
        assert len(panel.evaluators) == 7
    evaluators = {e for panel in panels for e in panel.evaluators}
    assert {s.evaluator_id for s in sheets} == evaluators
    assert all(evaluator.startswith("simulated-") for evaluator in evaluators)
    assert len(sheets) == 7 * (95 + round_2024.FINALISTS)
    texts = reveal(
        [as_dict(r)["data"] for r in log if isinstance(r.event, ScoresSubmitted | ScoreRevised)],
        played.keyring,
    )
    assert len(texts) == len(sheets) + len(revisions)
    assert all("simulated" in (t.get("comment") or t["reason"]).lower() for t in texts)


def test_the_preferred_cities_are_the_published_three_by_rank_alone(
    log: list[Recorded], cities: dict[str, CityRegistered]
) -> None:
    final = [r.event for r in log if isinstance(r.event, SelectionProposed)][-1]
    selected = [p for p in final.proposals if p.outcome is Outcome.SELECTED]
    assert {cities[p.application_id.partition(":")[2]].name.en for p in selected} == PREFERRED
    proposals = [
        p
        for r in log
        if isinstance(r.event, SelectionProposed)
        for p in r.event.proposals
        if p.outcome is Outcome.SELECTED
    ]
    assert len(proposals) == round_2024.FINALISTS + 3
    assert not any(p.override for p in proposals)


def test_nobody_is_selected_or_left_out_by_a_shared_total(log: list[Recorded]) -> None:
    rankings = [r.event for r in log if isinstance(r.event, RankingComputed)]
    for ranking, slots in zip(rankings, (round_2024.FINALISTS, 3), strict=True):
        totals = [line.scored.total or 0 for line in ranking.lines]
        assert totals[slots - 1] > totals[slots]


def test_the_scores_look_like_those_of_a_panel(played: Ledger) -> None:
    marks, contests = fold_all((CONSISTENCY, RANKING), played.read())
    report = report_from(
        marks.values(), contests.values(), round_2024.CALL, round_2024.DOCUMENT_STAGE, None
    )
    assert report is not None
    for criterion in report.criteria:
        # Published panels: .37 for a grant panel of three (Gallo), higher where grades are few.
        assert 0.3 < (criterion.icc_single.value or 0) < 0.6
        deviations = [e.deviation or 0 for e in criterion.severity.evaluators]
        assert min(deviations) < -2 < 2 < max(deviations)
    assert report.revisions.total.up
    assert report.revisions.total.down
    ranking = next(r.event for r in played.read() if isinstance(r.event, RankingComputed))
    totals = [line.scored.total or 0 for line in ranking.lines]
    assert max(totals) < 100
    assert max(totals) - min(totals) > 25


def test_every_other_city_is_in_the_pool_with_a_next_opportunity(
    log: list[Recorded], cities: dict[str, CityRegistered]
) -> None:
    pool = {r.event.city_id: r.event for r in log if isinstance(r.event, PoolEntered)}
    offered = {r.event.city_id for r in log if isinstance(r.event, OpportunityOffered)}
    assert len(pool) == 92
    assert set(pool) == offered
    assert {city.name.en for id_, city in cities.items() if id_ not in pool} == PREFERRED
    begun = [r.event.city_id for r in log if isinstance(r.event, ProjectPreferred)]
    assert {cities[id_].name.en for id_ in begun} == PREFERRED
    assert len(begun) == 3
    assert all("simulated" in reason for entry in pool.values() for reason in entry.reasons)


@pytest.mark.parametrize("stage", [round_2024.DOCUMENT_STAGE, round_2024.FINAL_STAGE])
def test_each_decision_replays_identically(played: Ledger, stage: str) -> None:
    replayed = replay_decision(played.store, f"{round_2024.CALL}:{stage}")
    assert replayed.identical
    assert len(replayed.steps) == 4


def test_the_log_verifies_and_every_view_equals_a_rebuild(played: Ledger) -> None:
    assert verify(played.store).fault is None
    projector = Projector(played.url, VIEWS)
    assert projector.catch_up() == played.store.size() - 1
    projector.stop()
    assert {(v.position, v.finding) for v in verify_views(played)} == {
        (played.store.size() - 1, "")
    }


@pytest.mark.uncounted
def test_two_plays_give_the_same_events_but_for_ids_and_recorded_time(
    played: Ledger, database_url: str
) -> None:
    with Ledger(database_url) as again:
        told: list[int] = []
        issued = round_2024.play(again, lambda done, _doing: told.append(done))
        assert timeless(again) == timeless(played)
    assert issued == told[-1] == round_2024.COMMANDS
    assert told == sorted(told)


def timeless(ledger: Ledger) -> list[dict[str, Any]]:
    """All records without what differs between plays: ids, and the keys of persons.

    Rankings name leaves, which hold ids.
    """
    shown: list[dict[str, Any]] = reveal([as_dict(r) for r in ledger.read()], ledger.keyring)
    for record in shown:
        for name in ("id", "recorded_at", "leaf", "causation_id"):
            del record[name]
        del record["command"]["id"], record["command"]["digest"]
        for read in record["data"].get("inputs", ()):
            del read["leaf"]
    return shown


@pytest.mark.uncounted
def test_two_plays_at_once_record_the_round_once(played: Ledger, database_url: str) -> None:
    with Ledger(database_url) as one, Ledger(database_url) as other, ThreadPoolExecutor(2) as two:
        plays = [two.submit(round_2024.play, ledger) for ledger in (one, other)]
        assert [play.result() for play in plays] == [round_2024.COMMANDS] * 2
        assert timeless(one) == timeless(played)


def test_a_log_that_is_not_the_demos_is_not_played_into(played: Ledger, database_url: str) -> None:
    assert not round_2024.may_play(played)
    with Ledger(database_url) as ledger:
        assert round_2024.may_play(ledger)
        Round(ledger).announce()
        assert not round_2024.may_play(ledger)
