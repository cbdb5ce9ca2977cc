"""The job store: a SQLite file in which several processes queue jobs and from which they take them.

A job is `queued`, `running` (by one worker with a lease that it renews), `done`, `failed` or
`cancelled`. Every change of state is one write transaction that checks the expected state, so two workers
never have the same job, and a worker that lost its lease cannot report a result. The videos and their
manifests are authoritative. The store is only a queue and a history, and can be deleted without losing a
video.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any, get_args

from lipwright.domain.json_text import parse_json
from lipwright.domain.text import pluralize
from lipwright.errors import InputError, QueueFull, UsageError
from lipwright.jobs.database import STORE_NAME, Database
from lipwright.jobs.job import Duty, JobKind, JobState, NewJob, StoredJob
from lipwright.system import is_running

ANYTHING = Duty()
LEASE_S = 60.0
"""Length of a lease in seconds: a worker that does not renew its lease in this time loses its job."""
SPARE_ATTEMPTS = 2
"""Number of additional attempts of a job whose worker was lost. The number is limited, so that a shot that
kills its workers fails eventually."""

_LOST = f"""
    state = CASE WHEN attempts < max_attempts + {SPARE_ATTEMPTS} THEN 'queued' ELSE 'failed' END,
    worker = NULL, lease_until = NULL, progress = NULL, error = ?,
    hint = 'if memory ran out, use fewer --workers'
"""
_NAMES = tuple(one.name for one in fields(StoredJob))
_COLUMNS = ", ".join(_NAMES)
_JSON_COLUMNS = frozenset({"options", "progress", "result", "details"})
_TIME_COLUMNS = frozenset({"lease_until", "created_at", "started_at", "finished_at"})
MAX_TIME_S = 250_000_000_000.0
"""Latest valid time in seconds since the epoch. It is in the year 9892, and can be written as a date in every
time zone."""


def worker_name() -> str:
    """Return a name for this process: the name of the machine and the process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def worker_is_gone(worker: str) -> bool:
    """Return True if a worker on this machine has ended; False for workers on other machines."""
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    return host == socket.gethostname() and pid.isdigit() and not is_running(int(pid))


class JobStore(Database):
    """The job store in a folder.

    Every method opens its own connection, so several threads may use one object.
    """

    def add(self, jobs: Iterable[NewJob]) -> int:
        """Queue jobs; a job is skipped if another queued or running job has the same output.

        Returns:
            The number of jobs added.
        """
        with self.writing() as connection:
            return sum(_insert(connection, job) is not None for job in jobs)

    def submit(self, job: NewJob, *, max_queued: int) -> tuple[int, bool]:
        """Queue one job, unless there is already a job with its `request_key`.

        Returns:
            The id of the job, and True if the job is new.

        Raises:
            QueueFull: `max_queued` jobs of its batch are already queued.
        """
        with self.writing() as connection:
            if job.request_key is not None:
                found = connection.execute(
                    "SELECT id FROM jobs WHERE batch = ? AND request_key = ?", (job.batch, job.request_key)
                ).fetchone()
                if found is not None:
                    return int(found[0]), False
            (queued,) = connection.execute(
                "SELECT count(*) FROM jobs WHERE batch = ? AND state = 'queued'", (job.batch,)
            ).fetchone()
            if queued >= max_queued:
                raise QueueFull(
                    f"the queue is full: {pluralize(queued, 'job')} already waiting",
                    hint="try again when some jobs are done",
                )
            number = _insert(connection, job)
        if number is None:
            raise UsageError(
                f"another job is already making {job.output}", hint="wait for that job, or cancel it"
            )
        return number, True

    def claim(self, worker: str, *, batch: str | None = None, duty: Duty = ANYTHING) -> StoredJob | None:
        """Take the next queued job that matches a duty, and return it; None if there is no such job.

        Only jobs of `batch` are taken; with None, jobs of all batches.
        """
        condition, values = _of_duty(batch, duty)
        now = time.time()
        with self.writing() as connection:
            row = connection.execute(
                "UPDATE jobs SET state = 'running', worker = ?, lease_until = ?, started_at = ?,"
                " attempts = attempts + 1, progress = NULL, error = NULL, hint = NULL"
                f" WHERE id = (SELECT id FROM jobs WHERE {condition} ORDER BY place, id LIMIT 1)"
                f" RETURNING {_COLUMNS}",
                (worker, now + LEASE_S, now, *values),
            ).fetchone()
        return None if row is None else _job(row)

    def renew(self, job_id: int, worker: str, progress: Mapping[str, Any] | None = None) -> bool:
        """Renew the lease of a running job and record its progress.

        Returns:
            False if the worker no longer has the job, because the job was cancelled or its lease expired.
        """
        told = None if progress is None else _text(progress)
        return self._update_held(
            job_id, worker, "lease_until = ?, progress = coalesce(?, progress)", time.time() + LEASE_S, told
        )

    def finish(self, job_id: int, worker: str, result: Mapping[str, Any]) -> bool:
        """Record a job as done; return False if the worker no longer has the job."""
        changes = "state = 'done', lease_until = NULL, progress = NULL, result = ?, finished_at = ?"
        return self._update_held(job_id, worker, changes, _text(result), time.time())

    def fail(self, job_id: int, worker: str, error: str, hint: str, *, retry: bool) -> bool:
        """Record a failed attempt; return False if the worker no longer has the job.

        With `retry`, the job is queued again if it has attempts left. Pass False for an error that would
        occur again in every attempt.
        """
        changes = (
            "state = CASE WHEN ? AND attempts < max_attempts THEN 'queued' ELSE 'failed' END,"
            " worker = CASE WHEN ? AND attempts < max_attempts THEN NULL ELSE worker END,"
            " lease_until = NULL, progress = NULL, error = ?, hint = ?, finished_at = ?"
        )
        return self._update_held(job_id, worker, changes, retry, retry, error, hint, time.time())

    def requeue_lost(self, *, all_of: str | None = None) -> int:
        """Queue lost jobs again, and return their number.

        A running job is lost if its worker has ended or its lease has expired. All running jobs of the batch
        `all_of` count as lost, too. The studio uses this when its server starts, because the workers of an
        earlier server must not continue. A job that was lost too often fails, so that a shot that kills its
        workers does not run forever.
        """
        now = time.time()
        with self.writing() as connection:
            running = connection.execute(
                "SELECT id, worker, lease_until, batch FROM jobs WHERE state = 'running'"
            ).fetchall()
            lost = [row[0] for row in running if row[3] == all_of or row[2] < now or worker_is_gone(row[1])]
            for job_id in lost:
                connection.execute(
                    f"UPDATE jobs SET {_LOST} WHERE id = ?", ("the worker ended unexpectedly", job_id)
                )
        return len(lost)

    def requeue_after_loss(self, job_id: int, worker: str, error: str) -> bool:
        """Queue a job again after its worker was lost; return False if the worker no longer had the job."""
        return self._update_held(job_id, worker, _LOST, error)

    def release(self, worker: str) -> int:
        """Queue the jobs of a worker again, without counting the attempt; return their number."""
        with self.writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = NULL,"
                " attempts = attempts - 1 WHERE worker = ? AND state = 'running'",
                (worker,),
            )
        return cursor.rowcount

    def cancel(self, job_ids: Sequence[int]) -> int:
        """Cancel queued and running jobs, and return their number; a running job stops at its next step.

        Raises:
            UsageError: one of the jobs does not exist; no job was changed.
        """
        return self._change(job_ids, ("queued", "running"), "cancelled")

    def retry(self, job_ids: Sequence[int]) -> int:
        """Queue failed and cancelled jobs again, reset their attempts to 0, and return how many were queued.

        Raises:
            UsageError: one of the jobs does not exist; no job was changed.
        """
        return self._change(job_ids, ("failed", "cancelled"), "queued")

    def reorder(self, job_ids: Sequence[int]) -> int:
        """Move queued jobs to the front of the queue, in the order of `job_ids`; return their number."""
        with self.writing() as connection:
            cursor = connection.executemany(
                "UPDATE jobs SET place = ? WHERE id = ? AND state = 'queued'",
                [(index - len(job_ids), job_id) for index, job_id in enumerate(job_ids)],
            )
        return cursor.rowcount

    def forget(self, job_id: int) -> bool:
        """Remove a job that has ended; return False if it has not ended."""
        with self.writing() as connection:
            cursor = connection.execute(
                "DELETE FROM jobs WHERE id = ? AND state IN ('done', 'failed', 'cancelled')", (job_id,)
            )
        return cursor.rowcount == 1

    def jobs_with_webhook_due(self) -> tuple[StoredJob, ...]:
        """Return the ended jobs whose webhook has not been called yet."""
        return self._select("webhook IS NOT NULL AND state IN ('done', 'failed', 'cancelled') ORDER BY id")

    def webhook_settled(self, job_id: int) -> None:
        """Record that the webhook of a job was called or will not be called any more."""
        with self.writing() as connection:
            connection.execute("UPDATE jobs SET webhook = NULL WHERE id = ?", (job_id,))

    def prune(self, *, older_than_s: float = 0.0) -> int:
        """Remove jobs that ended at least `older_than_s` ago, and return their number; their videos stay."""
        with self.writing() as connection:
            cursor = connection.execute(
                "DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled')"
                " AND coalesce(finished_at, created_at) <= ?",
                (time.time() - older_than_s,),
            )
        return cursor.rowcount

    def withdraw(self, batch: str, owner: str | None = None) -> int:
        """From the queued jobs of `batch`, remove those owned by `owner` or by a run that has ended.

        Returns:
            The highest job id in the store; jobs that are added after this call have higher ids.
        """
        with self.writing() as connection:
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
        """Return the job with the id `job_id`.

        Raises:
            UsageError: there is no such job.
        """
        found = self._select("id = ?", job_id)
        if not found:
            raise _no_job(job_id)
        return found[0]

    def jobs(
        self, *, batch: str | None = None, state: JobState | None = None, after: int = 0
    ) -> tuple[StoredJob, ...]:
        """Return jobs in ascending order of their ids.

        Args:
            batch: Only jobs of this batch; None for all batches.
            state: Only jobs in this state; None for all states.
            after: Of the jobs that have ended, return only those whose ids are above this value.
        """
        return self._select(
            "(?1 IS NULL OR batch = ?1) AND (?2 IS NULL OR state = ?2)"
            " AND (id > ?3 OR state IN ('queued', 'running')) ORDER BY id",
            batch,
            state,
            after,
        )

    def find(
        self,
        batch: str,
        *,
        search: str = "",
        verdicts: Sequence[str] = (),
        states: Sequence[JobState] = get_args(JobState),
        kinds: Sequence[JobKind] = get_args(JobKind),
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[StoredJob, ...]:
        """Search the jobs of a batch; the newest come first.

        Args:
            batch: The batch.
            search: Text to find in file names, prompt, verdict or error, ignoring case.
            verdicts: Verdicts that count as matches of `search`. A user interface that displays a text for
                each verdict passes the verdicts whose text contains `search`.
            states: Only jobs in these states.
            kinds: Only jobs of these kinds.
            before: Only jobs with ids below this value; for the next page, pass the lowest id of this page.
            limit: Maximum number of jobs.
        """
        names = "(SELECT group_concat(value, char(10)) FROM json_each(details, '$.names'))"
        verdict = "json_extract(result, '$.verdict')"
        texts = (names, "json_extract(options, '$.prompt')", verdict, "error")
        searched = " || char(10) || ".join(f"coalesce({text}, '')" for text in texts)
        return self._select(
            f"batch = ? AND (? = '' OR instr(fold({searched}), fold(?)) OR {verdict} IN ({_marks(verdicts)}))"
            f" AND state IN ({_marks(states)}) AND kind IN ({_marks(kinds)}) AND id < ?"
            " ORDER BY id DESC LIMIT ?",
            *(batch, search, search, *verdicts, *states, *kinds, before or sys.maxsize, limit),
        )

    def queue(self, batch: str) -> tuple[StoredJob, ...]:
        """Return the running jobs of a batch, then the queued ones, in the order in which they are taken."""
        return self._select(
            "batch = ? AND state IN ('queued', 'running') ORDER BY state DESC, place, id", batch
        )

    def place(self, job: StoredJob) -> int:
        """Return the position of a queued job in its batch; the job at position 1 is taken next."""
        with self.connection() as connection:
            (before,) = connection.execute(
                "SELECT count(*) FROM jobs WHERE batch = ? AND state = 'queued' AND (place, id) < (?, ?)",
                (job.batch, job.place, job.id),
            ).fetchone()
        return int(before) + 1

    def waiting(self, batch: str | None, duty: Duty = ANYTHING) -> bool:
        """Return True if a job is queued that a worker with this duty would take."""
        condition, values = _of_duty(batch, duty)
        with self.connection() as connection:
            found = connection.execute(f"SELECT 1 FROM jobs WHERE {condition} LIMIT 1", values).fetchone()
        return found is not None

    def last_start(self, batch: str) -> float:
        """Return when a job of a batch was last started, in seconds since the epoch; 0 if none was."""
        with self.connection() as connection:
            found = connection.execute(
                "SELECT coalesce(max(started_at), 0) FROM jobs WHERE batch = ?", (batch,)
            ).fetchone()
        return float(found[0])

    def _select(self, condition: str, *values: object) -> tuple[StoredJob, ...]:
        """Return the jobs that meet an SQL condition, which may call `fold(x)` to case-fold a text."""
        with self.connection() as connection:
            connection.create_function("fold", 1, str.casefold, deterministic=True)
            rows = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {condition}", values).fetchall()
        return tuple(_job(row) for row in rows)

    def _update_held(self, job_id: int, worker: str, changes: str, *values: object) -> bool:
        """Change columns of a running job; return False if the worker no longer has it."""
        with self.writing() as connection:
            cursor = connection.execute(
                f"UPDATE jobs SET {changes} WHERE id = ? AND worker = ? AND state = 'running'",
                (*values, job_id, worker),
            )
        return cursor.rowcount == 1

    def _change(self, job_ids: Sequence[int], from_states: Sequence[JobState], to: JobState) -> int:
        changed = 0
        with self.writing() as connection:
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


def _of_duty(batch: str | None, duty: Duty) -> tuple[str, list[str]]:
    """Return an SQL condition for the queued jobs that match a duty, and the values of its placeholders."""
    condition = (
        f"state = 'queued' AND kind IN ({_marks(duty.kinds)}) AND resource IN ({_marks(duty.resources)})"
    )
    values: list[str] = [*duty.kinds, *duty.resources]
    return (condition, values) if batch is None else (f"{condition} AND batch = ?", [*values, batch])


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _no_job(job_id: int) -> UsageError:
    return UsageError(f"there is no job {job_id}", hint="`lipwright jobs list` shows all jobs")


def _insert(connection: sqlite3.Connection, job: NewJob) -> int | None:
    """Add a job and return its id; None if a job with the same output is queued or running."""
    now = time.time()
    values: dict[str, Any] = {one.name: getattr(job, one.name) for one in fields(job)} | {
        "options": _text(job.options),
        "details": _text(job.details),
        "state": "failed" if job.error else "queued",
        "created_at": now,
        "finished_at": now if job.error else None,
    }
    cursor = connection.execute(
        f"INSERT OR IGNORE INTO jobs ({', '.join(values)}) VALUES ({_marks(tuple(values))})",
        (*values.values(),),
    )
    return cursor.lastrowid if cursor.rowcount == 1 else None


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)  # escaped letters could not be searched


def _job(row: Sequence[Any]) -> StoredJob:
    """Convert a row of the table to a job; raise an error if its values are invalid."""
    values = dict(zip(_NAMES, row, strict=True))
    damaged = {name for name in _TIME_COLUMNS if not 0 <= (values[name] or 0.0) <= MAX_TIME_S}
    for name in _JSON_COLUMNS:
        if values[name] is not None:
            with suppress(ValueError):
                values[name] = parse_json(values[name])
            if not isinstance(values[name], dict):
                damaged.add(name)
    if damaged:
        raise InputError(
            f"job {values['id']} in the store is damaged ({', '.join(sorted(damaged))})",
            hint=f"move {STORE_NAME} away; no video depends on it",
        )
    return StoredJob(**values)
