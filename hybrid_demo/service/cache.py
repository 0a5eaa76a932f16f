"""Layer 2: answers that were given before, in SQLite, whose driver blocks.

It runs in threads of its own, with a connection each. A cache that cannot be
asked costs time, not answers: the service goes on without it, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_THREADS = 4
_BUSY_S = 0.2
log = logging.getLogger("hybrid_demo.service")


class Cache:
    """A table of answers, asked and filled from threads.

    Attributes:
        complaint: why it could not be used the last time; "" if it could.
    """

    def __init__(self, path: Path) -> None:
        self.complaint = ""
        self._path = path
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cache")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def get(self, key: str) -> str | None:
        """Return the answer kept under `key`; None if there is none, or no asking."""
        rows = await self._execute("SELECT answer FROM answers WHERE key = ?", key)
        return rows[0][0] if rows else None

    async def put(self, key: str, answer: str) -> None:
        """Keep an answer, if the cache can be written to."""
        await self._execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", key, answer)

    async def close(self) -> None:
        """Wait for what is being written, and close every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    async def _execute(self, statement: str, *values: str) -> list[Any]:
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(self._threads, self._blocking, statement, values)
        except sqlite3.Error as error:
            self._complain(f"{self._path.name}: {error}")
            return []
        self._complain("")
        return rows

    def _blocking(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        with self._connection() as connection:  # commits, or rolls back
            return connection.execute(statement, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection. WAL: whoever writes keeps nobody from reading."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, check_same_thread=False)
            self._connections.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            with connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT)"
                )
            self._own.connection = connection
        return connection

    def _complain(self, complaint: str) -> None:
        if complaint and not self.complaint:
            log.warning("the cache cannot be used, and the service goes on without: %s", complaint)
        self.complaint = complaint
