"""The service: read the request, parse JSON, ask the cache, run the inference, write the answer.

The pool lives as long as the application: made once and warmed before the
first request is let in, closed when the last job is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .admission import Full, Places
from .cache import Cache
from .lag import Lag
from .layers import layer_3
from .model import FEATURES, Inference, inference

MOST_BYTES = 64_000  # a body that takes long to parse would hold the loop
_AGAIN = {"Retry-After": "1"}


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
    cache, places, lag = Cache(design.cache), Places(design.most), Lag()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with layer_3(design.mode, design.workers) as app.state.run, lag:
                warm_up = [app.state.run(design.model, [0.0] * FEATURES, 1) for _ in range(2)]
                await asyncio.gather(*warm_up)
                yield
                await places.all_left()
        finally:
            await cache.close()

    async def answer(request: Request, body: bytes, reading: list[float]) -> str:
        key = hashlib.sha256(body).hexdigest()
        known = await cache.get(key)  # layer 2: it blocks, in a thread
        if known is None:
            run = request.app.state.run
            found = await run(design.model, reading, design.passes)  # layer 3: it computes
            known = json.dumps(found._asdict())
            await cache.put(key, known)
        return known

    async def analyze(request: Request) -> JSONResponse:
        until_s = asyncio.get_running_loop().time() + design.deadline_s
        body = await read(request)  # layer 1: it waits
        job = answer(request, body, parse(body))
        try:
            return JSONResponse(json.loads(await places.answer(job, until_s=until_s)))
        except Full as error:
            reason = f"{design.most} requests are in flight already: come again"
            raise HTTPException(503, reason, _AGAIN) from error
        except BrokenProcessPool as error:
            reason = "the worker died, and another one did over it: come again"
            raise HTTPException(503, reason, _AGAIN) from error
        except TimeoutError as error:
            raise HTTPException(504, f"no answer within {design.deadline_s:g} s") from error

    async def health(request: Request) -> JSONResponse:
        told = {"mode": design.mode, "workers": design.workers, "most_in_flight": design.most}
        told |= {"in_flight": places.taken, "lag_ms": round(lag.worst_s * 1_000, 1)}
        return JSONResponse(told | {"cache": cache.complaint or "in order"})

    async def refuse(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    routes = [
        Route("/analyze", analyze, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
    ]
    handlers = {HTTPException: refuse}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def read(request: Request) -> bytes:
    """Return the body, unless it is larger than a reading can be (413)."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                wanted = f"the body has more than {MOST_BYTES} bytes: send one reading"
                raise HTTPException(413, wanted)
    except ClientDisconnect as error:
        raise HTTPException(400, "the client went away before its body had come") from error
    return bytes(body)


def parse(body: bytes) -> list[float]:
    """Return the reading that the body holds, or say what is wrong with it (400)."""
    wanted = f'{{"features": [{FEATURES} numbers]}}'
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:  # or nested too deep to be read
        raise HTTPException(400, f"the body is not JSON ({error}): send {wanted}") from error
    features = said.get("features") if isinstance(said, dict) else None
    if not isinstance(features, list):
        raise HTTPException(400, f"the body has no list of features: send {wanted}")
    if len(features) != FEATURES:
        raise HTTPException(400, f"there are {len(features)} features: send {wanted}")
    for place, feature in enumerate(features):
        number = isinstance(feature, (int, float)) and not isinstance(feature, bool)
        if not number or not math.isfinite(feature) or abs(feature) > 1e6:
            raise HTTPException(
                400, f"feature {place} is {feature!r:.80}; expected a number from -1e6 to 1e6"
            )
    return [float(feature) for feature in features]
