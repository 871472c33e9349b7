# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Alternates a → b and c → d as fast as it can: a stack with a → d or c → b never exists.

Usage: alternate.py [SECONDS [THREADS]]

Says "at work" when it begins.
"""

import sys
import threading
import time

clock = getattr(time, "monotonic", time.time)


def b():
    return 1


def d():
    return 1


def a():
    return b()


def c():
    return d()


def main(seconds):
    end = clock() + seconds
    while clock() < end:
        for _ in range(1000):
            a()
            c()


if __name__ == "__main__":
    lifetime = float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0
    for _ in range(int(sys.argv[2]) - 1 if len(sys.argv) > 2 else 0):
        threading.Thread(target=main, args=(lifetime,)).start()
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    main(lifetime)
