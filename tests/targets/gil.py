# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs two threads that only compute, "left" and "right", and says what processor time each had.

Usage: gil.py [SECONDS]

Since the two do the same all the time, each holds the interpreter's lock while it runs and waits
for it otherwise. Printed are, of left and then of right, in seconds the processor time and what it
waited for a processor, and how often it has counted; then the seconds on the wall. Any Python from
2.7 on runs it.
"""

from __future__ import print_function

import sys
import threading
import time

CLOCK = getattr(time, "monotonic", time.time)
SPENT = {}


def count(end):
    total = 0
    rounds = 0
    while CLOCK() < end:
        for step in range(2000):
            total += step
        rounds += 1
    return rounds


def work(name, start, end):
    start.wait()
    rounds = count(end)
    with open("/proc/thread-self/schedstat") as account:
        SPENT[name] = [int(word) / 1e9 for word in account.read().split()[:2]] + [rounds]


def main(seconds):
    begin = CLOCK()
    end = begin + seconds
    start = threading.Event()
    threads = [
        threading.Thread(target=work, name=name, args=(name, start, end)) for name in ("left", "right")
    ]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join()
    print(*SPENT["left"] + SPENT["right"] + [CLOCK() - begin])


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
