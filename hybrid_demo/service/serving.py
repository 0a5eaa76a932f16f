"""The service by itself: an address on this machine only, and an end that loses nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import Any

import uvicorn

from .app import Design, create_app

HOST = "127.0.0.1"
_PATIENCE_S = 5  # beyond the deadline, for answers on their way
_POLL_S = 0.01
_BACKLOG = 2048


def serve(design: Design, port: int) -> None:
    """Serve until SIGINT or SIGTERM comes; then let running requests finish, and end.

    Raises:
        OSError: the port cannot be had.
        RuntimeError: the application did not start.
    """

    async def run() -> None:
        async with _serving(_Server, design, port) as (url, task):
            print(f"{url} serves in mode {design.mode}; Ctrl-C ends it", flush=True)
            await asyncio.wait([task])

    asyncio.run(run())


@contextlib.asynccontextmanager
async def running(design: Design) -> AsyncIterator[str]:
    """Serve on the event loop that runs already, a notebook's for example; yield the URL.

    On leaving, running requests finish.

    Raises:
        RuntimeError: the application did not start.
    """
    async with _serving(_Guest, design, 0) as (url, _):
        yield url


class _Server(uvicorn.Server):
    """A server that ends nothing but itself, and all of itself."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and no more: uvicorn would raise the signal again, before our files are gone."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # how uvicorn tells a program of its own; a kernel would end, too
            self.should_exit = True

    async def finish(self, sockets: list[socket.socket]) -> None:
        """Do what is left of the shutdown, where an Interrupt hit the server's own task."""
        if hasattr(self, "lifespan"):
            self.servers = getattr(self, "servers", [])
            await self.shutdown(sockets)


class _Guest(_Server):
    """A server on a loop that is not its own, whose signals are not its own either."""

    capture_signals = staticmethod(contextlib.nullcontext)  # type: ignore[assignment]


@contextlib.asynccontextmanager
async def _serving(
    kind: type[_Server], design: Design, port: int
) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """Serve; entered when the first request can come, left when the last is answered."""
    patience_s = math.ceil(design.deadline_s) + _PATIENCE_S
    options: dict[str, Any] = {"log_level": "warning", "access_log": False, "ws": "none"}
    options |= {"lifespan": "on", "timeout_graceful_shutdown": patience_s}
    server = kind(uvicorn.Config(create_app(design), **options))
    with _open_port(port) as listening:
        task = asyncio.create_task(server.serve([listening]), name="service")
        try:
            while not (server.started or task.done()):  # uvicorn has no event for it
                await asyncio.wait([task], timeout=_POLL_S)
            if not server.started:
                raise RuntimeError("the service did not start; why it did not, its log says above")
            yield f"http://{HOST}:{listening.getsockname()[1]}", task
        finally:
            server.should_exit = True
            with contextlib.nullcontext() if server.started else _no_log():
                try:
                    await task
                except BaseException:
                    await server.finish([listening])
                    raise


@contextlib.contextmanager
def _no_log() -> Iterator[None]:
    """Let uvicorn say nothing: who ends a service while it starts need not hear that it failed.

    An Interrupt reaches workers, too, that are too young to ignore it.
    """
    log = logging.getLogger("uvicorn.error")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


def _open_port(port: int) -> socket.socket:
    """Take a port of the loopback interface; 0 takes any that is free."""
    try:
        listening = socket.create_server((HOST, port), backlog=_BACKLOG)
    except OSError as error:
        advice = "name another with --port, or 0 for any that is free"
        reason = f"port {port} of {HOST} cannot be had ({error.strerror}): {advice}"
        raise OSError(reason) from error
    # Its connections inherit it. Else each answer waits 40 ms for the client's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
