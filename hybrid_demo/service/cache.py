"""Layer 2: answers that were given before, in SQLite, whose driver blocks.

It runs in threads of its own, with a connection each. A cache that cannot be
asked costs time, not answers: the service goes on without it, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

_THREADS = 4
_BUSY_S = 0.05  # longer than that nobody waits for a cache that another program has locked
_TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT)"
log = logging.getLogger("hybrid_demo.service")


class Cache:
    """A table of answers, asked and filled from threads.

    Attributes:
        complaint: why it could not be used the last time; "" once it was written to again.
    """

    def __init__(self, path: Path) -> None:
        self.complaint = ""
        self._path = path
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cache")
        self._own = threading.local()
        self._writing = threading.Lock()
        self._connections: list[sqlite3.Connection] = []

    async def get(self, key: str) -> str | None:
        """Return the answer kept under `key`; None if there is none, or no asking."""
        rows = await self._execute("SELECT answer FROM answers WHERE key = ?", key)
        return rows[0][0] if rows else None

    async def put(self, key: str, answer: str) -> None:
        """Keep an answer, if the cache can be written to."""
        insert = "INSERT OR REPLACE INTO answers VALUES (?, ?)"
        if await self._execute(insert, key, answer, writes=True) is not None:
            self.complaint = ""  # a cache that another program locks can still be read

    async def aclose(self) -> None:
        """Wait for what is being written, and close every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    async def _execute(
        self, statement: str, *values: str, writes: bool = False
    ) -> list[Any] | None:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, self._blocking, statement, values, writes
            )
        except sqlite3.Error as error:
            if not self.complaint:
                log.warning("the service goes on without its cache: %s: %s", self._path, error)
            self.complaint = f"{self._path.name}: {error}"
            return None

    def _blocking(self, statement: str, values: tuple[str, ...], writes: bool) -> list[Any]:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._connected()
        alone = self._alone() if writes else nullcontext()
        with alone, self._own.connection as connection:  # commits, or rolls back
            rows: list[Any] = connection.execute(statement, values).fetchall()
        return rows

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one of our threads write at a time: SQLite's wait is for other programs' locks.

        While one of these has it locked, one thread tries, and the others go on without it.
        """
        if not self._writing.acquire(blocking=not self.complaint):
            raise sqlite3.OperationalError("database is locked")
        try:
            yield
        finally:
            self._writing.release()

    def _connected(self) -> sqlite3.Connection:
        """Return a new connection. WAL: whoever writes keeps nobody from reading.

        One after another: the first one locks the file to change its mode, and on a busy machine
        that may take longer than we wait for a cache.
        """
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, check_same_thread=False)
        try:
            with self._writing, connection:
                for each in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", _TABLE):
                    connection.execute(each)
        except BaseException:  # no database, or locked: the next request tries again
            connection.close()
            raise
        self._connections.append(connection)
        return connection
