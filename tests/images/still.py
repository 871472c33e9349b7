# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands still in stacks of known shape, for images: says "still" when all of them are in place."""

import asyncio
import threading

go = threading.Event()
arrived = threading.Semaphore(0)


def stop():
    arrived.release()
    go.wait()


class Café:
    def größe(self):
        return sorted([2, 1], key=lambda _: stop())


def numbers():
    yield 1
    yield from tail()


def tail():
    stop()
    yield 2


async def outer():
    await inner()


async def inner():
    stop()


def deep(n):
    if n:
        return deep(n - 1)
    stop()


threads = [
    threading.Thread(target=Café().größe, name="callback-ü", daemon=True),
    threading.Thread(target=lambda: list(numbers()), name="generator", daemon=True),
    threading.Thread(target=lambda: asyncio.run(outer()), name="coroutine", daemon=True),
    threading.Thread(target=deep, args=(200,), name="deep", daemon=True),
]
for thread in threads:
    thread.start()
    arrived.acquire()
print("still", flush=True)
go.wait()
