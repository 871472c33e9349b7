# SPDX-License-Identifier: GPL-3.0-or-later
"""asyncio tasks that burn processor time in known shares, measured while they do.

Usage: tasks.py shares|churn|deep [SECONDS]

shares: a task of a group, one that waits for a coroutine which waits for another, two that a third
gathers, and tasks that are begun at once. At the end it prints a line for each: its name and the
wall time in seconds that it really took.
churn: tasks job-0 … job-15 come and go; that called job-3 calls leaf_3.
deep: a hundred tasks, each of which waits for the next; the last one burns.
"""

import asyncio
import sys
import time

PARTS = {"group-a": 40, "group-b": 20, "part-1": 20, "part-2": 10, "eager": 10}
spent = dict.fromkeys(PARTS, 0.0)
end = 0.0


def burn(steps):
    total = 0
    for step in range(steps):
        total += step * step
    return total


def burn_for(name):
    """A slice of the time, for whoever is behind."""
    if min(PARTS, key=lambda part: spent[part] / PARTS[part]) != name:
        return
    then = time.perf_counter()
    burn(20000)
    spent[name] += time.perf_counter() - then


async def worker(name):
    while time.perf_counter() < end:
        burn_for(name)
        await asyncio.sleep(0)


async def nested(name):
    await worker(name)


async def outer(name):
    await nested(name)


async def collect():
    await asyncio.gather(
        asyncio.create_task(worker("part-1"), name="part-1"),
        asyncio.create_task(worker("part-2"), name="part-2"),
    )


async def burst():
    burn_for("eager")


async def feed():
    loop = asyncio.get_running_loop()
    while time.perf_counter() < end:
        asyncio.Task(burst(), loop=loop, name="eager", eager_start=True)
        await asyncio.sleep(0)


async def shares():
    async with asyncio.TaskGroup() as group:
        group.create_task(worker("group-a"), name="group-a")
        group.create_task(outer("group-b"), name="group-b")
        group.create_task(collect(), name="gatherer")
        group.create_task(feed(), name="feeder")
    for name in PARTS:
        print(name, spent[name])


namespace = {"burn": burn}
for k in range(16):
    exec(f"def leaf_{k}():\n    return burn(1000)", namespace)


async def run(leaf):
    leaf()
    await asyncio.sleep(0)
    leaf()


async def churn():
    n = 0
    while time.perf_counter() < end:
        await asyncio.create_task(run(namespace[f"leaf_{n % 16}"]), name=f"job-{n % 16}")
        n += 1


async def descend(n):
    if n > 0:
        await asyncio.create_task(descend(n - 1), name=f"level-{n - 1}")
        return
    while time.perf_counter() < end:
        burn(20000)
        await asyncio.sleep(0)


async def deep():
    await descend(100)


if __name__ == "__main__":
    end = time.perf_counter() + (float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)
    asyncio.run({"shares": shares, "churn": churn, "deep": deep}[sys.argv[1]]())
