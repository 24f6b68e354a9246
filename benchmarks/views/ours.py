"""Our projector, with all views or a single one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg import sql

from core.ledger.roles import DatabaseRole, connect
from projections.projector import Projector
from projections.view import View
from projections.views import VIEWS


class Ours:
    """Follows the ledger as the server does."""

    def __init__(self, url: str, views: tuple[View[Any], ...] = VIEWS) -> None:
        """Begin with no tables of these views."""
        with connect(url, DatabaseRole.PROJECTOR, application="ssp-benchmark") as connection:
            made = connection.execute("select to_regclass('views.progress')").fetchone()
            for view in views if made and made[0] else ():
                table = sql.Identifier("views", view.name)
                connection.execute(sql.SQL("drop table if exists {}").format(table))
                connection.execute("delete from views.progress where view = %s", (view.name,))
        self._projector = Projector(url, views)
        self._done = 0

    def grow(self, events: int, size: int) -> None:
        """Do nothing: the ledger is filled for all who follow it."""

    def catch_up(self) -> int:
        """Fold to the end; raises `RuntimeError` where a view stopped."""
        size = self._projector.catch_up() + 1
        if failures := self._projector.failures():
            raise RuntimeError(failures)
        new, self._done = size - self._done, size
        return new

    def follow(self, until: Callable[[], None]) -> None:
        """Run as in the server, in a thread."""
        self._projector.start()
        until()

    def close(self) -> None:
        """Disconnect."""
        self._projector.stop()
