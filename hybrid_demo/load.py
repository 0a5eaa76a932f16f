"""An open-loop load: requests that come when they come, however slow the service is.

A client that waits for one answer before it asks again (a closed loop) asks a
slow service less often, and so never sees how slow it is. Here every arrival
has its moment on an absolute schedule, drawn beforehand, and its latency is
counted from that moment (Tene, "How NOT to Measure Latency", 2013).

It imports no other room: it runs in a process of its own, so that client and
service do not share a GIL.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

_PATIENCE_S = 30.0
LOST = 0  # the status of a request to which nobody answered


@dataclass(frozen=True)
class Answer:
    """What came of one request.

    Attributes:
        due_s: when it was to be sent, in seconds from the start.
        late_s: how much later the client sent it: the client's own weakness.
        latency_s: from `due_s` to the last byte of the answer.
        status: the answer's HTTP status; 0 if there was none.
    """

    due_s: float
    late_s: float
    latency_s: float
    status: int


@dataclass(frozen=True)
class Load:
    """What came of a load.

    Attributes:
        rate: requests a second that were offered.
        seconds: for how long.
        answers: one for each request, in the order of their due times.
        probes: the same for GET /health, asked at a steady pace meanwhile.
    """

    rate: float
    seconds: float
    answers: tuple[Answer, ...]
    probes: tuple[Answer, ...]

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers had which status."""
        return dict(sorted(Counter(each.status for each in self.answers).items()))

    @property
    def throughput(self) -> float:
        """Requests answered with 200, a second, until the last of them was answered."""
        good = [each for each in self.answers if each.status == 200]
        last_s = max((each.due_s + each.latency_s for each in good), default=0.0)
        return len(good) / max(self.seconds, last_s)

    def percentile_s(self, percent: float, *, of: str = "accepted") -> float:
        """Return the latency that so many percent did not exceed, by the nearest rank.

        Args:
            percent: from 0 to 100.
            of: "accepted" (answered with 200), "all", or "health" (the probes).

        Returns:
            Seconds; NaN if there is none of these.
        """
        kinds = {
            "accepted": [each for each in self.answers if each.status == 200],
            "all": list(self.answers),
            "health": list(self.probes),
        }
        if of not in kinds:
            raise ValueError(f'of is {of!r}; expected "accepted", "all" or "health"')
        if not 0 <= percent <= 100:
            raise ValueError(f"percent is {percent!r}; expected 0 to 100")
        ordered = sorted(each.latency_s for each in kinds[of])
        if not ordered:
            return math.nan
        return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return when requests come, in seconds: as many as the rate says, at moments by chance.

    That is a Poisson process, as from many strangers, of which the number is known. (Of the 24
    that a short load means, chance alone would send 19 or 29: another load than its name says.)
    """
    draw = random.Random(seed)
    return sorted(draw.uniform(0, seconds) for _ in range(round(rate * seconds)))


def offer(
    url: str,
    rate: float,
    seconds: float,
    *,
    bodies: Sequence[bytes] | None = None,
    seed: int = 0,
    probe_s: float = 0.05,
) -> Load:
    """Offer a load to POST /analyze of a service on this machine, and see what comes back.

    A regular function, with an event loop of its own, so that a worker can run it.

    Args:
        url: the service's address, for example "http://127.0.0.1:8000".
        rate: requests a second.
        seconds: for how long.
        bodies: what is sent, in turn; by default a reading of its own for every request.
            Equal bodies may be answered from a cache.
        seed: another seed, other moments and other readings.
        probe_s: seconds between two GET /health.

    Raises:
        ValueError: `rate`, `seconds` or `probe_s` is not above 0, `bodies` is empty, or the
            service is not on this machine.
        OSError: nobody answers at `url` when the load begins.
    """
    for name, value in {"rate": rate, "seconds": seconds, "probe_s": probe_s}.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}; expected a number above 0")
    due = arrivals(rate, seconds, seed)
    if bodies is None:
        bodies = readings(len(due), seed=seed)
    elif not bodies:
        raise ValueError("bodies is empty; give at least one body to send")
    probes = [at * probe_s for at in range(int(seconds / probe_s))]
    return asyncio.run(_offer(url, rate, seconds, due, probes, bodies))


async def _offer(
    url: str,
    rate: float,
    seconds: float,
    due: list[float],
    probes: list[float],
    bodies: Sequence[bytes],
) -> Load:
    import httpx

    if httpx.URL(url).host not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError(f"url is {url!r}; a load is offered to this machine only: 127.0.0.1")
    # As many connections as it takes: a client that waits for one would not be open-loop.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx.AsyncClient(
        base_url=url, timeout=_PATIENCE_S, limits=limits, trust_env=False
    ) as client:
        try:
            await client.get("/health")  # the client's own first time is not the service's
        except httpx.TransportError as error:
            raise OSError(f"{url} cannot be reached: is the service running? ({error})") from error
        # Not the loop's clock: on Windows that ticks every 15.6 ms, before Python 3.13.
        start_s = perf_counter() + 0.05

        async def send(due_s: float, method: str, path: str, body: bytes | None) -> Answer:
            # For the same reason a sleeper may wake up to a tick early there, and sleeps again.
            while (early_s := start_s + due_s - perf_counter()) > 0:  # noqa: ASYNC110 - no event
                await asyncio.sleep(early_s)
            late_s = perf_counter() - start_s - due_s
            try:
                status = (await client.request(method, path, content=body)).status_code
            except httpx.TransportError:
                status = LOST
            return Answer(due_s, late_s, perf_counter() - start_s - due_s, status)

        answers = [
            send(at, "POST", "/analyze", bodies[number % len(bodies)])
            for number, at in enumerate(due)
        ]
        told = await asyncio.gather(*answers, *[send(at, "GET", "/health", None) for at in probes])
    return Load(rate, seconds, tuple(told[: len(due)]), tuple(told[len(due) :]))


def readings(count: int, *, seed: int = 0) -> list[bytes]:
    """Return so many different bodies for POST /analyze."""
    import json

    draw = random.Random(seed)
    return [
        json.dumps({"features": [round(draw.gauss(0, 1), 4) for _ in range(64)]}).encode()
        for _ in range(count)
    ]
