"""What is sent to a table arrives as it was, and a filter of keys never denies one."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.keys import Keys
from projections.versions import Change, write
from projections.view import View
from tests.projections.logs import causes, connect, live


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    mark: Decimal = Decimal("1.50")
    at: datetime = datetime(2024, 6, 1, 12, tzinfo=UTC)
    kind: Literal["note"] = "note"


def nothing(*_: object) -> None: ...


NOTES: View[Note] = View(
    "remarks", 1, Note, nothing, {"said": lambda row: row.text, "none": lambda _: None}
)


@pytest.fixture
def notes_url(database_url: str) -> str:
    with connect(database_url) as connection:
        connection.execute(
            'create table views.remarks (key text collate "C", since bigint, until bigint, '
            "said text, none text, doc json, primary key (key, since))"
        )
    return database_url


TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text("\\\t\n\r\"'\0Nn.")


PIPELINED = pytest.mark.parametrize("pipelined", [False, True], ids=["copied", "pipelined"])


@PIPELINED
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(keys=st.sets(TEXTS.filter(lambda key: "\0" not in key), min_size=1), text=TEXTS)
def test_no_character_is_lost_on_the_way_to_a_table(
    notes_url: str, keys: set[str], text: str, *, pipelined: bool
) -> None:
    with connect(notes_url) as connection:
        connection.execute("truncate views.remarks")
        changes = [Change(key, 3, Note(text), None) for key in keys]
        with connection.pipeline() if pipelined else nullcontext():
            sizes = write(connection, NOTES, changes)
        said = connection.execute("select distinct said, none from views.remarks").fetchall()
    assert live(notes_url, NOTES, 3) == dict.fromkeys(keys, Note(text))
    assert said == [(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), None)]
    assert sizes == dict.fromkeys(keys, len(NOTES.shape().dump_json(Note(text))))


@PIPELINED
def test_many_rows_arrive_in_more_than_one_piece_and_end_where_they_are_told_to(
    notes_url: str, *, pipelined: bool
) -> None:
    first = [Change(f"k{n}", n, Note(str(n)), None) for n in range(700)]
    second = [replace(c, position=c.position + 700, row=None, before=c.row) for c in first]
    with connect(notes_url) as connection, connection.pipeline() if pipelined else nullcontext():
        write(connection, NOTES, first)
        assert write(connection, NOTES, second) == {}
    assert len(causes(notes_url, NOTES)) == 700
    assert len(live(notes_url, NOTES, 699)) == 700
    assert list(live(notes_url, NOTES, 1_398)) == ["k699"]
    assert live(notes_url, NOTES, 1_399) == {}


@given(keys=st.sets(st.text()), others=st.sets(st.text()))
def test_a_filter_has_all_that_was_put_in_and_little_else(keys: set[str], others: set[str]) -> None:
    found = Keys(keys)
    assert all(key in found for key in keys)
    assert sum(key in found for key in others - keys) <= 1
