"""Each role may do what it is for and nothing else, on every table of the ledger and the views.

The matrix is made from the tables that there are: a new one is refused to everyone until its
migration says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from core.ledger.guards import CHANGING, WRITTEN
from core.ledger.ledger import Ledger
from core.ledger.requests import NewEvent, Request
from core.ledger.roles import LOGINS, DatabaseRole, assume, connect, url_for
from core.ledger.store import append
from projections.projector import Projector, set_up_views
from projections.views import VIEWS
from tests.rounds import Round

READER, WRITER, PROJECTOR = LOGINS
STATEMENTS = {
    "select": "select from {table}",
    "insert": "insert into {table} select * from {table} where false",
    "update": "update {table} set {column} = {column} where false",
    "delete": "delete from {table} where false",
    "truncate": "truncate {table} cascade",
    "lock": "lock table {table} in share mode",
    "trigger": "create trigger t before insert on {table} execute function "
    "suppress_redundant_updates_trigger()",
    "disable": "alter table {table} disable trigger user",
    "alter": "alter table {table} add added int",
    "own": "alter table {table} owner to current_user",
    "drop": "drop table {table} cascade",
}
Deeds = set[tuple[str, str]]


@pytest.fixture
def url(any_database_url: str) -> str:
    """A log with something in every table that has something to lose, and its views."""
    with Ledger(any_database_url) as ledger:
        Round(ledger).whole()
    projector = Projector(any_database_url, VIEWS)
    projector.catch_up()
    projector.stop()
    return any_database_url


def tables(url: str, schema: str) -> dict[str, str]:
    """The tables of a schema, each with its first column."""
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                "select format('%%I.%%I', n.nspname, c.relname), a.attname from pg_class c "
                "join pg_namespace n on n.oid = c.relnamespace "
                "join pg_attribute a on a.attrelid = c.oid and a.attnum = 1 "
                "where n.nspname = %s and c.relkind = 'r'",
                (schema,),
            ).fetchall()
        )


def deeds_allowed(connection: Connection[Any], found: dict[str, str]) -> Deeds:
    """Try every statement on every table, undo it, and return what was not refused."""
    allowed: Deeds = set()
    for table, column in found.items():
        for name, statement in STATEMENTS.items():
            query = statement.format(table=table, column=f'"{column}"')
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(query.encode())
            except InsufficientPrivilege:
                continue
            allowed.add((name, table))
    return allowed


def every(statements: str, of: dict[str, str]) -> Deeds:
    return {(statement, table) for statement in statements.split() for table in of}


def test_each_role_may_do_to_each_table_what_it_is_for_and_nothing_else(url: str) -> None:
    log, views = tables(url, "ledger"), tables(url, "views")
    assert {f"ledger.{name}" for name in ("event", "command", "node", *CHANGING)} <= set(log)
    assert len(views) == len(VIEWS) + 1
    all_tables = log | views
    reading = every("select", all_tables)
    writing = {(r.lower(), f"ledger.{table}") for table, rights in WRITTEN.items() for r in rights}
    # Whoever may change a table's rows may lock it against others, too.
    writing |= {("lock", table) for right, table in writing if right == "update"}
    expected = {
        READER: reading,
        WRITER: reading | writing,
        PROJECTOR: reading | every(" ".join(STATEMENTS), views),
    }
    for role, allowed in expected.items():
        with connect(url, role, application="test") as connection:
            assert deeds_allowed(connection, all_tables) == allowed, role


def test_a_migrator_may_do_nothing_before_it_acts_as_the_owner(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        assume(connection, DatabaseRole.MIGRATOR)
        assert deeds_allowed(connection, tables(url, "ledger")) == set()


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("role", [DatabaseRole.OWNER, None])
def test_the_owner_and_a_superuser_meet_the_triggers_even_as_a_replica(
    url: str, role: DatabaseRole | None, *, replica: bool
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if replica:
            connection.execute("set session_replication_role = replica")
        if role is not None:
            assume(connection, role)
        found = tables(url, "ledger")
        allowed = deeds_allowed(connection, found)
    forbidden = every("update delete truncate", found)
    forbidden -= every("update delete truncate", {f"ledger.{name}": "" for name in CHANGING})
    forbidden |= {("delete", "ledger.head"), ("truncate", "ledger.head")}
    assert len(forbidden) >= 3 * 3 + 2
    assert not allowed & forbidden
    # What a trigger can't stop, an owner can still do; which is why nobody logs in as one.
    assert ("disable", "ledger.event") in allowed


@pytest.mark.parametrize(
    "change",
    [
        b"size = size - 1",
        b"frontier = array[sha256(frontier[1])]",
        b"last_recorded_at = last_recorded_at - interval '1 second'",
        b"name = 'another'",
        b"log_id = 2",
    ],
)
def test_the_head_only_grows(url: str, change: bytes) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        with pytest.raises(InsufficientPrivilege, match=r"update of ledger\.head is refused"):
            connection.execute(b"update ledger.head set " + change)
        connection.execute("update ledger.head set size = size + 1")


def test_upserts_and_merges_meet_the_triggers_too(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create temp table same as select * from ledger.event")
        upsert = "on conflict (log_id, position) do update set type = ''"
        for statement in (
            f"insert into ledger.event table same {upsert}",
            "merge into ledger.event using same on false when matched then update set type = ''",
            "merge into ledger.event using same on false when matched then delete",
        ):
            with pytest.raises(InsufficientPrivilege, match="stays as it was recorded"):
                connection.execute(statement.encode())


def test_only_a_writer_may_append_or_begin_a_log(url: str) -> None:
    request = Request([NewEvent("s", 1, "t", b'"type":"t"}')])
    for role in (READER, PROJECTOR):
        with connect(url, role, application="test") as connection:
            with pytest.raises(InsufficientPrivilege):
                append(connection, [request])
            with pytest.raises(InsufficientPrivilege):
                connection.execute("select ledger.log('mine')")
    with connect(url, WRITER, application="test") as connection:
        assert [a.outcome for a in append(connection, [request])] == ["appended"]
        first = connection.execute("select ledger.log('mine')").fetchone()
        assert first == connection.execute("select ledger.log('mine')").fetchone()


def test_what_acts_as_the_owner_finds_nothing_of_its_caller(url: str) -> None:
    """A writer's temporary table of the same name, and a path of its own, change nothing."""
    request = Request([NewEvent("s", 1, "t", b'"type":"t"}')])
    with connect(url, WRITER, application="test") as connection:
        connection.execute("create temp table event (like ledger.event)")
        connection.execute("create temp table head (like ledger.head)")
        connection.execute("set search_path = pg_temp, ledger")
        assert [a.outcome for a in append(connection, [request])] == ["appended"]
        assert connection.execute("select count(*) from pg_temp.event").fetchone() == (0,)
        assert connection.execute("show search_path").fetchone() == ("pg_temp, ledger",)


ESCAPES = (
    "update ledger.event set record = ''",
    "delete from ledger.command",
    "truncate ledger.event cascade",
    "drop table ledger.event cascade",
    "drop schema ledger cascade",
    "alter table ledger.event disable trigger append_only",
    "create or replace function ledger.refuse() returns trigger language sql as 'select null'",
    "alter function ledger.append security invoker",
    "create table ledger.mine ()",
    "create table public.mine ()",
    "create schema mine",
    "call ledger.append_only('ledger.event')",
    "set session_replication_role = replica",
    "set role ssp_owner",
    "set role ssp_migrator",
    "set role postgres",
    "set session authorization postgres",
    "alter role ssp_reader superuser",
    "grant ssp_owner to ssp_reader",
    "alter system set fsync = off",
    "copy ledger.event to program 'cat'",
    "select pg_read_file('PG_VERSION')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
)


@pytest.fixture(params=LOGINS)
def unprivileged(request: pytest.FixtureRequest, url: str) -> Iterator[Connection[Any]]:
    """A connection as in the embedded mode: logged in as its role, nobody behind it."""
    with connect(url_for(url.replace("postgres@", f"{READER}@"), READER), request.param,
                 application="test") as connection:  # fmt: skip
        row = connection.execute("select session_user, current_user").fetchone()
        assert row == (request.param, request.param)
        yield connection


def test_who_logs_in_as_a_role_finds_no_way_out_of_it(unprivileged: Connection[Any]) -> None:
    role = unprivileged.info.user
    for way in ("reset role", "set role none", "reset session authorization", "discard all"):
        unprivileged.execute(way.encode())
        assert unprivileged.execute("select current_user").fetchone() == (role,)
    for escape in ESCAPES:
        with pytest.raises(InsufficientPrivilege):
            unprivileged.execute(escape.encode())


def test_a_user_without_a_role_is_told_which_one_to_ask_for(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role passer_by login")
        try:
            with pytest.raises(InsufficientPrivilege, match="grant ssp_writer to passer_by"):
                connect(url.replace("postgres@", "passer_by@"), WRITER, application="test")
        finally:
            connection.execute("drop role passer_by")


def test_a_table_that_a_view_is_made_later_can_be_read_at_once(any_database_url: str) -> None:
    set_up_views(any_database_url, VIEWS)
    with connect(any_database_url, PROJECTOR, application="test") as connection:
        connection.execute("create table views.shadow (key text)")
    with connect(any_database_url, READER, application="test") as connection:
        assert connection.execute("select count(*) from views.shadow").fetchone() == (0,)


def test_no_function_of_the_ledger_lends_its_owners_rights_to_everyone(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select proname, has_function_privilege('public', oid, 'execute'), proconfig "
            "from pg_proc where prosecdef and pronamespace = 'ledger'::regnamespace order by 1"
        ).fetchall()
    assert [(name, lent) for name, lent, _ in found] == [("append", False), ("log", False)]
    assert all("search_path=pg_catalog, pg_temp" in settings for _, _, settings in found)
