"""Real PostgreSQL for every test that stores: our embedded 18, and Debian's 15 where installed.

The folders lie in memory where there is room, since tests kill processes, never the machine, and
a copy of a database then takes 30 ms and not 300. Otherwise they lie in /tmp itself: pytest's own
are closed to the accounts that servers run as, and their paths are near the limit for a socket.
"""

import gc
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from core.ledger import embedded
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from tests.rounds import Round

# A busy machine makes drawing examples slow; timings never decide a test.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Personal text is sealed in every test, and by every process that a test starts.
os.environ["SSP_KEK"] = b64encode(bytes(32)).decode()

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "ssp_template"
DISK, MEMORY = Path("/tmp"), Path("/dev/shm")
ROOM_BYTES = 2 << 30
COUNTING = "COVERAGE_PROCESS_CONFIG"
"""By this variable coverage starts in the processes of a test."""


def pytest_configure() -> None:
    """Let interrupts be heard by the processes of tests, though a shell began us in its background.

    Such a shell has them ignored, and whatever a process ignores its children ignore, too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let collections of garbage pass over what all tests have imported."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the campaign of faults be told how long to go on, and which one to run again."""
    parser.addoption("--faults-rounds", type=int, default=1)
    parser.addoption("--faults-seed", default="")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    """Run what is marked so without counting lines, in the processes that it starts, too.

    Counting takes as long again as what it counts: thousands of records say no more about which
    lines are run than ten do.
    """
    # The plugin's name and its controller are pytest-cov's own; there is neither with --no-cov.
    plugin: Any = item.config.pluginmanager.getplugin("_cov")
    counting: Any = getattr(plugin, "cov_controller", None)
    if counting is None or item.get_closest_marker("uncounted") is None:
        return (yield)
    counting.pause()
    told = os.environ.pop(COUNTING, None)
    try:
        return (yield)
    finally:
        if told is not None:
            os.environ[COUNTING] = told
        counting.resume()


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> int:
    """How often to let everything happen: once, but for `make faults`."""
    found: int = pytestconfig.option.faults_rounds
    return found


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> str:
    """Where chance comes from: a new place, unless a run is repeated by its printed seed."""
    found: str = pytestconfig.option.faults_seed or secrets.token_hex(4)
    return found


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder that any account may pass through."""
    with _short_folder() as folder:
        yield folder


@pytest.fixture
def disk_folder() -> Iterator[Path]:
    """As `short_folder`, where programs may run: often they may not from memory."""
    with _short_folder(DISK) as folder:
        yield folder


@pytest.fixture(scope="module")
def folder_for_module() -> Iterator[Path]:
    """As `short_folder`, for what all tests of a module look at."""
    with _short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The embedded server, one for each process that runs tests."""
    with _short_folder() as folder, embedded.start(folder) as server:
        _make_template(server.url)
        yield server.url


@pytest.fixture(scope="session")
def postgres15() -> Iterator[str]:
    """A server of the oldest version that we promise to run on."""
    with _debian_15() as url:
        _make_template(url)
        yield url


@pytest.fixture(params=["18-embedded", "15-debian"])
def bare_server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of the test's own, of each version in turn, that knows nothing of us."""
    if request.param == "15-debian":
        with _debian_15() as url:
            yield url
    else:
        with _short_folder() as folder, embedded.start(folder) as server:
            yield server.url


@contextmanager
def _debian_15() -> Generator[str]:
    if not (DEBIAN_15 / "initdb").exists():
        pytest.skip(f"no PostgreSQL 15 in {DEBIAN_15} (Debian's package postgresql-15)")
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    with _short_folder() as folder:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)

        def call(program: str, *arguments: str) -> None:
            subprocess.run(
                [DEBIAN_15 / program, "-D", "cluster", *arguments],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=account and [],
            )

        call("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        call("pg_ctl", "start", "-w", "-l", "log", "-o", "-c listen_addresses= -k ..")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}&port=5432"
        finally:
            call("pg_ctl", "stop", "-w", "-m", "immediate")


@pytest.fixture(scope="session")
def fresh_database(postgres_url: str) -> Callable[..., AbstractContextManager[str]]:
    """Make a database with the schema on the embedded server, for as long as it is held.

    Given the address of another one, to which nothing may be connected, it is a copy of it.
    """

    def make(copy_of: str = TEMPLATE) -> AbstractContextManager[str]:
        return _fresh_database(postgres_url, copy_of.rpartition("/")[2].partition("?")[0])

    return make


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A database of the test's own with the schema, on the embedded server."""
    with _fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["18-embedded", "15-debian"])
def any_server_url(request: pytest.FixtureRequest) -> str:
    """Each server that stores must work on, in turn."""
    fixture = "postgres_url" if request.param == "18-embedded" else "postgres15"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def any_database_url(any_server_url: str) -> Iterator[str]:
    """A database of the test's own with the schema, once on each server."""
    with _fresh_database(any_server_url) as url:
        yield url


@pytest.fixture
def empty_database_url(any_server_url: str) -> Iterator[str]:
    """A database of the test's own without the schema, once on each server."""
    with _fresh_database(any_server_url, template="template1") as url:
        yield url


@contextmanager
def _short_folder(place: Path | None = None) -> Generator[Path]:
    if place is None:
        roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
        place = MEMORY if roomy else DISK
    folder = Path(tempfile.mkdtemp(prefix="ssp-pg-", dir=place))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _make_template(server_url: str) -> None:
    """Make once what every test's database is then a copy of: the schema, and no event."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    # The roles may log in, so that tests can be any of them.
    migrate(_named(server_url, TEMPLATE), logins=True)


def _named(server_url: str, database: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{database}").geturl()


@contextmanager
def _fresh_database(server_url: str, template: str = TEMPLATE) -> Generator[str]:
    name = f"test_{uuid4().hex}"
    database, source = sql.Identifier(name), sql.Identifier(template)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, source))
        try:
            yield _named(server_url, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


@pytest.fixture
def round_(database_url: str) -> Iterator[Round]:
    """A selection round that has not begun, on a ledger of its own."""
    with Ledger(database_url) as ledger:
        yield Round(ledger)
