"""Rows in tables change as rows in memory do, whatever a batch or an event does to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection, sql

from projections.tables import TableRows
from projections.view import MemoryRows, View
from tests.projections.logs import broken_ranges, causes, connect, live


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    kind: Literal["note"] = "note"


def nothing(*_: object) -> None: ...


NOTES: View[Note] = View("notes", 1, Note, nothing, {"said": lambda row: row.text})
Act = tuple[str, str]
"""A key and a text; an empty text drops the key, "?" asks for it, "*" for all of its kind."""


@pytest.fixture
def notes_url(database_url: str) -> str:
    with connect(database_url) as connection:
        connection.execute(
            'create table views.notes (key text collate "C", since bigint, until bigint, '
            "said text, doc json, primary key (key, since))"
        )
    return database_url


def play(rows: TableRows[Note] | MemoryRows[Note], acts: list[Act]) -> list[Any]:
    said: list[Any] = []
    for key, text in acts:
        if text == "?":
            said.append(rows.get(key))
        elif text == "*":
            said.append(list(rows.under(key[0])))
        elif text:
            rows.put(key, Note(text))
        else:
            rows.drop(key)
    return said


def told(url: str, batches: list[list[list[Act]]], most: int = 100) -> TableRows[Note]:
    """Play batches of events of acts on the table; positions count from 0."""
    rows, memory = TableRows(NOTES, most), MemoryRows[Note]()
    position = -1
    past: list[dict[str, Note]] = []
    with connect(url) as connection:
        for batch in batches:
            with connection.transaction():
                rows.begin(connection, position)
                for acts in batch:
                    position += 1
                    rows.position = position
                    assert play(rows, acts) == play(memory, acts)
                    past.append(dict(memory.rows))
                rows.flush()
    for at, expected in enumerate(past):
        assert live(url, NOTES, at) == expected, at
    return rows


def test_a_row_put_back_within_a_batch_keeps_every_version_that_it_had(notes_url: str) -> None:
    told(notes_url, [[[("k", "a")], [("k", "b")], [("k", "a")]]])
    assert causes(notes_url, NOTES) == [("k", 0), ("k", 1), ("k", 2)]


def test_a_row_that_one_event_puts_there_and_back_gets_no_version(notes_url: str) -> None:
    told(notes_url, [[[("k", "a")], [("k", "b"), ("k", "a")], [("k", ""), ("k", "a")]]])
    assert causes(notes_url, NOTES) == [("k", 0)]
    told_again = [[[("j", "a"), ("j", "")]]]
    with connect(notes_url) as connection:
        connection.execute("truncate views.notes")
    told(notes_url, told_again)
    assert causes(notes_url, NOTES) == []


def test_a_key_dropped_and_put_again_in_a_batch_has_a_gap_only_where_it_was_gone(
    notes_url: str,
) -> None:
    told(notes_url, [[[("k", "a")]], [[("k", "")], [("j", "x")], [("k", "a")]]])
    assert causes(notes_url, NOTES) == [("k", 0), ("j", 2), ("k", 3)]
    assert "k" not in live(notes_url, NOTES, 2)


def test_a_failed_batch_is_forgotten_by_the_cache_too(notes_url: str) -> None:
    rows = told(notes_url, [[[("k", "a")]]])
    with connect(notes_url) as connection:
        with connection.transaction(force_rollback=True):
            rows.begin(connection, 0)
            rows.position = 1
            rows.put("k", Note("b"))
            rows.flush()
        rows.forget()
        with connection.transaction():
            rows.begin(connection, 0)
            assert rows.get("k") == Note("a")
            assert rows.get("j") is None


def test_a_text_that_postgresql_cannot_hold_is_kept_in_the_row(notes_url: str) -> None:
    told(notes_url, [[[("k", "a\0b")]]])
    with connect(notes_url) as connection:
        said = connection.execute(sql.SQL("select said from views.notes")).fetchone()
    assert said == ("a\N{REPLACEMENT CHARACTER}b",)


def test_rows_that_were_let_go_are_found_again_and_new_ones_are_not_looked_for(
    notes_url: str,
) -> None:
    rows = told(notes_url, [[[(f"k{n}", "a")] for n in range(20)]], most=0)
    with connect(notes_url) as connection, connection.transaction():
        rows.begin(connection, 19)
        asked = statements(connection)
        assert rows.get("k3") == Note("a")
        assert rows.get("new") is None
        assert statements(connection) - asked == 1


def test_a_table_that_others_filled_is_counted_once_asking_has_been_in_vain_for_long(
    notes_url: str,
) -> None:
    told(notes_url, [[[("k", "a")]]])
    rows = TableRows(NOTES)
    with connect(notes_url) as connection, connection.transaction():
        rows.begin(connection, 0)
        rows.position = 1
        rows.put("mine", Note("b"))
        for n in range(300):
            assert rows.get(f"new-{n}") is None
        asked = statements(connection)
        for n in range(300):
            assert rows.get(f"newer-{n}") is None
        assert statements(connection) - asked <= 1
        assert rows.get("k") == Note("a")
        assert rows.get("mine") == Note("b")


def statements(connection: Connection[Any]) -> int:
    """Count the look-ups of rows by key that this connection has made."""
    row = connection.execute(
        "select idx_scan from pg_stat_xact_user_tables where relname = 'notes'"
    ).fetchone()
    return row[0] if row else 0


def test_added_rows_are_there_from_their_position_on(notes_url: str) -> None:
    rows, position = TableRows(NOTES), -1
    with connect(notes_url) as connection:
        for batch in (("a", "b"), ("c",)):
            with connection.transaction():
                rows.begin(connection, position)
                for key in batch:
                    position += 1
                    rows.position = position
                    rows.add(key, Note(f"note {key}"))
                assert rows.flush() == len(batch)
    for at, known in enumerate(("a", "ab", "abc")):
        assert live(notes_url, NOTES, at) == {key: Note(f"note {key}") for key in known}


ACTS = st.lists(
    st.tuples(st.sampled_from(("ka", "kb", "j")), st.sampled_from(("a", "b", "", "?", "*"))),
    max_size=4,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=st.lists(st.lists(ACTS, max_size=4), max_size=5), most=st.sampled_from((0, 30, 60)))
def test_tables_say_what_memory_says_however_little_is_cached(
    notes_url: str, batches: list[list[list[Act]]], most: int
) -> None:
    with connect(notes_url) as connection:
        connection.execute("truncate views.notes")
    told(notes_url, batches, most)
    assert broken_ranges(notes_url, NOTES) == []
