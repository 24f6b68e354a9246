"""Indicators and what was observed of them come from files: held against the plan, or history."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core.ledger.ledger import Ledger
from core.monitoring.events import IndicatorDefined, ObservationCorrected, ObservationRecorded
from core.results import Baseline, Dimension, Direction, Measure, Period, Target
from replay.imports.run import Import, plan, run
from tests.project_scenes import DEFINED, INDICATOR, PLAN, PROJECT, RIDERS, RUNNING, SPRING, Y2025
from tests.projections.logs import refill
from tests.scenes import DIGEST

Job = Callable[..., Import]
EXAMPLE = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
SAMPLE = (EXAMPLE / "monitoring.toml").read_text(encoding="utf-8")

MAPPING = """
[call]
id = "ssp-2024"

[indicators]
city = "{city}"
indicator = "{indicator}"
result = "{result}"
title = "{title}"
unit = "{unit}"
measure = "{measure}"
direction = "{direction}"
baseline_year = "{year}"
baseline_value = "{baseline}"
target_from = "{from}"
target_until = "{until}"
target_value = "{target}"
dimensions.sex = "{sex}"
monitored_from = 2024-06-10
monitored_until = "2028-12-31"
"""
HEADER = "city,indicator,result,title,unit,measure,direction,year,baseline,from,until,target,sex\n"
ROW = "PELIM,riders,ridership,Riders a day,thousand riders,unit,increasing,2023,120.5,"
ROWS = f"{ROW}2024-06-10,2024-12-31,130,\n{ROW}2025-01-01,2025-12-31,150.0,\n"

NUMBERS = "City,Indicator,From,Until,Value,Unit,Source,Report,Sex,Target\n"
SEEN = f"PELIM,riders,2025.01.01,2025.06.30,131,thousand riders,machines,{DIGEST},,\n"
HALF = f"PELIM,riders,2025.01.01,2025.06.30,64.5,thousand riders,machines,{DIGEST},여,\n"
YEAR = f'PELIM,riders,2025.07.01,2025.12.31,"1,149",thousand riders,machines,{DIGEST},,\n'


@pytest.fixture
def running(ledger: Ledger) -> Ledger:
    """A ledger in which Lima's project has started, and nothing is observed yet."""
    refill(ledger.url, RUNNING)
    return ledger


def test_an_indicator_is_defined_by_the_plan_that_the_rows_agree_with(
    running: Ledger, job: Job
) -> None:
    start = running.store.size()
    assert run(running, job(MAPPING, HEADER + ROWS)).bad == ()
    assert [r.event for r in running.read(start)] == [
        IndicatorDefined(PROJECT, RIDERS, INDICATOR, PLAN.monitored)
    ]
    again = run(running, job(MAPPING, HEADER + ROWS))
    assert (again.new, again.known) == (0, 1)


def test_all_that_the_plan_has_otherwise_is_named(running: Ledger, job: Job) -> None:
    size = running.store.size()
    wrong = ROW.replace("Riders a day", "Riders").replace("increasing", "decreasing")
    wrong = wrong.replace("120.5", "120").replace("ridership", "speed")
    rows = f"{wrong}2024-06-10,2024-12-31,130,\n{wrong}2025-01-01,2025-12-31,151,female\n"
    mapping = MAPPING.replace("2028-12-31", "2029-12-31")
    bad = run(running, job(mapping, HEADER + rows)).bad
    assert [(b.line, b.column, b.value) for b in bad] == [
        (2, "result", "speed"),
        (2, "title", "Riders"),
        (2, "direction", "decreasing"),
        (2, "baseline", "120"),
        (2, "[indicators] monitored_from", "2024-06-10/2029-12-31"),
        (2, "target", bad[-1].value),
    ]
    assert {b.code for b in bad} == {"differs-from-plan"}
    assert "151 in 2025-01-01/2025-12-31 for sex female" in bad[-1].value
    assert running.store.size() == size


def test_rows_of_one_indicator_that_disagree_are_bad(running: Ledger, job: Job) -> None:
    other = ROW.replace("thousand riders", "riders")
    bad = plan(running, job(MAPPING, HEADER + ROWS + f"{other}2026-01-01,2026-12-31,1,\n")).bad
    assert (4, "rows-differ") in [(b.line, b.code) for b in bad]


def test_an_indicator_that_no_plan_has_is_refused_once(running: Ledger, job: Job) -> None:
    rows = ROWS.replace("riders,ridership", "delays,ridership")
    (bad,) = plan(running, job(MAPPING, HEADER + rows)).bad
    assert (bad.line, bad.column, bad.code) == (2, "indicator", "unknown-indicator")


def test_numbers_are_recorded_once_beside_their_indicator(running: Ledger, job: Job) -> None:
    start = running.store.size()
    wanted = job(SAMPLE, NUMBERS + SEEN + HALF + YEAR)
    done = run(running, wanted)
    assert done.bad == ()
    defined, *observed = [r.event for r in running.read(start)]
    assert isinstance(defined, IndicatorDefined)
    readings = [e.reading for e in observed if isinstance(e, ObservationRecorded)]
    assert [(r.period, r.value, r.dimensions) for r in readings] == [
        (SPRING, Decimal(131), ()),
        (SPRING, Decimal("64.5"), (Dimension("sex", "female"),)),
        (Period(Y2025.start.replace(month=7), Y2025.end), Decimal(1149), ()),
    ]
    assert [e.number for e in observed if isinstance(e, ObservationRecorded)] == [1, 2, 3]
    assert run(running, wanted).new == 0
    more = run(running, job(SAMPLE, NUMBERS + SEEN + HALF.replace("여", "남") + HALF + YEAR))
    assert (more.events, more.bad) == (1, ())


def test_an_indicator_that_is_observed_already_may_be_kept(ledger: Ledger, job: Job) -> None:
    refill(ledger.url, DEFINED)
    done = run(ledger, job(SAMPLE, NUMBERS + SEEN))
    assert (done.bad, done.counts["indicators"].known, done.events) == ((), 1, 1)
    strict = SAMPLE.replace("keep_existing = true", "")
    (bad,) = plan(ledger, job(strict, NUMBERS + YEAR)).bad
    assert (bad.line, bad.column, bad.code) == (2, "Indicator", "indicator-defined")


def test_numbers_that_break_a_rule_are_listed_by_column(running: Ledger, job: Job) -> None:
    rows = [
        SEEN.replace("131", "many"),
        SEEN.replace("thousand riders", "riders"),
        SEEN.replace("2025.06.30", "2025-06-30"),
        SEEN.replace("2025.01.01", "2023.01.01"),
        SEEN.replace(DIGEST, "report.pdf"),
        SEEN.replace("machines", ""),
        SEEN,
        HALF.replace("64.5", "").replace("여", "여자"),
        YEAR.replace("07.01", "06.30"),
        SEEN.replace("riders,2025", "delays,2025"),
        SEEN.replace("2025", "2028"),
        SEEN.replace(DIGEST, ""),
    ]
    bad = plan(running, job(SAMPLE, NUMBERS + "".join(rows))).bad
    assert [(b.line, b.column, b.code) for b in bad if b.section == "observations"] == [
        (2, "Value", "not-a-number"),
        (3, "Unit", "wrong-unit"),
        (4, "Until", "not-a-date"),
        (5, "From", "period-outside"),
        (6, "Report", "malformed-digest"),
        (7, "Source", "empty-cell"),
        (9, "Value", "empty-cell"),
        (9, "Sex", "unlisted-value"),
        (10, "From", "period-overlap"),
        (11, "Indicator", "indicator-not-defined"),
        (12, "Until", "occurred-in-future"),
        (13, "Report", "no-evidence"),
    ]


CORRECTIONS = "City,Indicator,From,Until,Value,Unit,Source,Report,Sex,Target,Old,Why\n"
CORRECTING = f'{SAMPLE}old_value = "{{Old}}"\nreason = "{{Why}}"\n'


def corrected(seen: str, old: str, why: str) -> str:
    return f"{seen.strip()},{old},{why}\n"


def test_a_row_with_the_old_number_corrects_it_and_what_stood_there_stays(
    running: Ledger, job: Job
) -> None:
    rows = [
        corrected(SEEN, "", ""),
        corrected(HALF, "", ""),
        corrected(HALF.replace("64.5", "65"), "64.5", "a machine was left out"),
        corrected(HALF, "65", "it was not"),
        corrected(HALF.replace("64.5", "65"), "64.5", "a machine was left out"),
    ]
    wanted = job(CORRECTING, CORRECTIONS + "".join(rows))
    assert run(running, wanted).bad == ()
    changes = [r.event for r in running.read() if isinstance(r.event, ObservationCorrected)]
    assert [(e.number, e.before.value, e.after.value) for e in changes] == [
        (2, Decimal("64.5"), Decimal(65)),
        (2, Decimal(65), Decimal("64.5")),
        (2, Decimal("64.5"), Decimal(65)),
    ]
    assert run(running, wanted).new == 0
    wrong = [
        corrected(SEEN, "130", "a slip"),
        corrected(YEAR, "5", "a slip"),
        corrected(SEEN, "131", ""),
        corrected(SEEN, "131", "a slip"),
    ]
    bad = run(running, job(CORRECTING, CORRECTIONS + "".join(wrong))).bad
    assert [(b.line, b.column, b.code) for b in bad] == [
        (2, "Old", "old-value-differs"),
        (3, "From", "nothing-to-correct"),
        (4, "Why", "empty-cell"),
        (5, "Value", "nothing-changed"),
    ]


def test_history_says_of_an_indicator_what_no_plan_does(ledger: Ledger, job: Job) -> None:
    rows = f"{ROW}2024-06-10,2024-12-31,130,\n{ROW}2025-01-01,2025-12-31,70,female\n"
    done = run(ledger, job(MAPPING, HEADER + rows, as_history=True))
    assert done.bad == ()
    (defined,) = [r.event for r in ledger.read()]
    assert isinstance(defined, IndicatorDefined)
    assert defined.monitored == PLAN.monitored
    found = defined.indicator
    assert (found.measure, found.direction) == (Measure.UNIT, Direction.INCREASING)
    assert found.baseline == Baseline(2023, Decimal("120.5"))
    assert found.targets[1] == Target(Y2025, Decimal(70), (Dimension("sex", "female"),))
    numbers = SAMPLE[: SAMPLE.index("[indicators]")] + SAMPLE[SAMPLE.index("[observations]") :]
    backwards = SEEN.replace("2025.01.01", "2025.07.01")
    (bad,) = run(ledger, job(numbers, NUMBERS + backwards, as_history=True)).bad
    assert (bad.column, bad.value, bad.code) == ("From", "2025-07-01/2025-06-30", "period-reversed")
    seen = run(ledger, job(numbers, NUMBERS + SEEN + HALF, as_history=True))
    assert seen.bad == ()
    observed = [r.event for r in ledger.read(1)]
    assert [e.number for e in observed if isinstance(e, ObservationRecorded)] == [1, 2]
    assert run(ledger, job(MAPPING, HEADER + rows, as_history=True)).new == 0
    mapping = f'{numbers}old_value = "{{Old}}"\nreason = "{{Why}}"\n'
    change = CORRECTIONS + corrected(HALF.replace("64.5", "70"), "66", "told so")
    assert run(ledger, job(mapping, change, as_history=True)).bad == ()
    (*_, last) = ledger.read()
    assert isinstance(last.event, ObservationCorrected)
    assert last.event.number == 2
    assert [last.event.before.value, last.event.after.value] == [Decimal(66), Decimal(70)]


def test_history_is_never_guessed_at(ledger: Ledger, job: Job) -> None:
    bad = run(ledger, job(SAMPLE, NUMBERS + SEEN, as_history=True)).bad
    assert {(b.line, b.code) for b in bad} == {(2, "not-said")}
    assert {b.column for b in bad} == {
        *("result", "title", "measure", "direction", "baseline_year", "baseline_value"),
        *("monitored_from", "Target"),
    }
    assert ledger.store.size() == 0
