"""Run some of CPython's own tests with a watch open around all they do.

Run as a script: the arguments are regrtest's. One watch is open in a thread of
its own from beginning to end, so that every job belongs to it; and a watch is
joined to every event loop for as long as the tests run it, so that its steps
and queues pass through the wrappers.
"""

import asyncio
import runpy
import sys
import threading
from unittest import mock

from hybrid_demo import watch
from hybrid_demo.instruments import sharing
from hybrid_demo.instruments.session import Session


def watch_every_loop() -> None:
    """Join a session to each real loop while it runs."""
    original = asyncio.BaseEventLoop.run_forever

    def run_forever(self: asyncio.BaseEventLoop) -> None:
        # A loop whose inner parts a test has replaced or counts by hand has no time of its own.
        doctored = any(isinstance(value, mock.Mock) for value in vars(self).values())
        if doctored or type(self).__module__.startswith("test"):
            return original(self)
        session = Session(self, period_s=0.005, hold_s=0.0)
        sharing.join(session)
        try:
            return original(self)
        finally:
            session.heartbeat.stop()
            sharing.leave(session)

    asyncio.BaseEventLoop.run_forever = run_forever


def main() -> None:
    """Open the lasting watch, then hand over to regrtest."""
    opened = threading.Event()
    # Not asyncio.run: it would make the event loop policy, which the tests want to make.
    loop = asyncio.SelectorEventLoop()
    ended = loop.create_future()

    async def around() -> None:
        async with watch("CPython's own tests"):
            opened.set()
            await ended  # asyncio.sleep asks for the running loop, which some tests replace

    def run() -> None:
        loop.run_until_complete(around())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    opened.wait()
    if "--loops" in sys.argv:
        sys.argv.remove("--loops")
        watch_every_loop()
    try:
        runpy.run_module("test", run_name="__main__", alter_sys=True)
    finally:
        loop.call_soon_threadsafe(ended.set_result, None)
        thread.join()


if __name__ == "__main__":
    main()
