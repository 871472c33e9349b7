# SPDX-License-Identifier: GPL-3.0-or-later
"""Works 2 ms in one of ten coroutines after another, of which the oldest is replaced after each round, and 1 ms
in what runs them: relay.py SECONDS

Each is resumed by C code, out of a generator that is resumed by C code itself. Prints how many seconds it
was in inside() and in outside().
"""
import sys
import time


class Pause:
    def __await__(self):
        yield


def inside(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def outside(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


async def job():
    while True:
        start = time.perf_counter()
        inside(0.002)
        took[0] += time.perf_counter() - start
        await Pause()


def resume_each():
    jobs = [job() for _ in range(10)]
    while True:
        for each in jobs:
            each.send(None)
            start = time.perf_counter()
            outside(0.001)
            took[1] += time.perf_counter() - start
            yield
        jobs = jobs[1:] + [job()]


def run(seconds):
    relay = resume_each()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        relay.send(None)


took = [0.0, 0.0]
run(float(sys.argv[1]))
print(*took)
