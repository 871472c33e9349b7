# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes to both outputs, works for a fifth of a second and ends with a traceback."""

import sys
import time


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def fail():
    raise RuntimeError("as it should")


print("to standard output", flush=True)
print("to standard error", file=sys.stderr, flush=True)
work(0.2)
fail()
