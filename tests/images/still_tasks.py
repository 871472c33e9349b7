# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands still in an asyncio task that two others wait for, for an image: says "still" then."""

import asyncio
import time


def stop():
    print("still", flush=True)
    time.sleep(3600)


async def fetch():
    # By then both have begun to wait.
    for _ in range(4):
        await asyncio.sleep(0)
    stop()


async def wait_for(task):
    await task


async def crawl():
    task = asyncio.create_task(fetch(), name="fetcher")
    await asyncio.gather(
        asyncio.create_task(wait_for(task), name="wäiter"),
        asyncio.create_task(wait_for(task), name="wäiter"),
    )


async def top():
    async with asyncio.TaskGroup() as group:
        group.create_task(crawl(), name="crawler-" + "x" * 300)


asyncio.run(top())
