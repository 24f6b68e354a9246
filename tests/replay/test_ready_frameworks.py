"""The frameworks that ship: sound, sourced, and counting as those whose practice they are."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from pydantic import ValidationError

from core.frameworks.soundness import violations
from core.groups import CityFacts
from core.indicators import Figures
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from core.ranking import Candidate, Mark, Scored, Sheet, Standing, score
from core.vocabulary import ActorId, ApplicationId, EvaluatorId
from replay.ready import framework_from, ready
from tests.processes import called, good, refused
from tests.score_sheets import GRADES, D, kept

FOLDER = files("core.frameworks") / "ready"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name.endswith(".toml"))


def scored(name: str, *sheets: tuple[str | int, ...]) -> Scored:
    rubric = ready()[name].rubric
    found = tuple(
        Sheet(
            EvaluatorId(ActorId(f"e{number}")),
            tuple(Mark(c.id, D(mark)) for c, mark in zip(rubric.judged, marks, strict=True)),
        )
        for number, marks in enumerate(sheets, 1)
    )
    return score(rubric, Candidate(ApplicationId("x"), CityFacts("PE"), found, Figures()))


@pytest.mark.parametrize("name", FILES)
def test_a_framework_that_ships_is_sound_and_says_where_it_comes_from(name: str) -> None:
    one = framework_from((FOLDER / name).read_bytes())
    assert name == f"{one.id}.{one.version}.toml"
    assert list(violations(one.rubric)) == []
    assert len(one.source) > len("The programme's own.")
    texts = [one.rubric.title, *(c.title for c in one.rubric.criteria)]
    texts += [a.meaning for c in one.rubric.criteria for a in c.scale.anchors]
    assert all(text.en and text.ko for text in texts)
    assert all(variant.group.basis for variant in one.rubric.variants)


def test_what_a_rubric_does_not_have_is_refused_in_a_file() -> None:
    text = (FOLDER / "horizon.1.toml").read_text(encoding="utf-8")
    with pytest.raises(ValidationError, match="total_flor"):
        framework_from(text.replace("total_floor", "total_flor").encode())
    with pytest.raises(KeyError, match="grades"):
        framework_from(text.replace('scale = "marks"', 'scale = "grades"').encode())


@pytest.mark.parametrize(
    ("marks", "total", "missed"),
    [
        (("3.5", "3", "3.5"), "10.0", ()),
        (("3", "3", "3.5"), "9.5", ("total",)),
        (("5", "5", "2.5"), "12.5", ("implementation",)),
        (("5", "5", "5"), "15", ()),
    ],
)
def test_horizon_adds_marks_up_and_has_floors_of_3_in_5_and_10_in_15(
    marks: tuple[str, ...], total: str, missed: tuple[str, ...]
) -> None:
    trace = scored("horizon", marks, marks, marks)
    assert (trace.total, trace.floors_missed) == (D(total), missed)


def test_horizon_needs_three_experts() -> None:
    assert scored("horizon", (4, 4, 4), (4, 4, 4)).standing is Standing.NO_QUORUM


def test_seoul_drops_the_highest_and_the_lowest_of_seven_and_asks_for_85() -> None:
    """Of 100, 90, 90, 80, 80, 70 and 60 remain 90, 90, 80, 80 and 70: their mean is 82."""
    grades = [GRADES[grade] for grade in "CABBDEC"]
    trace = scored("seoul-practice", *((grade, grade, grade) for grade in grades))
    assert kept(trace) == "e1 e3 e4 e5 e7"
    assert (trace.total, trace.standing) == (D(82), Standing.BELOW_FLOOR)
    better = scored("seoul-practice", *((90, 90, 80) for _ in range(7)))
    assert (better.total, better.standing) == (D(88), Standing.RANKED)


@pytest.mark.parametrize(
    ("income", "mark"),
    [("540", 100), ("1145", 100), ("1146", 90), ("4515", 90), ("4516", 80), ("14006", 60)],
)
def test_means_follow_from_the_income_groups(income: str, mark: int) -> None:
    rubric = ready()["ssp-tailored"].rubric
    banding = rubric.criteria[-1].banding
    assert banding is not None
    assert banding.band(D(income)).mark == mark


def test_cities_of_the_least_developed_countries_have_weights_of_their_own() -> None:
    rubric = ready()["ssp-tailored"].rubric
    variant = rubric.variant(CityFacts("KH"))
    assert variant is not None
    assert len(variant.group.countries) == len(set(variant.group.countries)) == 44
    assert rubric.variant(CityFacts("PE")) is None


# The commands


def test_the_frameworks_are_listed_and_shown_without_a_database() -> None:
    assert {line.split()[0] for line in good("framework", "list").splitlines()} == set(ready())
    documents = [json.loads(line) for line in good("framework", "list", "--json").splitlines()]
    assert {document["id"] for document in documents} == set(ready())
    said = good("framework", "show", "ssp-tailored")
    assert "computed from gni-per-capita-atlas of the city in USD (100 below 1146," in said
    assert "for least-developed (United Nations" in said
    assert "source: The programme's own" in said
    assert "floor of the total 10" in good("framework", "show", "horizon")
    document = json.loads(good("framework", "show", "horizon", "--json"))
    assert document["rubric"]["aggregation"]["points"] == "sum"


def test_a_framework_that_does_not_ship_is_a_mistake_that_names_those_that_do() -> None:
    said = refused(called("framework", "show", "odd"), 2)
    assert "no ready framework 'odd'; there are horizon, seoul-practice" in said


def test_a_framework_is_drafted_as_the_next_version(database_url: str) -> None:
    migrate(database_url)
    first = good("framework", "draft", "horizon", SSP_DATABASE_URL=database_url)
    assert first.startswith("drafted horizon, version 1, at position 0")
    again = ("framework", "draft", "horizon", "--as", "eu", "--json", "--actor", "officer-1")
    assert json.loads(good(*again, SSP_DATABASE_URL=database_url)) == {
        "framework_id": "eu",
        "version": 1,
        "position": 1,
    }
    assert json.loads(good(*again, SSP_DATABASE_URL=database_url))["version"] == 2
    said = refused(
        called("framework", "draft", "horizon", "--as", "a:b", SSP_DATABASE_URL=database_url), 2
    )
    assert "[malformed-id]" in said
    with Ledger(database_url) as ledger:
        drafted = [record.event for record in ledger.read()]
        actors = [record.meta.actor for record in ledger.read()]
    assert [getattr(event, "rubric", None) for event in drafted] == [ready()["horizon"].rubric] * 3
    assert actors == ["operator", "officer-1", "officer-1"]
