# SPDX-License-Identifier: GPL-3.0-or-later
"""Does equal pieces of work at the end of a stack of 50 frames, and prints after each the processor time
it took, in nanoseconds.

Usage: units.py [STEPS]
"""

import sys
import time


def work(steps):
    total = 0
    for step in range(steps):
        total += step & 3
    return total


def descend(levels, steps):
    if levels > 1:
        return descend(levels - 1, steps)
    while True:
        start = time.process_time_ns()
        work(steps)
        print(time.process_time_ns() - start, flush=True)


descend(48, int(sys.argv[1]) if len(sys.argv) > 1 else 200000)
