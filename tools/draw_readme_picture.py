"""Draw the README's picture from a real run: Example 29.1, on the loop and in a pool.

From the project's folder: ``python tools/draw_readme_picture.py``
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from pathlib import Path

from hybrid_demo import Recording, calibrate, compare, cpu_intensive_analysis, open_pool, watch

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "compare.png"
WORKERS = 4


async def handle_request_inline(rid: int, size: int) -> tuple[int, float]:
    """Do the work where the request is handled."""
    return rid, cpu_intensive_analysis(size)


async def handle_request(rid: int, size: int, executor: Executor) -> tuple[int, float]:
    """Hand the work to the pool, and let go of the loop meanwhile."""
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


async def record() -> tuple[Recording, Recording]:
    """Return the recordings of six requests, inline and in a pool."""
    size = calibrate(0.2)
    async with watch("on the event loop") as blocked:
        await asyncio.gather(*[handle_request_inline(rid, size) for rid in range(6)])
    async with open_pool(WORKERS) as executor, watch("in a process pool") as pooled:
        await asyncio.gather(*[handle_request(rid, size, executor) for rid in range(6)])
    return blocked, pooled


def main() -> None:
    """Write the picture, and print the words that go with it."""
    picture = compare(*asyncio.run(record()))
    PICTURE.parent.mkdir(exist_ok=True)
    picture.savefig(PICTURE, dpi=100)
    print(picture.alt_text)


if __name__ == "__main__":
    main()
