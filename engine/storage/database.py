"""One connection to the database: its settings, its transactions, its errors in words.

Safe to share between threads: one statement or transaction at a time. Knows no table.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.storage.migrations import check_origin, migrate
from engine.storage.problems import explained

BUSY_S = 10.0  # how long another process may hold the database before that is an error
SCRUB_BUSY_S = 2.0  # the same while scrubbing, which the next start can make up for
_RETRY_S = 0.02

_SETTINGS = (
    "PRAGMA synchronous = NORMAL",  # with a write-ahead log: no damage, at most the last second
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA temp_store = MEMORY",  # nothing of it ever reaches a folder of the system's
    "PRAGMA cache_size = -16000",  # KiB
)


class Database:
    """A connection that several threads may use, one after another."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._guard = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> Database:
        """Opens the file, makes it if it is missing, brings it to the current form.

        Its folder must exist. Raises DatabaseNewer, DatabaseDamaged, DataFolderReadOnly,
        DiskFull or StorageError.
        """
        with explained(path):
            _make_private(path)
            connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            try:
                check_origin(connection, path)
                _use_write_ahead_log(connection)
                for setting in _SETTINGS:
                    connection.execute(setting)
                migrate(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query. Raises StorageError."""
        with self._guard, explained(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """One transaction: everything in it, or nothing. Raises StorageError."""
        with self._guard, explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def scrub(self) -> bool:
        """Writes the whole file anew and empties its log: no byte of what was deleted stays.

        Returns False when another process was in the way of that. Raises StorageError.
        """
        with self._guard, explained(self.path):
            self._wait(SCRUB_BUSY_S)
            try:
                self._connection.execute("VACUUM")
                answer = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return False
            finally:
                self._wait(BUSY_S)
            return not answer[0]

    def _wait(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def close(self) -> None:
        with self._guard, explained(self.path):
            self._connection.close()


class Transaction:
    """What may be done within `Database.writing`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters).fetchall()

    def run_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)


def _make_private(path: Path) -> None:
    """The log and its index take on these permissions from the database file."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # Not opened here: closing it again would drop the locks of a connection that this
        # process may already have to it.
        if os.name == "posix" and path.is_file() and path.stat().st_mode & 0o077:
            with suppress(PermissionError):  # another user's, who lent it to this one
                path.chmod(0o600)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Waits by itself: SQLite does not, when two processes change this at the same moment."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return
