"""Figures over HTTP: recorded and corrected by staff, and never by those who are marked by them."""

from __future__ import annotations

from tests.api.harness import Api, code, faults

FIGURE = {
    "indicator": "gni-per-capita",
    "unit": "USD",
    "value": "7790",
    "on": "2023-12-31",
    "source": "World Bank",
}


def test_a_figure_is_recorded_then_corrected_with_a_reason(api: Api) -> None:
    city, path = "city-lima", "/cities/lima"
    api.do(f"{path}/register", "officer-1", {"name": {"en": "Lima"}, "country": "PE"})
    receipt = api.do(f"{path}/record-indicator", "officer-1", {"figure": FIGURE}, on=city)
    assert receipt["events"][0]["type"] == "cities.indicator-recorded.1"
    corrected = {"figure": FIGURE | {"value": "7820"}, "reason": "restated"}
    receipt = api.do(f"{path}/correct-indicator", "officer-1", corrected, on=city)
    assert receipt["events"][0]["type"] == "cities.indicator-corrected.1"
    etag = api.get(f"/streams/{city}", "auditor-1").headers["ETag"]

    def refused(who: str, verb: str, body: object) -> tuple[int, str, list[str]]:
        answer = api.post(f"{path}/{verb}", who, body, match=etag)
        return (*code(answer), sorted(faults(answer)))

    wrong = FIGURE | {"on": "2999-12-31"}
    assert refused("officer-1", "record-indicator", {"figure": FIGURE}) == (
        409,
        "figure-recorded",
        ["figure.on"],
    )
    assert refused("officer-1", "record-indicator", {"figure": wrong}) == (
        400,
        "figure-in-future",
        ["figure.on"],
    )
    assert refused("officer-1", "record-indicator", {"figure": FIGURE | {"value": "many"}}) == (
        422,
        "malformed-value",
        ["figure.value"],
    )
    other = {"figure": FIGURE | {"on": "2022-12-31"}, "reason": "r"}
    assert refused("officer-1", "correct-indicator", other)[:2] == (404, "unknown-figure")
    assert refused("city-lima", "record-indicator", {"figure": FIGURE})[:2] == (
        403,
        "role-not-allowed",
    )
