"""The demo's data file says what was published about the 2024 round, and marks all the rest."""

import csv
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

import pytest

from tests.reference import reference

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "replay" / "demo" / "seoul_oda_challenge_2024.json"

SOURCE = (
    "Seoul Metropolitan Government and Seoul Urban Solutions Agency (SUSA) announcements"
    " of the 2024 Seoul ODA Challenge"
)
CAP_KRW = 300_000_000
# Region: countries, cities.
PUBLISHED_COUNTS = {
    "Latin America": (3, 35),
    "Asia-Pacific": (10, 28),
    "Africa": (8, 15),
    "Middle East and South-West Asia": (6, 9),
    "Eastern Europe and CIS": (4, 8),
}
# Region: the subregions of the United Nations' M49 that it takes in.
SUBREGIONS = {
    "Latin America": {"Latin America and the Caribbean"},
    "Asia-Pacific": {"Eastern Asia", "South-eastern Asia", "Melanesia", "Polynesia", "Micronesia"},
    "Africa": {"Sub-Saharan Africa", "Northern Africa"},
    "Middle East and South-West Asia": {"Western Asia", "Southern Asia"},
    "Eastern Europe and CIS": {"Eastern Europe", "Central Asia", "Western Asia", "Southern Europe"},
}
# Field: the purpose codes (OECD DAC CRS) that belong to it.
PUBLISHED_CITIES = {
    "PELIM": ("Lima", "PE", "transport", ("210",)),
    "KHPNH": ("Phnom Penh", "KH", "urban planning", ("430",)),
    "LKCMB": ("Colombo", "LK", "environment", ("410",)),
}
CHANNELS = {
    "open-call",
    "embassy",
    "development-bank",
    "city-network",
    "site-visit",
    "prior-consultation",
}


class Fact(TypedDict):
    value: Any
    source: str


class Name(TypedDict):
    en: str
    ko: str


class Need(TypedDict):
    sector: str
    sentence: str


class Project(TypedDict):
    title: Name
    type: str
    sector: str
    amount_krw: int
    summary: str


class City(TypedDict):
    id: str
    unlocode: str | None
    name: Name
    country: str
    region: str
    illustrative: bool
    project_illustrative: bool
    need: Need
    project: Project
    contact_channel: str


class EligibleCountries(TypedDict):
    list: str
    countries: Sequence[str]


class Demo(TypedDict):
    facts: dict[str, Fact]
    notice: str
    legend: dict[str, str]
    eligible_countries: EligibleCountries
    cities: list[City]


@pytest.fixture(scope="module")
def demo() -> Demo:
    return cast("Demo", json.loads(DEMO.read_text(encoding="utf-8")))


def test_there_are_95_cities_of_31_countries(demo: Demo) -> None:
    assert len(demo["cities"]) == 95
    assert len({city["country"] for city in demo["cities"]}) == 31


def test_each_region_has_its_published_number_of_countries_and_cities(demo: Demo) -> None:
    cities = Counter(city["region"] for city in demo["cities"])
    countries = Counter(
        region for region, _ in {(city["region"], city["country"]) for city in demo["cities"]}
    )
    assert {region: (countries[region], cities[region]) for region in cities} == PUBLISHED_COUNTS


def test_no_country_is_in_two_regions(demo: Demo) -> None:
    pairs = {(city["country"], city["region"]) for city in demo["cities"]}
    assert len(pairs) == len({country for country, _ in pairs})


def test_no_two_cities_share_an_id_a_locode_or_a_name(demo: Demo) -> None:
    cities = demo["cities"]
    locodes = [city["unlocode"] for city in cities if city["unlocode"] is not None]
    assert len({city["id"] for city in cities}) == len(cities)
    assert len(set(locodes)) == len(locodes)
    assert len({(city["country"], city["name"]["en"]) for city in cities}) == len(cities)
    assert len({(city["country"], city["name"]["ko"]) for city in cities}) == len(cities)


def test_an_id_is_the_locode_in_lower_case_or_a_slug_of_the_country(demo: Demo) -> None:
    for city in demo["cities"]:
        country = city["country"].lower()
        if city["unlocode"] is None:
            assert re.fullmatch(rf"{country}(-[a-z0-9]+)+", city["id"]), city["id"]
        else:
            assert re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", city["unlocode"]), city["id"]
            assert city["id"] == city["unlocode"].lower()
            assert city["id"].startswith(country)


def test_exactly_the_three_published_cities_are_not_illustrative(demo: Demo) -> None:
    published = {
        city["unlocode"]: (city["name"]["en"], city["country"])
        for city in demo["cities"]
        if not city["illustrative"]
    }
    expected = {code: (name, country) for code, (name, country, *_) in PUBLISHED_CITIES.items()}
    assert published == expected


def test_the_published_cities_applied_in_their_published_field(demo: Demo) -> None:
    by_id = {city["id"]: city for city in demo["cities"]}
    for code, (_, _, field, purposes) in PUBLISHED_CITIES.items():
        city = by_id[code.lower()]
        assert city["need"]["sector"].startswith(purposes), field
        assert city["project"]["sector"].startswith(purposes), field
    fields = {city["unlocode"]: city["field"] for city in demo["facts"]["preferred"]["value"]}
    assert fields == {code: field for code, (_, _, field, _) in PUBLISHED_CITIES.items()}


def test_every_project_is_marked_illustrative_since_none_was_published(demo: Demo) -> None:
    assert [city["id"] for city in demo["cities"] if city["project_illustrative"] is not True] == []
    assert "not published" in demo["notice"]
    assert "simulated from a fixed seed" in demo["notice"]
    assert set(demo["legend"]) == {"illustrative", "project_illustrative"}


def test_every_amount_is_in_whole_millions_and_within_the_cap(demo: Demo) -> None:
    assert demo["facts"]["cap_krw"]["value"] == CAP_KRW
    for city in demo["cities"]:
        amount = city["project"]["amount_krw"]
        assert type(amount) is int, city["id"]
        assert amount % 1_000_000 == 0, city["id"]
        assert 80_000_000 <= amount <= CAP_KRW, city["id"]


def test_sectors_are_five_digit_purpose_codes_and_the_project_answers_the_need(demo: Demo) -> None:
    for city in demo["cities"]:
        assert re.fullmatch(r"[1-9][0-9]{4}", city["need"]["sector"]), city["id"]
        assert city["project"]["sector"] == city["need"]["sector"], city["id"]


def test_all_six_published_project_types_and_no_other_occur(demo: Demo) -> None:
    published = {name.replace(" ", "-") for name in demo["facts"]["project_types"]["value"]}
    assert len(published) == 6
    assert {city["project"]["type"] for city in demo["cities"]} == published


def test_all_contact_channels_and_no_other_occur(demo: Demo) -> None:
    assert {city["contact_channel"] for city in demo["cities"]} == CHANNELS


def test_every_country_is_on_the_eligibility_list(demo: Demo) -> None:
    eligible = demo["eligible_countries"]["countries"]
    assert len(set(eligible)) == len(eligible)
    assert all(re.fullmatch(r"[A-Z]{2}", country) for country in eligible)
    assert {city["country"] for city in demo["cities"]} < set(eligible)


def test_every_text_is_there_and_its_korean_is_in_hangul(demo: Demo) -> None:
    for city in demo["cities"]:
        for text in (city["name"]["ko"], city["project"]["title"]["ko"]):
            assert re.search(r"[가-힣]", text), city["id"]
            assert not re.search(r"[A-Za-z]", text), city["id"]
        assert city["project"]["title"]["ko"].startswith(city["name"]["ko"]), city["id"]
        assert city["name"]["en"] in city["project"]["title"]["en"], city["id"]
        for sentence in (city["need"]["sentence"], city["project"]["summary"]):
            assert re.fullmatch(r"[A-Z].+\w\.", sentence), city["id"]


def test_no_sentence_is_used_twice(demo: Demo) -> None:
    sentences = [
        sentence
        for city in demo["cities"]
        for sentence in (city["need"]["sentence"], city["project"]["summary"])
    ]
    assert len(set(sentences)) == len(sentences)


def test_every_fact_names_its_source(demo: Demo) -> None:
    assert {fact["source"] for fact in demo["facts"].values()} == {SOURCE}
    assert demo["facts"]["call"]["value"]["ko"] == "2024 서울 ODA 챌린지"


def test_the_stated_counts_are_those_of_the_cities(demo: Demo) -> None:
    stated = demo["facts"]["applicants_by_region"]["value"]
    assert {
        region: (count["countries"], count["cities"]) for region, count in stated.items()
    } == PUBLISHED_COUNTS
    total = demo["facts"]["applicants_total"]["value"]
    assert total == {"countries": 31, "cities": 95}
    assert demo["facts"]["evaluation_rounds"]["value"] == 2
    assert demo["facts"]["one_project_per_city"]["value"] is True


def test_every_eligible_country_exists_and_has_a_dac_code(demo: Demo) -> None:
    known = countries()
    eligible = demo["eligible_countries"]["countries"]
    assert [country for country in eligible if country not in known] == []
    assert [country for country in eligible if not known[country]["dac_code"]] == []


def countries() -> dict[str, dict[str, str]]:
    """The concordance's row of each country, by ISO code."""
    path = reference("country_concordance_bblocks_places.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["iso2_code"]: row for row in csv.DictReader(file)}


def test_no_eligible_country_is_of_high_income(demo: Demo) -> None:
    """The DAC list leaves such countries out, after three years of high income."""
    known = countries()
    rich = {
        country
        for country in demo["eligible_countries"]["countries"]
        if known[country]["income_level"] == "High income"
    }
    # It became one in 2025, after the round and after the list of 2024.
    assert rich <= {"CR"}


def test_every_applicant_is_of_a_country_of_its_region(demo: Demo) -> None:
    known = countries()
    for city in demo["cities"]:
        row = known[city["country"]]
        assert row["subregion"] in SUBREGIONS[city["region"]], city["id"]


def test_a_locode_begins_with_the_code_of_its_country(demo: Demo) -> None:
    for city in demo["cities"]:
        if city["unlocode"] is not None:
            assert re.fullmatch(rf"{city['country']}[A-Z2-9]{{3}}", city["unlocode"]), city["id"]


def test_the_facts_are_carried_over_unchanged(demo: Demo) -> None:
    path = reference("seoul_oda_challenge_2024.json")
    published: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    carried = {name: fact["value"] for name, fact in demo["facts"].items()}
    carried["call"] = carried["call"]["en"]
    assert carried == published
