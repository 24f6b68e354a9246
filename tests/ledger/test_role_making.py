"""Whoever may make the roles gets them made; whoever may not is told what an administrator runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from core.ledger import embedded
from core.ledger.guards import lacking_guards, needless_power, widened_rights
from core.ledger.ledger import Ledger
from core.ledger.migrate import NotPermitted, migrate, missing
from core.ledger.place import opened
from core.ledger.roles import LOGINS, DatabaseRole, connect, roles_sql
from projections.projector import Projector, set_up_views
from projections.views import VIEWS
from tests.processes import called, good, needs_proc, refused, serving
from tests.rounds import Round

pytestmark = pytest.mark.uncounted


def named(url: str, *, user: str = "postgres", database: str = "postgres") -> str:
    return urlsplit(url)._replace(netloc=f"{user}@", path=f"/{database}").geturl()


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def used(url: str) -> None:
    """Do everything that a programme does, on one URL."""
    with Ledger(url) as ledger:
        Round(ledger).whole()
        last = ledger.store.size() - 1
    projector = Projector(url, VIEWS)
    assert projector.catch_up() == last
    projector.stop()


@pytest.fixture
def ours(bare_server_url: str) -> str:
    """The URL by which an ordinary user reaches a database of their own, without any role yet."""
    run(bare_server_url, "create role clerk login", "create database clerks owner clerk")
    return named(bare_server_url, user="clerk", database="clerks")


def test_databases_of_one_server_can_be_migrated_at_once(bare_server_url: str) -> None:
    names = [f"database_{number}" for number in range(6)]
    run(bare_server_url, *(f"create database {name}" for name in names))
    urls = [named(bare_server_url, database=name) for name in names]
    with ThreadPoolExecutor(len(urls)) as threads:
        applied = list(threads.map(migrate, urls))
    assert all(len(names) == len(applied[0]) for names in applied)
    used(urls[3])


def test_who_may_make_roles_needs_no_administrator_and_no_second_url(ours: str) -> None:
    run(named(ours), "alter role clerk createrole")
    assert missing(ours)
    assert migrate(ours)
    assert migrate(ours) == []
    assert missing(ours) == []
    set_up_views(ours, VIEWS)
    used(ours)


def test_who_may_not_make_roles_is_told_what_to_ask_for(ours: str) -> None:
    with pytest.raises(NotPermitted, match="`ssp migrate --print-roles` prints, and: grant"):
        migrate(ours)
    complaint = refused(called("migrate", SSP_DATABASE_URL=ours), 3)
    assert 'grant ssp_migrator to "clerk"' in complaint
    administrator = named(ours, database="clerks")
    run(administrator, good("migrate", "--print-roles"))
    with pytest.raises(NotPermitted):
        migrate(ours)
    run(administrator, 'grant ssp_migrator to "clerk"')
    assert "0003_rights.sql" in good("migrate", SSP_DATABASE_URL=ours)
    # A migrator records nothing: that is another user's.
    with pytest.raises(InsufficientPrivilege, match="grant ssp_writer to clerk"):
        connect(ours, DatabaseRole.WRITER, application="test")
    run(administrator, "create role server login", "grant ssp_writer, ssp_projector to server")
    server = named(ours, user="server", database="clerks")
    used(server)
    with pytest.raises(NotPermitted):
        migrate(server)
    with psycopg.connect(server) as connection:
        assert needless_power(connection) == ""
    with psycopg.connect(ours) as connection:
        assert needless_power(connection) == (
            "clerk may act as ssp_owner, which only `ssp migrate` needs"
        )


def test_who_makes_the_roles_must_also_own_the_database(ours: str) -> None:
    run(named(ours), "alter role clerk createrole", "alter database clerks owner to postgres")
    with pytest.raises(NotPermitted, match="permission denied for database clerks"):
        migrate(ours)
    run(named(ours), "grant create on database clerks to clerk with grant option")
    assert migrate(ours)


def test_roles_that_are_there_are_left_alone_by_one_without_rights(ours: str) -> None:
    migrate(named(ours, database="clerks"))
    with psycopg.connect(ours) as connection:
        connection.execute(roles_sql().encode())


def test_a_schema_as_it_was_made_has_nothing_to_find_fault_with(ours: str) -> None:
    administrator = named(ours, database="clerks")
    migrate(administrator)
    set_up_views(administrator, VIEWS)
    with psycopg.connect(administrator) as connection:
        assert lacking_guards(connection) == []
        assert list(widened_rights(connection)) == []
        assert needless_power(connection).startswith("postgres is a superuser")


BREACHES = {
    "alter table ledger.event disable trigger append_only": "append_only of ledger.event does not",
    "alter table ledger.command enable trigger append_only": "ledger.command does not always fire",
    "alter table ledger.head enable replica trigger only_grows": "only_grows of ledger.head does",
    "drop trigger append_only on ledger.node": "ledger.node has no trigger append_only",
    "drop trigger never_removed on ledger.head": "ledger.head has no trigger never_removed",
    "drop trigger append_only on ledger.event; create trigger append_only before update on "
    "ledger.event for each statement execute function ledger.refuse(); alter table ledger.event "
    "enable always trigger append_only": "is another than was made",
    "create table ledger.mine (); alter table ledger.mine owner to ssp_owner": "ledger.mine has no",
    "grant update on ledger.event to ssp_writer": "ssp_writer may update ledger.event",
    "grant delete on ledger.head to public": "everyone may delete ledger.head",
    "grant update (record) on ledger.event to clerk": "clerk may update column record of ledger.",
    "grant create on schema ledger to clerk": "clerk may create the schema ledger",
    "alter table ledger.command owner to clerk": "ledger.command belongs to clerk",
    "alter function ledger.root owner to clerk": "ledger.root(bytea[]) belongs to clerk",
    "grant execute on function ledger.append to public": "everyone may call append, which acts as",
    "alter function ledger.log reset search_path": "log acts as its owner on the caller's search",
    "alter function ledger.append reset search_path": "append acts as its owner on the caller's",
    "grant ssp_owner to clerk": "clerk is a member of ssp_owner",
    "alter role ssp_owner login": "ssp_owner may log in",
}


def test_whatever_opens_the_log_is_found(ours: str) -> None:
    administrator = named(ours, database="clerks")
    migrate(administrator)
    with psycopg.connect(administrator, autocommit=True) as connection:
        for breach, said in BREACHES.items():
            with connection.transaction(force_rollback=True):
                connection.execute(breach.encode())
                found = [*lacking_guards(connection), *widened_rights(connection)]
            assert len(found) == 1, (breach, found)
            assert said in found[0]


@needs_proc
def test_every_connection_of_an_embedded_server_logs_in_as_its_role(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    with (
        serving(tmp_path, SSP_DATA_DIR=folder) as server,
        embedded.start(folder) as postgres,
        psycopg.connect(postgres.url, autocommit=True) as connection,
    ):
        answer = server.http.post(
            "/cities/lima/register",
            json={"name": {"en": "Lima"}, "country": "PE"},
            headers=server.token("officer", "officer-1"),
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, str] = dict(
            connection.execute(
                "select application_name, string_agg(distinct usename, ',') from pg_stat_activity "
                "where backend_type = 'client backend' and pid <> pg_backend_pid() group by 1"
            ).fetchall()
        )
        assert found == {role.replace("_", "-"): role for role in LOGINS}
    with opened(None, folder) as place, psycopg.connect(place.url) as connection:
        assert needless_power(connection) == ""
        assert connection.info.user == DatabaseRole.READER
