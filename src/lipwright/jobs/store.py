"""The job store: one SQLite file in which several processes queue jobs and take them.

A job is `queued`, `running` (held by one worker under a lease that it renews), `done`, `failed` or
`cancelled`. Every change of state is one write transaction that names the state it expects, so two workers
never hold the same job, and a worker that lost its lease cannot report a result. Videos and their manifests
are the truth; the store is the queue and the history, and deleting it loses no video.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from lipwright.errors import InputError, OutputError, UsageError

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["render", "check", "tune"]
Resource = Literal["cores", "one", "servers"]
"""What a job keeps busy: a core, the GPU, or a server; as `EngineDescription.parallel`."""

SCHEMA_VERSION = 2
"""Stands in SQLite's `user_version`; a store of another version is refused, never rewritten."""
BUSY_TIMEOUT_S = 30.0
"""How long a transaction waits for another process's before it fails."""
LEASE_S = 60.0
"""A worker that has not renewed its lease for so long has lost its job."""
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
    finished_at REAL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, kind, id);
CREATE INDEX jobs_by_batch ON jobs (batch, id);
CREATE UNIQUE INDEX one_active_job_per_output ON jobs (output, kind) WHERE state IN ('queued', 'running');
"""


SPARE_ATTEMPTS = 2
"""How often a job may lose its worker beyond its attempts, so that a shot that kills workers ends."""

_LOST = f"""
UPDATE jobs SET state = CASE WHEN attempts < max_attempts + {SPARE_ATTEMPTS} THEN 'queued' ELSE 'failed' END,
    worker = NULL, lease_until = NULL, progress = NULL, error = ?, hint = 'out of memory? try fewer --workers'
WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued."""

    batch: str
    """Name of the batch it belongs to."""
    row: int
    """Its row in the SHOTS file, from 1."""
    kind: JobKind
    key: str
    """Hash of everything that makes the result; see `pipeline.job_key`."""
    output: str
    """Absolute path of the video."""
    options: Mapping[str, Any]
    """Options of the command by their long names, paths absolute."""
    max_attempts: int = 1
    resource: Resource = "cores"
    owner: str | None = None
    """The run that waits for it, as `worker_name` names a process; when that has ended, `withdraw` takes
    the job out of the queue. None leaves it there."""
    error: str | None = None
    """Why it cannot be made; it is recorded as failed."""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as the store holds it."""

    id: int
    batch: str
    row: int
    kind: JobKind
    key: str
    output: str
    options: Mapping[str, Any]
    resource: Resource
    owner: str | None
    state: JobState
    attempts: int
    max_attempts: int
    worker: str | None
    lease_until: float | None
    """Seconds since the epoch."""
    progress: Mapping[str, Any] | None
    """stage, done, total of a running job."""
    error: str | None
    hint: str | None
    result: Mapping[str, Any] | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values for `lipwright jobs --json`."""
        return {name: getattr(self, name) for name in self.__slots__}


_COLUMNS = ", ".join(StoredJob.__slots__)
_JSON_COLUMNS = frozenset({"options", "progress", "result"})


def worker_name() -> str:
    """Return a name for this process, made of the machine's name and the process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def worker_is_gone(worker: str) -> bool:
    """Tell whether a worker of this machine has ended; False for workers of other machines."""
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class JobStore:
    """A store in a folder. Every method opens its own connection, so one object serves many threads.

    Args:
        folder: The store's folder; it must exist.

    Raises:
        InputError: the file is no store, or of another version.
        OutputError: it cannot be created or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / STORE_NAME
        with self._connection() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0 and not _has_tables(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                self._create(connection)
            elif version != SCHEMA_VERSION:
                raise InputError(
                    f"{self.path} is a job store of version {version}; this lipwright reads {SCHEMA_VERSION}",
                    hint="update lipwright, or give another folder with --data: no video depends on it",
                )

    def add(self, jobs: Iterable[NewJob]) -> int:
        """Queue jobs; one whose output is already queued or running is left to the job that has it.

        Returns:
            How many were added.
        """
        now = time.time()
        added = 0
        with self._writing() as connection:
            for job in jobs:
                cursor = connection.execute(
                    "INSERT OR IGNORE INTO jobs (batch, row, kind, key, output, options, resource, owner,"
                    " state, max_attempts, error, hint, created_at, finished_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        job.batch, job.row, job.kind, job.key, job.output, json.dumps(dict(job.options)),
                        job.resource, job.owner, "failed" if job.error else "queued", job.max_attempts,
                        job.error, job.hint, now, now if job.error else None,
                    ),
                )  # fmt: skip
                added += cursor.rowcount
        return added

    def claim(
        self,
        worker: str,
        *,
        batch: str | None = None,
        kinds: Sequence[JobKind] = get_args(JobKind),
        resources: Sequence[Resource] = get_args(Resource),
    ) -> StoredJob | None:
        """Take the oldest queued job, if there is one.

        Args:
            worker: Name of the worker.
            batch: Only jobs of this batch; None takes any.
            kinds: Kinds of job that the worker can do.
            resources: What it has for them.
        """
        condition = f"state = 'queued' AND kind IN ({_marks(kinds)}) AND resource IN ({_marks(resources)})"
        values: list[str] = [*kinds, *resources]
        if batch is not None:
            condition, values = f"{condition} AND batch = ?", [*values, batch]
        now = time.time()
        with self._writing() as connection:
            row = connection.execute(
                "UPDATE jobs SET state = 'running', worker = ?, lease_until = ?, started_at = ?,"
                " attempts = attempts + 1, progress = NULL, error = NULL, hint = NULL"
                f" WHERE id = (SELECT id FROM jobs WHERE {condition} ORDER BY id LIMIT 1)"
                f" RETURNING {_COLUMNS}",
                (worker, now + LEASE_S, now, *values),
            ).fetchone()
        return None if row is None else _job(row)

    def renew(self, job_id: int, worker: str, progress: Mapping[str, Any] | None = None) -> bool:
        """Renew the lease of a running job and tell how far it is.

        Returns:
            False where the job is no longer this worker's: cancelled, or its lease ran out.
        """
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET lease_until = ?, progress = coalesce(?, progress)"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (
                    time.time() + LEASE_S,
                    None if progress is None else json.dumps(dict(progress)),
                    job_id,
                    worker,
                ),
            )
        return cursor.rowcount == 1

    def finish(self, job_id: int, worker: str, result: Mapping[str, Any]) -> bool:
        """Record a job as done; False where it is no longer this worker's."""
        return self._end(job_id, worker, "done", result=json.dumps(dict(result)))

    def fail(self, job_id: int, worker: str, error: str, hint: str, *, retry: bool) -> bool:
        """Record a failed attempt; False where the job is no longer this worker's.

        Args:
            job_id: The job.
            worker: Who had it.
            error: What was wrong.
            hint: What to do.
            retry: Queue it again while attempts are left. False for what would fail again alike.
        """
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET"
                " state = CASE WHEN ? AND attempts < max_attempts THEN 'queued' ELSE 'failed' END,"
                " worker = CASE WHEN ? AND attempts < max_attempts THEN NULL ELSE worker END,"
                " lease_until = NULL, progress = NULL, error = ?, hint = ?, finished_at = ?"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (retry, retry, error, hint, time.time(), job_id, worker),
            )
        return cursor.rowcount == 1

    def requeue_lost(self) -> int:
        """Queue again the jobs whose worker is gone or whose lease ran out.

        A job that was lost as often as it may be attempted fails instead, so that a shot that kills its
        worker does not run for ever.
        """
        now = time.time()
        with self._writing() as connection:
            running = connection.execute(
                "SELECT id, worker, lease_until FROM jobs WHERE state = 'running'"
            ).fetchall()
            lost = [row[0] for row in running if row[2] < now or worker_is_gone(row[1])]
            for job_id in lost:
                connection.execute(_LOST, ("the worker ended unexpectedly", job_id))
        return len(lost)

    def lose(self, job_id: int, worker: str, error: str) -> bool:
        """Queue a job again whose worker was lost; False where it is no longer that worker's."""
        with self._writing() as connection:
            cursor = connection.execute(
                f"{_LOST} AND worker = ? AND state = 'running'", (error, job_id, worker)
            )
        return cursor.rowcount == 1

    def release(self, worker: str) -> int:
        """Queue again every job that this worker holds, without counting the attempt."""
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = NULL,"
                " attempts = attempts - 1 WHERE worker = ? AND state = 'running'",
                (worker,),
            )
        return cursor.rowcount

    def cancel(self, job_ids: Sequence[int]) -> int:
        """Cancel queued and running jobs; a running one stops at its next step.

        Raises:
            UsageError: one of them does not exist; none is changed.
        """
        return self._change(job_ids, ("queued", "running"), "cancelled")

    def retry(self, job_ids: Sequence[int]) -> int:
        """Queue failed and cancelled jobs again, with all their attempts.

        Raises:
            UsageError: one of them does not exist; none is changed.
        """
        return self._change(job_ids, ("failed", "cancelled"), "queued")

    def prune(self, *, older_than_s: float = 0.0) -> int:
        """Forget ended jobs; videos stay.

        Args:
            older_than_s: Only jobs that ended at least so long ago.
        """
        with self._writing() as connection:
            cursor = connection.execute(
                "DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled')"
                " AND coalesce(finished_at, created_at) <= ?",
                (time.time() - older_than_s,),
            )
        return cursor.rowcount

    def withdraw(self, batch: str, owner: str | None = None) -> int:
        """Take out the queued jobs of a batch that nobody waits for any more.

        Args:
            batch: Name of the batch.
            owner: A run that ends now; others are asked whether their process is gone.

        Returns:
            The number of the last job that the store has: later ones are not older than this call.
        """
        with self._writing() as connection:
            owners = connection.execute(
                "SELECT DISTINCT owner FROM jobs WHERE batch = ? AND state = 'queued' AND owner IS NOT NULL",
                (batch,),
            ).fetchall()
            for (name,) in owners:
                if name == owner or worker_is_gone(name):
                    connection.execute(
                        "DELETE FROM jobs WHERE batch = ? AND state = 'queued' AND owner = ?", (batch, name)
                    )
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM jobs").fetchone()
        return int(last)

    def get(self, job_id: int) -> StoredJob:
        """Return one job.

        Raises:
            UsageError: there is no such job.
        """
        with self._connection() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE id = ?",
                (job_id,),
            ).fetchone()
        if row is None:
            raise _no_job(job_id)
        return _job(row)

    def jobs(
        self,
        *,
        batch: str | None = None,
        state: JobState | None = None,
        after: int = 0,
    ) -> tuple[StoredJob, ...]:
        """Return jobs in the order in which they were queued.

        Args:
            batch: Only those of this batch.
            state: Only those in this state.
            after: Only those with a higher number, and those still queued or running.
        """
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE (?1 IS NULL OR batch = ?1)"
                " AND (?2 IS NULL OR state = ?2) AND (id > ?3 OR state IN ('queued', 'running')) ORDER BY id",
                (batch, state, after),
            ).fetchall()
        return tuple(_job(row) for row in rows)

    def counts(self, *, batch: str | None = None) -> dict[JobState, int]:
        """Return how many jobs are in each state."""
        with self._connection() as connection:
            found = dict(
                connection.execute(
                    "SELECT state, count(*) FROM jobs WHERE (?1 IS NULL OR batch = ?1) GROUP BY state",
                    (batch,),
                ).fetchall()
            )
        return {state: found.get(state, 0) for state in get_args(JobState)}

    def _end(self, job_id: int, worker: str, state: JobState, *, result: str) -> bool:
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = ?, lease_until = NULL, progress = NULL, result = ?, finished_at = ?"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (state, result, time.time(), job_id, worker),
            )
        return cursor.rowcount == 1

    def _change(self, job_ids: Sequence[int], from_states: Sequence[JobState], to: JobState) -> int:
        changed = 0
        with self._writing() as connection:
            for job_id in job_ids:
                if not connection.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone():
                    raise _no_job(job_id)
                cursor = connection.execute(
                    f"UPDATE OR IGNORE jobs SET state = ?, lease_until = NULL, progress = NULL, attempts = 0,"
                    f" finished_at = ? WHERE id = ? AND state IN ({_marks(from_states)})",
                    (to, None if to == "queued" else time.time(), job_id, *from_states),
                )
                changed += cursor.rowcount
        return changed

    def _create(self, connection: sqlite3.Connection) -> None:
        """Create the tables, unless another process has just done so."""
        connection.execute("BEGIN IMMEDIATE")
        if not _has_tables(connection):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection and translate SQLite's errors."""
        try:
            with closing(
                sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                yield connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in {"SQLITE_NOTADB", "SQLITE_CORRUPT"} or not isinstance(
                error, sqlite3.OperationalError
            ):
                raise InputError(
                    f"{self.path} is damaged, or no job store ({error})",
                    hint="move it away; no video depends on it",
                ) from error
            raise OutputError(
                f"the job store {self.path} cannot be written ({error})",
                hint="free some space, or give a folder that can be written with --data",
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Run a block as one write transaction."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _no_job(job_id: int) -> UsageError:
    return UsageError(f"there is no job {job_id}", hint="`lipwright jobs list` shows all")


def _has_tables(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'jobs'").fetchone()
    return bool(found[0])


def _job(row: Sequence[Any]) -> StoredJob:
    values = dict(zip(StoredJob.__slots__, row, strict=True))
    for name in _JSON_COLUMNS:
        values[name] = None if values[name] is None else json.loads(values[name])
    return StoredJob(**values)
