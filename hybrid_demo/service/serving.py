"""The service by itself: an address on this machine only, and an end that loses nobody."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from .app import Design, create_app

HOST = "127.0.0.1"
_PATIENCE_S = 10
_POLL_S = 0.01
_BACKLOG = 2048


def open_port(port: int) -> socket.socket:
    """Take a port of the loopback interface; 0 takes any that is free.

    Raises:
        OSError: it is in use, or not ours to take.
    """
    # With its protocol named: only then does asyncio send small answers at once (TCP_NODELAY);
    # else each one on a kept connection waits 40 ms for the client's acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise OSError(
            f"port {port} of {HOST} cannot be had ({error.strerror}): name another with --port, "
            "or 0 for any that is free"
        ) from error
    return listening


def address(listening: socket.socket) -> str:
    """Return the URL at which the service can be reached."""
    return f"http://{HOST}:{listening.getsockname()[1]}"


class Server(uvicorn.Server):
    """uvicorn with this application in it, which tells when it serves."""

    def __init__(self, design: Design, *, signals: bool) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(design),
                log_level="warning",
                lifespan="on",
                timeout_graceful_shutdown=_PATIENCE_S,
                ws="none",
            )
        )
        self._signals = signals

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM; not in a notebook, where they are the kernel's."""
        if self._signals:
            with super().capture_signals():
                yield
        else:
            yield

    @asynccontextmanager
    async def serving(self, listening: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
        """Serve; entered when the first request can come, left when the last is answered.

        Raises:
            RuntimeError: the application did not start.
        """
        task = asyncio.create_task(self.serve(sockets=[listening]), name="service")
        try:
            while not self.started and not task.done():  # uvicorn has no event for it
                await asyncio.wait([task], timeout=_POLL_S)
            if not self.started:
                raise RuntimeError("the service did not start; why it did not, its log says above")
            yield task
        finally:
            self.should_exit = True
            await task


def serve(design: Design, port: int) -> None:
    """Serve until SIGINT or SIGTERM comes; then let running requests finish, and end.

    Raises:
        OSError: the port cannot be had.
        RuntimeError: the application did not start.
    """

    async def run() -> None:
        with open_port(port) as listening:
            url = address(listening)
            async with Server(design, signals=True).serving(listening) as task:
                print(f"{url} serves in mode {design.mode}; Ctrl-C ends it", flush=True)
                await asyncio.wait([task])

    asyncio.run(run())


@asynccontextmanager
async def running(design: Design) -> AsyncIterator[str]:
    """Serve on the event loop that runs already, a notebook's for example.

    Yields:
        The URL. On leaving, running requests finish.

    Raises:
        RuntimeError: the application did not start.
    """
    with open_port(0) as listening:
        async with Server(design, signals=False).serving(listening):
            yield address(listening)
