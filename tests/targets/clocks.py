# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts, and asks for its processor time, by turns that last microseconds.

Usage: clocks.py [SECONDS]

Printed are the seconds in count() and in ask(). Asking has the kernel look whose turn it is. Any Python from 3.3 on
runs it.
"""

import sys
import time


def count():
    total = 0
    for step in range(250):
        total += step & 3
    return total


def ask():
    for _ in range(8):
        time.process_time()


def main(seconds):
    clock = time.perf_counter
    spent = [0, 0]
    now = clock()
    end = now + seconds
    while now < end:
        before = clock()
        count()
        middle = clock()
        ask()
        now = clock()
        spent[0] += middle - before
        spent[1] += now - middle
    print(*spent)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
