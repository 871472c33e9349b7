# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes for a moment and sleeps for a moment, and says how long it took for each.

Usage: blocking.py [SECONDS]

The functions that compute are short. Printed are the seconds in compute() and in rest().
"""

from __future__ import print_function

import sys
import time

CLOCK = getattr(time, "monotonic", time.time)


def inner():
    return 1


def outer():
    return inner()


def compute():
    for _ in range(8000):
        outer()


def rest():
    time.sleep(0.00005)


def main(seconds):
    end = CLOCK() + seconds
    computed = 0
    rested = 0
    now = CLOCK()
    while now < end:
        begin = now
        compute()
        middle = CLOCK()
        rest()
        now = CLOCK()
        computed += middle - begin
        rested += now - middle
    print(computed, rested)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
