# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Works at the end of a stack of DEPTH frames.

Usage: deep.py [SECONDS [DEPTH]]

The stack is <module>, main, DEPTH − 3 times descend, and work.
"""

import sys
import time

clock = getattr(time, "monotonic", time.time)


def work(seconds):
    end = clock() + seconds
    total = 0
    while clock() < end:
        for step in range(100000):
            total += step & 3
    return total


def descend(levels, seconds):
    if levels <= 1:
        return work(seconds)
    return descend(levels - 1, seconds)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0
    depth = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    sys.setrecursionlimit(max(1000, depth + 100))
    descend(depth - 3, seconds)


if __name__ == "__main__":
    main()
