# SPDX-License-Identifier: GPL-3.0-or-later
"""Works as before(), then becomes another Python by exec, which works as after().

Usage: execute.py [SECONDS]
"""

import os
import sys
import time


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def before(seconds):
    work(seconds)


def after(seconds):
    work(seconds)


if __name__ == "__main__":
    half = float(sys.argv[1]) / 2 if len(sys.argv) > 1 else 0.5
    if len(sys.argv) > 2:
        after(half)
    else:
        before(half)
        os.execv(sys.executable, [sys.executable, __file__, str(half * 2), "after"])
