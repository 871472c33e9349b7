# SPDX-License-Identifier: GPL-3.0-or-later
"""Does one thing in the first half of every millisecond of the clock and another in the second.

Usage: in_step.py [SECONDS]

Printed are the seconds in first() and in second(). Any Python from 2.7 on runs it.
"""

from __future__ import print_function

import sys
import time

CLOCK = getattr(time, "monotonic", time.time)


def first(until):
    while CLOCK() < until:
        pass


def second(until):
    while CLOCK() < until:
        pass


def main(seconds):
    now = CLOCK()
    end = now + seconds
    spent = [0, 0]
    while now < end:
        beat = now // 0.001 * 0.001
        first(beat + 0.0005)
        middle = CLOCK()
        second(beat + 0.001)
        before, now = now, CLOCK()
        spent[0] += middle - before
        spent[1] += now - middle
    print(*spent)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
