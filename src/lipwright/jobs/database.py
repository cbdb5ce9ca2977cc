"""The SQLite file of the job store: tables, version, and connections that raise lipwright's errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lipwright.errors import InputError, OutputError, UsageError

SCHEMA_VERSION = 3
"""Value of SQLite's `user_version`. A store with another version is refused, not converted."""
BUSY_TIMEOUT_S = 30.0
"""Time in seconds for which a transaction waits for another process before it fails."""
STORE_NAME = "jobs.sqlite3"

_SCHEMA = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch TEXT NOT NULL,
    row INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    output TEXT NOT NULL,
    options TEXT NOT NULL,
    resource TEXT NOT NULL,
    owner TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL DEFAULT 1,
    worker TEXT,
    lease_until REAL,
    progress TEXT,
    error TEXT,
    hint TEXT,
    result TEXT,
    created_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL,
    place REAL NOT NULL DEFAULT 0,
    parent INTEGER,
    request_key TEXT,
    webhook TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, place, id);
CREATE INDEX jobs_by_batch ON jobs (batch, id);
CREATE INDEX jobs_to_tell ON jobs (id) WHERE webhook IS NOT NULL;
CREATE UNIQUE INDEX one_active_job_per_output ON jobs (output, kind) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX one_job_per_request ON jobs (batch, request_key) WHERE request_key IS NOT NULL;
"""


class Database:
    """The SQLite file of a job store, in an existing folder.

    Raises:
        InputError: the file is not a job store, or has another version.
        OutputError: the file cannot be created or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / STORE_NAME
        with self.connection() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0 and not _has_tables(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                self._create(connection)
            elif version != SCHEMA_VERSION:
                raise InputError(
                    f"{self.path} is a job store of version {version}; this lipwright reads version "
                    f"{SCHEMA_VERSION}",
                    hint="give another folder with --data, or move the file away: no video depends on it",
                )

    def _create(self, connection: sqlite3.Connection) -> None:
        """Create the tables, unless another process has just created them."""
        connection.execute("BEGIN IMMEDIATE")
        if not _has_tables(connection):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection, and convert SQLite's errors to lipwright's."""
        try:
            with closing(
                sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                yield connection
        except OverflowError:  # raised by sqlite3 for integers beyond 64 bits
            raise UsageError(
                "a job number is too large", hint="`lipwright jobs list` shows all jobs"
            ) from None
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in {"SQLITE_NOTADB", "SQLITE_CORRUPT"} or not isinstance(
                error, sqlite3.OperationalError
            ):
                raise InputError(
                    f"{self.path} is damaged, or not a job store ({error})",
                    hint="move the file away; no video depends on it",
                ) from error
            raise OutputError(
                f"the job store {self.path} cannot be written ({error})",
                hint="free some space, or give another folder with --data",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a `with` block as one write transaction, which an exception rolls back."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _has_tables(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'jobs'").fetchone()
    return bool(found[0])
