# SPDX-License-Identifier: GPL-3.0-or-later
"""Two functions burn processor time 70 : 30, measured while they do.

Usage: seventy_thirty.py [SECONDS]

Both do the same work in small slices; the next slice goes to whichever is behind its share of the time
spent so far, so the shares are exact to one slice whatever else the machine does. At the end it prints
the wall time in seconds that seventy and thirty really took.
"""

from __future__ import print_function

import sys
import time


def seventy(steps):
    total = 0
    for step in range(steps):
        total += step * step
    return total


def thirty(steps):
    total = 0
    for step in range(steps):
        total += step * step
    return total


def main(seconds):
    clock = getattr(time, "perf_counter", time.time)
    spent_seventy = spent_thirty = 0.0
    start = now = clock()
    while now - start < seconds:
        if spent_seventy * 3 <= spent_thirty * 7:
            seventy(20000)
            then, now = now, clock()
            spent_seventy += now - then
        else:
            thirty(20000)
            then, now = now, clock()
            spent_thirty += now - then
    print(spent_seventy, spent_thirty)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
