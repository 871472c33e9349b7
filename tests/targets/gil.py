# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs two threads that only compute, "left" and "right", and says what processor time each had.

Usage: gil.py [SECONDS]

Since the two do the same all the time, each holds the interpreter's lock while it runs and waits
for it otherwise. Printed are, in seconds, the processor time of left and of right, what the two
together waited for a processor, and the time on the wall.
"""

import sys
import threading
import time

SPENT = {}
QUEUED = []


def count(end):
    total = 0
    while time.monotonic() < end:
        for step in range(2000):
            total += step
    return total


def work(name, start, end):
    start.wait()
    count(end)
    SPENT[name] = time.thread_time()
    with open("/proc/thread-self/schedstat") as file:
        QUEUED.append(int(file.read().split()[1]) / 1e9)


def main(seconds):
    begin = time.monotonic()
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
    print(SPENT["left"], SPENT["right"], sum(QUEUED), time.monotonic() - begin)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
