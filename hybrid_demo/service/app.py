"""The service: read the request, parse JSON, ask the cache, run the inference, write the answer.

The pool lives as long as the application: made once and warmed before the
first request is let in, closed when the last job is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..model import FEATURES, Inference, inference
from .admission import Full, Places
from .cache import Cache
from .layers import layer_3

MOST_BYTES = 64_000  # a body that takes long to parse would hold the loop
LARGEST = 1e6  # of a feature; larger ones overflow
_AGAIN = {"Retry-After": "1"}
_BEAT_S, _BEATS = 0.02, 50  # one second of heartbeats is told of


@dataclass(frozen=True)
class Design:
    """How a service is made.

    Attributes:
        mode: where the inference runs: "inline", "threads" or "processes".
        workers: how many threads, or processes.
        most: requests in flight at once; whoever comes then is sent away.
        deadline_s: seconds within which a request is answered, or told that it is not.
        passes: how often the network is asked; it decides how long an inference takes.
        cache: the file of the answers given before.
        model: what is run; a lesson or a test may put another in its place.
    """

    mode: str
    workers: int
    most: int
    deadline_s: float
    passes: int
    cache: Path
    model: Callable[[list[float], int], Inference] = inference


def create_app(design: Design) -> Starlette:
    """Return the application. It starts nothing before its life begins."""
    cache, places = Cache(design.cache), Places(design.most)
    late_s = deque([0.0], maxlen=_BEATS)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with aclosing(cache), layer_3(design.mode, design.workers) as app.state.run:
            warm = [app.state.run(design.model, [0.0] * FEATURES, 1) for _ in range(design.workers)]
            await asyncio.gather(*warm)
            beating = asyncio.create_task(heartbeat(late_s), name="heartbeat of the service")
            yield
            beating.cancel()
            await places.empty(within_s=design.deadline_s)  # after that nobody waits for it

    async def answer(request: Request, body: bytes, reading: list[float]) -> str:
        key = hashlib.sha256(body).hexdigest()
        known = await cache.get(key)  # layer 2
        if known is None:
            run = request.app.state.run
            found = await run(design.model, reading, design.passes)  # layer 3
            known = json.dumps(found._asdict())
            await cache.put(key, known)
        return known

    async def analyze(request: Request) -> Response:
        until_s = asyncio.get_running_loop().time() + design.deadline_s
        body = await read(request)  # layer 1
        job = answer(request, body, parse(body))
        try:
            known = await places.answer(job, until_s=until_s)
        except Full as error:
            reason = f"{design.most} requests are in flight already: come again"
            raise HTTPException(503, reason, _AGAIN) from error
        except BrokenProcessPool as error:
            reason = "the worker died, and another one did over it: come again"
            raise HTTPException(503, reason, _AGAIN) from error
        except TimeoutError as error:
            raise HTTPException(504, f"no answer within {design.deadline_s:g} s") from error
        return Response(known, media_type="application/json")

    async def health(request: Request) -> Response:
        told = {"mode": design.mode, "workers": design.workers, "most_in_flight": design.most}
        told |= {"in_flight": places.taken, "lag_ms": round(max(late_s) * 1_000, 1)}
        return JSONResponse(told | {"cache": cache.complaint or "in order"})

    routes = [
        Route("/analyze", analyze, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
    ]
    handlers = {HTTPException: refuse}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def heartbeat(late_s: deque[float]) -> None:
    """Note for each deadline on a grid how late the loop was; a held loop skips none of them."""
    due_s = perf_counter()  # the loop's own clock is too coarse on Windows, before Python 3.13,
    while True:
        due_s += _BEAT_S
        await asyncio.sleep(due_s - perf_counter())
        late_s.append(max(0.0, perf_counter() - due_s))  # and so it may wake a sleeper early there


async def refuse(request: Request, error: Exception) -> Response:
    """Answer with what is wrong, as JSON."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def read(request: Request) -> bytes:
    """Return the body, unless it is larger than a reading can be (413)."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise HTTPException(413, f"more than {MOST_BYTES} bytes: send one reading")
    except ClientDisconnect as error:
        raise HTTPException(400, "the client went away before its body had come") from error
    return bytes(body)


def parse(body: bytes) -> list[float]:
    """Return the reading that the body holds, or say what is wrong with it (400)."""
    wanted = f'send {{"features": [{FEATURES} numbers]}}'
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:  # or nested too deep to be read
        raise HTTPException(400, f"the body is not JSON ({error}): {wanted}") from error
    features = said.get("features") if isinstance(said, dict) else None
    if not isinstance(features, list):
        raise HTTPException(400, f"the body has no list of features: {wanted}")
    if len(features) != FEATURES:
        raise HTTPException(400, f"there are {len(features)} features: {wanted}")
    for place, feature in enumerate(features):
        if type(feature) not in (int, float) or not abs(feature) <= LARGEST:  # or NaN, or infinite
            expected = f"expected a number from -{LARGEST:g} to {LARGEST:g}"
            raise HTTPException(400, f"feature {place} is {feature!r:.80}; {expected}")
    return [float(feature) for feature in features]
